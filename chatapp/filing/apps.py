from django.apps import AppConfig


class FilingConfig(AppConfig):
    name = "chatapp.filing"
    label = "filing"
