"""Addresses of AIREP; every app brings its own urls module."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/reports/")),
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("stock/", include("inventory.urls")),
    path("purchasing/", include("purchasing.urls")),
    path("invoices/", include("invoicing.urls")),
    path("reports/", include("reports.urls")),
]
