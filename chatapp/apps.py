from django.apps import AppConfig


class ParleyConfig(AppConfig):
    name = "chatapp"
    label = "parley"
