"""Every limit and period of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# A longer one is refused before it is hashed.
PASSWORD_CHARACTERS = 1000

SETUP_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts that did not end well within a window that opens with the first of them."""

    name: str
    attempts: int
    window: timedelta


# One account from one address.
PAIR = Limit("pair", 10, timedelta(minutes=5))
# One account from anywhere; addresses where its owner signed in lately do not count, so nobody can lock the owner out.
ACCOUNT = Limit("account", 20, timedelta(minutes=15))
# One address, whatever the account.
ADDRESS = Limit("address", 100, timedelta(minutes=5))

ADDRESS_KNOWN_FOR = timedelta(days=30)
# What a customer of a network usually holds: counting single addresses of version 6 would bound nothing.
IPV6_PREFIX_BITS = 64
