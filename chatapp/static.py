"""How static files are named, kept and given out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from chatapp.bundles import script, style

ENTRIES = {"css/app.css": style, "js/main.js": script, "js/shared.js": script}


class Storage(CompressedManifestStaticFilesStorage):
    """What every page loads in one file each; hashed names also inside the import lines of other modules."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Called with what was collected: names, each with the storage that it came from."""
        for name in () if dry_run else ENTRIES.keys() & paths.keys():
            folder, entry = name.split("/")
            whole = ENTRIES[name](entry, partial(self._text, folder))
            self.delete(name)
            self.save(name, ContentFile(whole.encode()))
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def _text(self, folder: str, name: str) -> str:
        with self.open(f"{folder}/{name}") as file:
            return bytes(file.read()).decode()


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise on the event loop: a middleware that needs a thread costs every request two hops."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Nothing is opened and no query made until a file's address is asked for.
        response = super().__call__(request)
        return response if isinstance(response, HttpResponseBase) else await cast(Awaitable[HttpResponseBase], response)
