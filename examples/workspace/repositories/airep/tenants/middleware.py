"""Puts `tenant` and `membership` on every request. It does not filter any query: that is the views' duty."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tenants.models import Membership

SESSION_KEY = "tenant_id"


class TenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = current_membership(request)
        request.tenant = request.membership.tenant if request.membership else None
        return self.get_response(request)


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in the session, else the user's first one; None for strangers."""
    if not request.user.is_authenticated:
        return None
    memberships = request.user.memberships.select_related("tenant").filter(tenant__is_active=True)
    chosen = memberships.filter(tenant_id=request.session.get(SESSION_KEY)).first()
    return chosen or memberships.order_by("pk").first()
