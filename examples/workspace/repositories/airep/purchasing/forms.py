"""What arrives from the receiving page."""

from django import forms

from inventory.models import Warehouse
from purchasing.models import PurchaseOrder


class ReceiptForm(forms.Form):
    """Warehouse, day, and one quantity per line that is still outstanding."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.none())
    received_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    delivery_note = forms.CharField(max_length=40, required=False)

    def __init__(self, order: PurchaseOrder, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse"].queryset = Warehouse.objects.for_tenant(order.tenant).filter(is_active=True)
        for line in order.lines.select_related("item"):
            if line.outstanding > 0:
                self.fields[f"line_{line.pk}"] = forms.DecimalField(
                    label=line.item.name,
                    min_value=0,
                    max_value=line.outstanding,
                    decimal_places=3,
                    required=False,
                )

    def quantities(self):
        """Line id to quantity, without the lines of which nothing came."""
        return {
            int(name.removeprefix("line_")): quantity
            for name, quantity in self.cleaned_data.items()
            if name.startswith("line_") and quantity
        }
