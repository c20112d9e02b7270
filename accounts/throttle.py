"""Bounds the guessing of passwords. Counted in the database, so that it holds across processes and restarts.

An attempt counts before its password is looked at, else parallel guesses would all find room; a success gives it back.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.limits import ACCOUNT, ADDRESS, ADDRESS_KNOWN_FOR, IPV6_PREFIX_BITS, PAIR, Limit
from accounts.models import AttemptCount


class Throttled(Exception):
    """Too many attempts; there is room again after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at `account`, a user name as it was typed, from `address`. It counts from `begin` on."""

    account: str
    address: str

    def begin(self) -> None:
        """Take room under every limit or, raising Throttled, under none."""
        now = timezone.now()
        with transaction.atomic():
            AttemptCount.objects.filter(until__lte=now).delete()
            for limit in self._limits():
                _take(limit, self._key(limit.name), now)

    def succeeded(self) -> None:
        """Forget the failures of this account at this address, and know the address from now on."""
        known = {"until": timezone.now() + ADDRESS_KNOWN_FOR}
        with transaction.atomic():
            AttemptCount.objects.filter(key=self._key(PAIR.name)).delete()
            shared = [self._key(ACCOUNT.name), self._key(ADDRESS.name)]
            AttemptCount.objects.filter(key__in=shared, count__gt=0).update(count=F("count") - 1)
            AttemptCount.objects.update_or_create(key=self._key("known"), defaults=known)

    def _limits(self) -> Iterable[Limit]:
        known = AttemptCount.objects.filter(key=self._key("known")).exists()
        return (PAIR, ADDRESS) if known else (PAIR, ACCOUNT, ADDRESS)

    def _key(self, name: str) -> str:
        account = "" if name == ADDRESS.name else self.account.strip().lower()
        address = "" if name == ACCOUNT.name else self.address
        counted = "\n".join([name, account, address])
        return salted_hmac("accounts.throttle", counted, algorithm="sha256").hexdigest()


def _take(limit: Limit, key: str, now: datetime) -> None:
    row, _ = AttemptCount.objects.get_or_create(key=key, defaults={"until": now + limit.window})
    room = AttemptCount.objects.filter(key=key, count__lt=limit.attempts)
    if not room.update(count=F("count") + 1):
        raise Throttled(max(1, math.ceil((row.until - now).total_seconds())))


def peer_address(request: HttpRequest) -> str:
    """Who is at the other end, as one bucket: an IPv4 address or an IPv6 network.

    Behind a trusted proxy that is the last address of X-Forwarded-For, the one that our proxy itself wrote down;
    what stands before it is the client's own word.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if settings.PARLEY_TRUST_PROXY:
        found = request.META.get("HTTP_X_FORWARDED_FOR", found).rpartition(",")[2].strip()
    return bucket(found)


def bucket(found: str) -> str:
    """The IPv4 address or the IPv6 network in which this address is counted."""
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((address, IPV6_PREFIX_BITS), strict=False))
