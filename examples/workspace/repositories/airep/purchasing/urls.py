from django.urls import path

from purchasing import views

app_name = "purchasing"
urlpatterns = [
    path("", views.order_list, name="order_list"),
    path("<str:number>/", views.order_detail, name="order_detail"),
    path("<str:number>/approve/", views.order_approve, name="order_approve"),
    path("<str:number>/receive/", views.order_receive, name="order_receive"),
]
