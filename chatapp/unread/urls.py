"""Addresses of what is new."""

from django.urls import path

from chatapp.unread import views

app_name = "unread"
urlpatterns = [
    path("mentions/", views.mentions, name="mentions"),
    path("mentions/read/", views.read, name="read"),
    path("c/<uuid:pk>/people/", views.people, name="people"),
]
