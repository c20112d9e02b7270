"""Addresses of the log of access."""

from django.urls import path

from chatapp.audit import views

app_name = "audit"
urlpatterns = [
    path("c/<uuid:pk>/log/", views.of_conversation, name="conversation"),
    path("manage/log/", views.everywhere, name="everywhere"),
    path("manage/log/read/", views.read, name="read"),
]
