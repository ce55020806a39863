"""What each role may do, and the two decorators that guard views.

Roles are fixed in code, on purpose: customers asked for four roles, not for a role editor.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tenants.models import Membership, Role


class Permission(StrEnum):
    VIEW = "view"
    EXPORT_REPORTS = "export_reports"
    EDIT_ORDERS = "edit_orders"
    APPROVE_ORDERS = "approve_orders"
    RECEIVE_GOODS = "receive_goods"
    POST_INVOICES = "post_invoices"
    RECORD_PAYMENTS = "record_payments"
    ISSUE_CREDIT_NOTES = "issue_credit_notes"
    CLOSE_PERIODS = "close_periods"


VIEWER = frozenset({Permission.VIEW, Permission.EXPORT_REPORTS})
CLERK = VIEWER | {
    Permission.EDIT_ORDERS,
    Permission.RECEIVE_GOODS,
    Permission.POST_INVOICES,
    Permission.RECORD_PAYMENTS,
}
MANAGER = CLERK | {Permission.APPROVE_ORDERS, Permission.ISSUE_CREDIT_NOTES}
OWNER = frozenset(Permission)

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: VIEWER,
    Role.CLERK: CLERK,
    Role.MANAGER: MANAGER,
    Role.OWNER: OWNER,
}

View = Callable[..., HttpResponse]


def allows(membership: Membership, permission: Permission) -> bool:
    return permission in ROLE_PERMISSIONS[membership.role]


def member_required(view: View) -> View:
    """The user is logged in and works for the tenant of this request; says nothing about the role."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.membership is None:
            raise PermissionDenied("You do not work for any tenant.")
        return view(request, *args, **kwargs)

    return guarded


def permission_required(permission: Permission) -> Callable[[View], View]:
    """Like member_required, and the role must carry the permission."""

    def decorate(view: View) -> View:
        @member_required
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not allows(request.membership, permission):
                raise PermissionDenied(f"Your role {request.membership.role} may not {permission}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
