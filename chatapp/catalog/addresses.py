"""Where a provider may be. Administrators choose it, also in private networks, but never a cloud's metadata service."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from chatapp.upstream.addresses import Address, may_be_provider

_METADATA_NAMES = {"metadata", "metadata.google.internal", "instance-data"}


def check_base_url(url: str) -> None:
    """Raise ValidationError unless this is the http or https address of something that may be a provider."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValidationError("This is not a valid address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValidationError("Use an address that starts with https:// or http://.")
    if "@" in parts.netloc:
        raise ValidationError("No user name or password here: the key has a field of its own.")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValidationError("Only host and path: nothing after ? or #, no blanks.")
    if _is_metadata(host):
        raise ValidationError("Addresses of this kind belong to the machine's own network or cloud, not to a provider.")


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: to whom a key is shown."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def _is_metadata(host: str) -> bool:
    host = host.rstrip(".").lower()
    if host in _METADATA_NAMES:
        return True
    # What a name leads to is looked at when it is connected to.
    address = _numeric(host)
    return address is not None and not may_be_provider(address)


def _numeric(host: str) -> Address | None:
    """The address that a connection to this host would take without asking DNS; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            # The system also reads 2852039166, 0xa9fea9fe and 169.254.43518.
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
