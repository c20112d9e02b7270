"""Addresses of the catalogue and of its administration."""

from __future__ import annotations

from django.urls import path

from chatapp.catalog.pages import alias_trials, aliases, models, provider_checks, providers

app_name = "catalog"
urlpatterns = [
    path("manage/providers/", providers.listed, name="providers"),
    path("manage/providers/new/", providers.new, name="new_provider"),
    path("manage/providers/new/test/", provider_checks.test_new, name="test_new_provider"),
    path("manage/providers/local/", provider_checks.local_servers, name="local_servers"),
    path("manage/providers/<int:pk>/", providers.provider, name="provider"),
    path("manage/providers/<int:pk>/test/", provider_checks.test, name="test_provider"),
    path("manage/providers/<int:pk>/sync/", provider_checks.fetch_models, name="sync_provider"),
    path("manage/providers/<int:pk>/delete/", providers.delete, name="delete_provider"),
    path("manage/aliases/", aliases.listed, name="aliases"),
    path("manage/aliases/order/", aliases.order, name="order_aliases"),
    path("manage/aliases/new/", aliases.new, name="new_alias"),
    path("manage/aliases/models/", aliases.models_of_provider, name="models_of_provider"),
    path("manage/aliases/<int:pk>/", aliases.alias, name="alias"),
    path("manage/aliases/<int:pk>/try/", alias_trials.try_it, name="try_alias"),
    path("manage/aliases/<int:pk>/test/", alias_trials.test, name="test_alias"),
    path("manage/aliases/<int:pk>/delete/", aliases.delete, name="delete_alias"),
    path("models/", models.models, name="models"),
]
