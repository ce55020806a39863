from django.urls import path

from invoicing import views

app_name = "invoicing"
urlpatterns = [
    path("", views.invoice_list, name="invoice_list"),
    path("payments/new/", views.payment_new, name="payment_new"),
    path("<int:pk>/", views.invoice_detail, name="invoice_detail"),
    path("<int:pk>/post/", views.invoice_post, name="invoice_post"),
    path("<int:pk>/credit/", views.credit_note_new, name="credit_note_new"),
]
