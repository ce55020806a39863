from datetime import date

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError
from django.test import TestCase

from invoicing.models import Invoice
from reports.queries import trial_balance
from tenants.models import Branch, Membership, NumberSequence, Role, Tenant
from tenants.permissions import ROLE_PERMISSIONS, Permission, allows


class NumberSequenceTests(TestCase):
    def setUp(self):
        self.brushline = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        self.signum = Tenant.objects.create(name="Signum", slug="signum", country="CZ")

    def test_numbers_count_up_without_gaps(self):
        taken = [NumberSequence.next_number(self.brushline, "invoice", "INV-") for _ in range(3)]
        self.assertEqual(taken, ["INV-00001", "INV-00002", "INV-00003"])

    def test_every_tenant_counts_alone(self):
        NumberSequence.next_number(self.brushline, "invoice", "INV-")
        self.assertEqual(NumberSequence.next_number(self.signum, "invoice", "INV-"), "INV-00001")


class BranchTests(TestCase):
    def test_a_tenant_has_one_head_office(self):
        tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        Branch.objects.create(tenant=tenant, code="LIS", name="Lisbon", is_head_office=True)
        with self.assertRaises(IntegrityError):
            Branch.objects.create(tenant=tenant, code="OPO", name="Porto", is_head_office=True)


class PermissionTests(TestCase):
    def test_roles_only_grow(self):
        viewer, clerk, manager, owner = (
            ROLE_PERMISSIONS[role] for role in (Role.VIEWER, Role.CLERK, Role.MANAGER, Role.OWNER)
        )
        self.assertTrue(viewer < clerk < manager < owner)

    def test_clerks_do_not_approve_orders(self):
        user = get_user_model().objects.create_user("rita")
        tenant = Tenant.objects.create(name="Brushline", slug="brushline", country="PT")
        membership = Membership.objects.create(tenant=tenant, user=user, role=Role.CLERK)
        self.assertFalse(allows(membership, Permission.APPROVE_ORDERS))
        self.assertTrue(allows(membership, Permission.RECEIVE_GOODS))


class MiddlewareTests(TestCase):
    def test_a_stranger_is_sent_to_the_login_page(self):
        response = self.client.get("/reports/")
        self.assertRedirects(response, "/login/?next=/reports/")

    def test_a_user_without_membership_is_refused(self):
        self.client.force_login(get_user_model().objects.create_user("rita"))
        self.assertEqual(self.client.get("/reports/").status_code, 403)


class DemoTests(TestCase):
    def test_the_demo_trades_and_its_books_balance(self):
        call_command("seed_demo", verbosity=0)
        for tenant in Tenant.objects.all():
            total = trial_balance(tenant, date(2026, 12, 31))[-1]
            self.assertEqual(total.figures[0], total.figures[1])
            self.assertEqual(Invoice.objects.for_tenant(tenant).count(), 2)
