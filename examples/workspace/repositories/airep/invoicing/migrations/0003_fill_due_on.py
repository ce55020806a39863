"""Gives invoices that were posted before the due date existed the date they would have had."""

from datetime import timedelta

from django.db import migrations

BATCH = 500


def fill_due_on(apps, schema_editor):
    Invoice = apps.get_model("invoicing", "Invoice")
    missing = Invoice.objects.filter(due_on__isnull=True, issued_on__isnull=False).order_by("pk")
    while batch := list(missing.select_related("customer")[:BATCH]):
        for invoice in batch:
            invoice.due_on = invoice.issued_on + timedelta(days=invoice.customer.payment_days)
        Invoice.objects.bulk_update(batch, ["due_on"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("invoicing", "0002_invoice_due_on"),
    ]

    operations = [
        migrations.RunPython(fill_due_on, migrations.RunPython.noop),
    ]
