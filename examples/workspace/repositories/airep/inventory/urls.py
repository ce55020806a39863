from django.urls import path

from inventory import views

app_name = "inventory"
urlpatterns = [
    path("", views.item_list, name="item_list"),
    path("<str:sku>/", views.item_detail, name="item_detail"),
]
