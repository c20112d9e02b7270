"""Addresses of the prompt library."""

from __future__ import annotations

from django.urls import path

from chatapp.prompts import views

app_name = "prompts"
urlpatterns = [
    path("prompts/", views.listed, name="list"),
    path("prompts/new/", views.new, name="new"),
    path("prompts/menu/", views.menu, name="menu"),
    path("prompts/<int:pk>/", views.read, name="read"),
    path("prompts/<int:pk>/edit/", views.edit, name="edit"),
    path("prompts/<int:pk>/history/", views.history, name="history"),
    path("prompts/<int:pk>/history/<int:version>/", views.bring_back, name="bring-back"),
    path("prompts/<int:pk>/duplicate/", views.duplicate, name="duplicate"),
    path("prompts/<int:pk>/archive/", views.archive, name="archive"),
    path("prompts/<int:pk>/restore/", views.restore, name="restore"),
    path("prompts/<int:pk>/delete/", views.delete, name="delete"),
    path("prompts/<int:pk>/use/", views.start, name="use"),
    path("prompts/<int:pk>/chip/", views.chip, name="chip"),
    path("prompts/<int:pk>/instruct/<uuid:conversation>/", views.instruct, name="instruct"),
]
