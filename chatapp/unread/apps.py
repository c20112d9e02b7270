from django.apps import AppConfig


class UnreadConfig(AppConfig):
    name = "chatapp.unread"
    label = "unread"
