"""Who owns data: tenants, their branches, who works for them, and their document numbers."""

from django.conf import settings
from django.db import models, transaction

from core.models import TenantOwned, TimeStamped


class Tenant(TimeStamped):
    """One company that uses AIREP. Every business row points at one."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    country = models.CharField(max_length=2, help_text="ISO 3166 code of the tax residence")
    currency = models.CharField(max_length=3, default="EUR")
    vat_number = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="tenants")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Branch(TenantOwned):
    """A place of business with its own stock and its own people."""

    code = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    address = models.TextField(blank=True)
    is_head_office = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "branches"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_head_office=True), name="one_head_office_per_tenant"
            ),
            models.UniqueConstraint(fields=["tenant", "code"], name="branch_code_unique_per_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    CLERK = "clerk", "Clerk"
    VIEWER = "viewer", "Viewer"


class Membership(TimeStamped):
    """What a user may do for a tenant; the role is translated by tenants/permissions.py."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    home_branch = models.ForeignKey(
        Branch, on_delete=models.SET_NULL, null=True, blank=True, related_name="staff"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_per_tenant")]

    def __str__(self) -> str:
        return f"{self.user} at {self.tenant} ({self.role})"


class NumberSequence(TenantOwned):
    """Gapless document numbers: one counter per tenant and kind of document."""

    kind = models.CharField(max_length=20)
    prefix = models.CharField(max_length=8)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind"], name="one_sequence_per_kind")]

    def __str__(self) -> str:
        return f"{self.tenant} {self.kind}: {self.prefix}{self.last_number:05d}"

    @classmethod
    def next_number(cls, tenant: Tenant, kind: str, prefix: str) -> str:
        """Take the next number; the row stays locked until the caller's transaction ends."""
        with transaction.atomic():
            cls.objects.get_or_create(tenant=tenant, kind=kind, defaults={"prefix": prefix})
            sequence = cls.objects.select_for_update().get(tenant=tenant, kind=kind)
            sequence.last_number += 1
            sequence.save(update_fields=["last_number", "updated_at"])
        return f"{sequence.prefix}{sequence.last_number:05d}"
