from decimal import Decimal

from django.test import SimpleTestCase

from airep.settings import database_from_url
from core.money import percent_of, round_money, total


class MoneyTests(SimpleTestCase):
    def test_halves_go_to_the_even_cent(self):
        self.assertEqual(round_money(Decimal("2.125")), Decimal("2.12"))
        self.assertEqual(round_money(Decimal("2.135")), Decimal("2.14"))

    def test_percent_is_not_rounded(self):
        self.assertEqual(percent_of(Decimal("10.03"), Decimal("21")), Decimal("2.1063"))

    def test_the_total_of_nothing_is_zero(self):
        self.assertEqual(total([]), Decimal("0.00"))


class DatabaseUrlTests(SimpleTestCase):
    def test_postgres_passwords_are_unquoted(self):
        database = database_from_url("postgres://airep:p%40ss@db.internal:5433/airep")
        self.assertEqual(database["PASSWORD"], "p@ss")
        self.assertEqual(database["PORT"], "5433")

    def test_other_schemes_are_refused(self):
        with self.assertRaisesMessage(ValueError, "use sqlite or postgres"):
            database_from_url("mysql://localhost/airep")
