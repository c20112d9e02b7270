"""Addresses of conversations and messages."""

from django.urls import path

from chatapp.conversations import posts, views

app_name = "conversations"
urlpatterns = [
    path("", views.start, name="start"),
    path("new/", posts.new, name="new"),
    path("sidebar/", views.past, name="past"),
    path("sidebar/older/", views.older, name="older"),
    path("c/<uuid:pk>/", views.conversation, name="conversation"),
    path("c/<uuid:pk>/send/", posts.send, name="send"),
    path("c/<uuid:pk>/rename/", posts.rename, name="rename"),
    path("c/<uuid:pk>/stop/", posts.stop_all, name="stop-all"),
    path("c/<uuid:pk>/send-on/", posts.send_on, name="send-on"),
    path("c/<uuid:pk>/instructions/", views.instructions, name="instructions"),
    path("c/<uuid:pk>/delete/", posts.delete, name="delete"),
    path("c/<uuid:pk>/restore/", posts.restore, name="restore"),
    path("m/<int:pk>/stop/", posts.stop, name="stop"),
    path("m/<int:pk>/continue/", posts.go_on, name="continue"),
    path("m/<int:pk>/edit/", posts.edit, name="edit"),
    path("m/<int:pk>/remove/", posts.remove, name="remove"),
    path("m/<int:pk>/fork/", posts.fork, name="fork"),
    path("m/<int:pk>/answer/", posts.answer, name="answer"),
    path("m/<int:pk>/retry/", posts.retry, name="retry"),
    path("m/<int:pk>/keep/", posts.keep, name="keep"),
    path("m/<int:pk>/show/", posts.show, name="show"),
    path("m/<int:pk>/source/", views.source, name="source"),
]
