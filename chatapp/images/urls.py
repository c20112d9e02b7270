"""The addresses of images."""

from django.urls import path

from chatapp.images import views

app_name = "images"
urlpatterns = [
    path("", views.upload, name="upload"),
    path("fetch/", views.fetch, name="fetch"),
    path("unsent/", views.unsent, name="unsent"),
    path("<uuid:pk>/", views.full, name="full"),
    path("<uuid:pk>/small/", views.small, name="small"),
    path("<uuid:pk>/alt/", views.alt, name="alt"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
]
