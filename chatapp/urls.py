"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from chatapp.conversations.views import healthy

urlpatterns = [
    path("", include("chatapp.conversations.urls")),
    path("", include("accounts.urls")),
    path("", include("chatapp.catalog.urls")),
    path("images/", include("chatapp.images.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthy, name="healthy"),
]
