from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "chatapp.retention"
    label = "retention"
