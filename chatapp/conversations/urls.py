"""Addresses of conversations and messages."""

from django.urls import path

from chatapp.conversations import views

app_name = "conversations"
urlpatterns = [
    path("", views.start, name="start"),
    path("new/", views.new, name="new"),
    path("sidebar/", views.past, name="past"),
    path("sidebar/older/", views.older, name="older"),
    path("c/<uuid:pk>/", views.conversation, name="conversation"),
    path("c/<uuid:pk>/send/", views.send, name="send"),
    path("c/<uuid:pk>/rename/", views.rename, name="rename"),
    path("c/<uuid:pk>/send-on/", views.send_on, name="send-on"),
    path("c/<uuid:pk>/instructions/", views.instructions, name="instructions"),
    path("c/<uuid:pk>/delete/", views.delete, name="delete"),
    path("c/<uuid:pk>/restore/", views.restore, name="restore"),
    path("m/<int:pk>/stop/", views.stop, name="stop"),
    path("m/<int:pk>/continue/", views.go_on, name="continue"),
    path("m/<int:pk>/edit/", views.edit, name="edit"),
    path("m/<int:pk>/remove/", views.remove, name="remove"),
    path("m/<int:pk>/fork/", views.fork, name="fork"),
    path("m/<int:pk>/retry/", views.retry, name="retry"),
    path("m/<int:pk>/show/", views.show, name="show"),
    path("m/<int:pk>/source/", views.source, name="source"),
]
