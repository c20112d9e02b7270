"""Addresses of signing in and of one's own account."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("setup/<str:token>/", views.first_administrator, name="setup"),
    path("account/", views.profile, name="profile"),
    path("account/theme/", views.theme, name="theme"),
    path("account/password/", views.change_password, name="change_password"),
    path("account/sign-out-elsewhere/", views.end_other_sessions, name="end_other_sessions"),
]
