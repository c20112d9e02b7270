from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "chatapp.search"
    label = "search"
