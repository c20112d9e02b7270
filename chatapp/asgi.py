"""The application: pages through Django, live answers through Channels."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
# Models can be imported only after this line.
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator, WebsocketDenier  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from chatapp.generation.consumers import Viewer  # noqa: E402
from chatapp.images.gate import Gate  # noqa: E402
from chatapp.sharing.link_sockets import LinkViewer  # noqa: E402
from chatapp.whole import Whole  # noqa: E402

sockets = URLRouter(
    [
        path("ws/", Viewer.as_asgi()),
        path("ws/c/<uuid:conversation_id>/", Viewer.as_asgi()),
        path("ws/s/<str:token>/", LinkViewer.as_asgi()),
        # Without it an unknown address is a traceback.
        re_path("", WebsocketDenier.as_asgi()),
    ]
)
application = ProtocolTypeRouter(
    # An upload that nobody waits for any more is dropped.
    {"http": Gate(pages, Whole(pages)), "websocket": OriginValidator(sockets, settings.PARLEY_ORIGINS)}
)
