"""A form that has arrived whole is carried out, although its browser may have gone on before the answer.

Django cancels the work of a request whose connection is lost: between the commit of a question and the start of its
answer, too.
"""

from __future__ import annotations

import asyncio
from typing import Any


class Whole:
    """An ASGI application whose inner one never learns that the browser of a form is gone.

    Daphne still ends what goes on for ten seconds after that.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] != "POST":
            await self._application(scope, receive, send)
            return
        arrived = False

        async def hear() -> Any:
            nonlocal arrived
            message = await receive()
            if message["type"] == "http.request":
                arrived = not message.get("more_body")
            elif arrived:
                # Django waits for this until it has answered.
                await asyncio.Future()
            return message

        await self._application(scope, hear, send)
