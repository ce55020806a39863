"""Abstract bases that every app builds on. No table lives here."""

from django.db import models


class TimeStamped(models.Model):
    """Adds when a row was made and last saved."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class TenantQuerySet(models.QuerySet):
    """The one way to narrow rows to a tenant (see docs/tenancy.md)."""

    def for_tenant(self, tenant):
        return self.filter(tenant=tenant)


class TenantOwned(TimeStamped):
    """A row that belongs to exactly one tenant. Deleting a tenant that still owns rows is refused."""

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="%(app_label)s_%(class)s_set"
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
