"""Whom a tenant trades with, and the people to call there."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MinValueValidator
from django.db import models

from core.models import TenantOwned, TenantQuerySet


class PartyQuerySet(TenantQuerySet):
    def active(self):
        return self.filter(is_blocked=False)

    def named(self, text: str):
        return self.filter(models.Q(name__icontains=text) | models.Q(number__istartswith=text))


class Party(TenantOwned):
    """What customers and suppliers have in common."""

    number = models.CharField(max_length=20)
    name = models.CharField(max_length=160)
    vat_number = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    email = models.EmailField(blank=True)
    is_blocked = models.BooleanField(default=False)
    contacts = GenericRelation("parties.Contact", "party_id", "party_type")

    objects = PartyQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Customer(Party):
    branch = models.ForeignKey(
        "tenants.Branch", on_delete=models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    payment_days = models.PositiveSmallIntegerField(default=30)
    credit_limit = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )

    class Meta(Party.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="customer_number_unique_per_tenant")
        ]
        indexes = [models.Index(fields=["tenant", "name"], name="customer_tenant_name")]


class Supplier(Party):
    lead_time_days = models.PositiveSmallIntegerField(default=7)
    minimum_order = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta(Party.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="supplier_number_unique_per_tenant")
        ]


class Contact(TenantOwned):
    """A person at a customer or a supplier."""

    party_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    party_id = models.PositiveBigIntegerField()
    party = GenericForeignKey("party_type", "party_id")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_primary = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["party_type", "party_id"], name="contact_party")]

    def __str__(self) -> str:
        return self.name
