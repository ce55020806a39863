from django.db import IntegrityError
from django.test import TestCase

from parties.models import Contact, Customer, Supplier
from tenants.models import Tenant


class PartyTests(TestCase):
    def setUp(self):
        self.brushline = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        self.signum = Tenant.objects.create(name="Signum", slug="signum", country="CZ")

    def test_two_tenants_may_use_the_same_customer_number(self):
        Customer.objects.create(tenant=self.brushline, number="C-1", name="Limpa Ruas", country="PT")
        Customer.objects.create(tenant=self.signum, number="C-1", name="Mesto Zlin", country="CZ")
        self.assertEqual(Customer.objects.for_tenant(self.brushline).get().name, "Limpa Ruas")
        with self.assertRaises(IntegrityError):
            Customer.objects.create(tenant=self.signum, number="C-1", name="Obec Lhota", country="CZ")

    def test_search_finds_names_and_numbers_but_not_the_blocked(self):
        Supplier.objects.create(tenant=self.signum, number="S-7", name="Kartex", country="CZ")
        Supplier.objects.create(
            tenant=self.signum, number="S-8", name="Kartonaz", country="CZ", is_blocked=True
        )
        found = Supplier.objects.for_tenant(self.signum).active()
        self.assertEqual([party.number for party in found.named("kart")], ["S-7"])
        self.assertEqual([party.number for party in found.named("s-7")], ["S-7"])

    def test_contacts_hang_on_either_kind_of_party(self):
        supplier = Supplier.objects.create(tenant=self.signum, number="S-7", name="Kartex", country="CZ")
        Contact.objects.create(tenant=self.signum, party=supplier, name="Jana Mala", is_primary=True)
        self.assertEqual(supplier.contacts.get().name, "Jana Mala")
