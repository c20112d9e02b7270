"""Which addresses a connection may go to, asked after DNS and about the very address that is connected to."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Permit = Callable[[Address], bool]

# Link-local networks hold every cloud's usual metadata service; the others are Amazon's over IPv6, Alibaba's, Oracle's.
METADATA_NETWORKS = [
    ipaddress.ip_network(network)
    for network in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32")
]
# An IPv4 address travels inside these: mapped, compatible and NAT64 in the last four bytes.
_CARRIERS = [ipaddress.ip_network(network) for network in ("::ffff:0:0/96", "::/96", "64:ff9b::/96")]
# All that IPv6 has given out for the Internet, RFC 4291 with IANA's registry.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Not of the Internet, whatever a version of Python thinks: shared, relays, benchmarks, Teredo, 6to4, documents.
_NOT_GLOBAL = [
    ipaddress.ip_network(network)
    for network in ("100.64.0.0/10", "192.88.99.0/24", "198.18.0.0/15", "2001::/32", "2002::/16", "3fff::/20")
]


def unwrapped(address: Address) -> Address:
    """The IPv4 address that packets to this one end at, where it holds one."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _CARRIERS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def may_be_provider(address: Address) -> bool:
    """Anything but a cloud's metadata service: administrators choose providers, also in private networks."""
    inner = unwrapped(address)
    return not any(inner in network for network in METADATA_NETWORKS)


def is_global(address: Address) -> bool:
    """Somewhere on the Internet: not this machine, its networks, its cloud, or a tunnel into them."""
    inner = unwrapped(address)
    if isinstance(inner, ipaddress.IPv6Address) and inner not in _GLOBAL_UNICAST:
        return False
    barred = [*METADATA_NETWORKS, *_NOT_GLOBAL]
    return inner.is_global and not inner.is_multicast and not any(inner in network for network in barred)
