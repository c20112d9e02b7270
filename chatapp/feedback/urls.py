"""Addresses of opinions about answers."""

from __future__ import annotations

from django.urls import path

from chatapp.feedback import views

app_name = "feedback"
urlpatterns = [
    path("m/<int:pk>/feedback/", views.opinion, name="opinion"),
    path("m/<int:pk>/feedback/comment/", views.comment, name="comment"),
    path("manage/feedback/", views.received, name="received"),
]
