"""Addresses of pins, the archive and folders."""

from django.urls import path

from chatapp.filing import folder_views, views

app_name = "filing"
urlpatterns = [
    path("chats/", views.chats, name="chats"),
    path("chats/undo/", views.undo, name="undo"),
    path("archive/", views.archive, name="archive"),
    path("c/<uuid:pk>/file/", views.file, name="file"),
    path("c/<uuid:pk>/pin/", views.pin, name="pin"),
    path("c/<uuid:pk>/unpin/", views.unpin, name="unpin"),
    path("c/<uuid:pk>/archive/", views.put_away, name="put-away"),
    path("c/<uuid:pk>/unarchive/", views.bring_back, name="bring-back"),
    path("c/<uuid:pk>/move/", views.move, name="move"),
    path("folders/", folder_views.listing, name="folders"),
    path("folders/<int:pk>/rename/", folder_views.rename, name="rename-folder"),
    path("folders/<int:pk>/up/", folder_views.up, name="folder-up"),
    path("folders/<int:pk>/down/", folder_views.down, name="folder-down"),
    path("folders/<int:pk>/delete/", folder_views.delete, name="delete-folder"),
]
