"""What arrives from the payment and credit note pages."""

from django import forms

from core.money import CENT
from invoicing.models import Payment
from parties.models import Customer


class PaymentForm(forms.Form):
    customer = forms.ModelChoiceField(Customer.objects.none())
    amount = forms.DecimalField(max_digits=14, decimal_places=2, min_value=CENT)
    received_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    method = forms.ChoiceField(choices=Payment.Method.choices)
    bank_reference = forms.CharField(max_length=80, required=False)

    def __init__(self, tenant, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.for_tenant(tenant)


class CreditNoteForm(forms.Form):
    amount = forms.DecimalField(max_digits=14, decimal_places=2, min_value=CENT)
    reason = forms.CharField(max_length=200)
    issued_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
