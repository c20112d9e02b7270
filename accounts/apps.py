"""How Django finds this room, and the administration that it gives the house."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"
    default = True


class AdministrationConfig(django_admin.AdminConfig):
    """Stands in INSTALLED_APPS in the place of django.contrib.admin."""

    default_site = "accounts.administration.Administration"
    default = False
