from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "chatapp.images"
    label = "images"
