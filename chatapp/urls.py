"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from chatapp.conversations.views import healthy

handler500 = "chatapp.failures.broken"
urlpatterns = [
    path("", include("chatapp.conversations.urls")),
    path("", include("accounts.urls")),
    path("", include("chatapp.catalog.urls")),
    path("images/", include("chatapp.images.urls")),
    path("", include("chatapp.search.urls")),
    path("", include("chatapp.filing.urls")),
    path("", include("chatapp.transfer.urls")),
    path("", include("chatapp.retention.urls")),
    path("", include("chatapp.feedback.urls")),
    path("", include("chatapp.prompts.urls")),
    path("", include("chatapp.sharing.urls")),
    path("", include("chatapp.audit.urls")),
    path("", include("chatapp.unread.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthy, name="healthy"),
]
