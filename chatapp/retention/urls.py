"""Addresses of the rules about what is kept."""

from __future__ import annotations

from django.urls import path

from chatapp.retention import views

app_name = "retention"
urlpatterns = [
    path("c/<uuid:pk>/keep/", views.keep_chat, name="keep"),
    path("manage/retention/", views.listed, name="rules"),
    path("manage/retention/new/", views.new, name="new_rule"),
    path("manage/retention/<int:pk>/", views.rule, name="rule"),
    path("manage/retention/<int:pk>/delete/", views.delete, name="delete_rule"),
]
