"""An image by its link. The server must not be led to addresses of its own: not by name, by DNS, nor by a redirect."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings

from accounts.models import User
from chatapp.images import storing
from chatapp.images.models import Image
from chatapp.images.refusals import NotFetched
from chatapp.imaging.errors import ImageRefused
from chatapp.upstream.addresses import Permit, is_global
from chatapp.upstream.errors import Forbidden, UpstreamError
from chatapp.upstream.limits import Limits
from chatapp.upstream.transport import Stream, send

MOST_REDIRECTS = 3
# For all of it, redirects too.
SECONDS = 10.0
LONGEST_URL = 2000  # characters
# In this process; a link costs us a connection and costs its writer nothing.
MOST_AT_ONCE = 8
_LIMITS = Limits(connect=5.0, silence=5.0, total=SECONDS)
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity"}

_under_way: set[object] = set()


async def fetch(user: User, url: str, *, permit: Permit = is_global) -> Image:
    """Keep the image behind an http or https link as an unsent one. Raises ImageRefused or NotKept, as `store`."""
    check(url)
    if len(_under_way) >= MOST_AT_ONCE:
        raise ImageRefused("busy")

    async def bring(to: Path) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                await download(url, to, settings.PARLEY_IMAGE_BYTES, permit)
        except TimeoutError:
            raise NotFetched(f"The link did not give its image within {SECONDS:g} seconds.") from None

    turn = object()
    _under_way.add(turn)
    try:
        return await storing.keep(user, name_in(url), bring)
    finally:
        _under_way.discard(turn)


def name_in(url: str) -> str:
    """The last part of a link's path, as a file's name."""
    try:
        return storing.shown_name(unquote(urlsplit(url).path).rstrip("/"))
    except ValueError:
        return storing.shown_name("")


def check(url: str) -> None:
    """Raise NotFetched unless this is a whole http or https link without a password in it."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise NotFetched("This is not a link that can be followed. It has to begin with https:// or http://.")
    if "@" in parts.netloc:
        raise NotFetched("Links with a user name or password are not followed.")


async def download(url: str, to: Path, most: int, permit: Permit) -> None:
    """Write what the link gives to this path, at most so many bytes. Raises NotFetched or ImageRefused."""
    try:
        response = await _arrived(url, permit)
        try:
            await _write(response, to, most)
        finally:
            response.abort()
    except Forbidden:
        raise NotFetched("The link leads to a private address, which is not followed.") from None
    except UpstreamError:
        raise NotFetched("The link cannot be reached, or broke off.") from None


async def _arrived(url: str, permit: Permit) -> Stream:
    """The response at the end of the redirects; each hop is checked as the first one."""
    for _ in range(MOST_REDIRECTS + 1):
        response = await send("GET", url, _HEADERS, None, _LIMITS, permit)
        location = response.headers.get("location", "")
        if response.status == 200:
            return response
        response.abort()
        if response.status not in _REDIRECTS or not location:
            raise NotFetched(f"The link gives no image: the server there answered {response.status}.")
        url = _next(url, location)
        check(url)
    raise NotFetched(f"The link leads on more than {MOST_REDIRECTS} times.")


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise NotFetched("The link leads on to something that is no link.") from None


async def _write(response: Stream, to: Path, most: int) -> None:
    claimed = response.headers.get("content-length", "")
    size = int(claimed) if claimed.isascii() and claimed.isdecimal() else 0
    with to.open("xb") as file:
        written = 0
        while size <= most and (data := await response.read()):
            written += len(data)
            size = max(size, written)
            await storing.unbroken(asyncio.to_thread(file.write, data))
    if size > most:
        raise ImageRefused("too-big", bytes=size, limit=most)
