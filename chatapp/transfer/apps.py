from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "chatapp.transfer"
    label = "transfer"
