"""From an address to the link behind it, for people without an account: its password, and how often it was opened."""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.limits import PASSWORD_CHARACTERS
from accounts.throttle import Attempt
from chatapp.sharing.links import digest_of
from chatapp.sharing.models import Link

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
# How long a password that was given holds in that browser.
OPENED_SECONDS = 12 * 3600
# A visitor is counted again after so long; so many are told apart at a time.
VISIT_SECONDS = 3600
MOST_VISITORS = 20_000
_signer = TimestampSigner(salt="sharing.opened")


def link_behind(token: str) -> Link | None:
    """The link of this token, also one that is over; None for any other word. One query."""
    if not _TOKEN.fullmatch(token):
        return None
    found = Link.objects.known().filter(digest=digest_of(token))
    return found.select_related("conversation__owner", "made_by", "snapshot").first()


def opened(link: Link, cookies: Mapping[str, str]) -> bool:
    """Whether the link has no password, or this browser has given it lately."""
    if not link.password:
        return True
    try:
        kept = _signer.unsign(cookies.get(_cookie(link), ""), max_age=OPENED_SECONDS)
    except BadSignature:
        return False
    return constant_time_compare(kept, _proof(link))


def unlock(link: Link, password: str, address: str) -> bool:
    """Whether this is the password. Raises Throttled, whether or not it is."""
    attempt = Attempt(f"link:{link.digest}", address)
    attempt.begin()
    if len(password) > PASSWORD_CHARACTERS or not check_password(password, link.password):
        return False
    attempt.succeeded()
    return True


def keep_open(link: Link, response: HttpResponse) -> None:
    """Let this browser in without the password, for a while and for this link alone."""
    response.set_cookie(
        _cookie(link),
        _signer.sign(_proof(link)),
        max_age=OPENED_SECONDS,
        secure=settings.USE_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def count(link_id: int) -> None:
    Link.objects.filter(pk=link_id).update(views=F("views") + 1, viewed_at=timezone.now())


def _cookie(link: Link) -> str:
    name = salted_hmac("sharing.cookie", link.digest).hexdigest()[:16]
    return f"{'__Host-' if settings.USE_HTTPS else ''}parley-link-{name}"


def _proof(link: Link) -> str:
    """Another password gives another one."""
    return salted_hmac("sharing.proof", f"{link.digest} {link.password}", algorithm="sha256").hexdigest()


class Visitors:
    """Tells a visit from a reload. Who it was is kept as a digest under a key of this process, in its memory alone."""

    def __init__(self) -> None:
        self._key = secrets.token_hex(16)
        self._seen: OrderedDict[str, float] = OrderedDict()

    def is_new(self, link: Link, address: str, browser: str) -> bool:
        """Note this visit; False if the same browser at the same address was here within the hour."""
        now = time.monotonic()
        visitor = salted_hmac(self._key, f"{link.pk} {address} {browser}", algorithm="sha256").hexdigest()
        self._forget(now)
        if visitor in self._seen:
            return False
        self._seen[visitor] = now
        return True

    def _forget(self, now: float) -> None:
        """Those who were here first, where their hour is over or there are too many."""
        while self._seen:
            if now - next(iter(self._seen.values())) <= VISIT_SECONDS and len(self._seen) < MOST_VISITORS:
                return
            self._seen.popitem(last=False)


visitors = Visitors()
