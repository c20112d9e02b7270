"""How Django finds this room."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "chatapp.catalog"
    verbose_name = "Models"
