"""Numbers of the catalogue in the few characters that a table has for them."""

from __future__ import annotations

from decimal import Decimal

# A question with some history, and an answer of a page.
TYPICAL_IN = 2_000
TYPICAL_OUT = 900
_MILLION = Decimal(1_000_000)
_CENTS = 2


def short_tokens(tokens: int) -> str:
    """131072 and 128000 are both "128k", 1048576 is "1M"; small numbers stay as they are."""
    for size, sign in ((1_000_000, "M"), (1 << 20, "M"), (1000, "k"), (1 << 10, "k")):
        if tokens >= size and tokens % size == 0:
            return f"{tokens // size:,}{sign}"
    if tokens >= 10_000:
        return f"{tokens / 1000:,.0f}k"
    return f"{tokens:,}"


def price(dollars: Decimal | None) -> str:
    """Of a million tokens: "$0.40", "$0.0375", "Free"; nothing where it is not known."""
    if dollars is None:
        return ""
    return f"${plain_price(dollars)}" if dollars else "Free"


def plain_price(dollars: Decimal) -> str:
    """At least cents, and no more zeros than that."""
    whole, _, fraction = f"{dollars:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(_CENTS, '0')}"


def typical_cost(price_in: Decimal | None, price_out: Decimal | None) -> Decimal | None:
    """Dollars for one answer of the usual size; None where a price is not known."""
    if price_in is None or price_out is None:
        return None
    return (price_in * TYPICAL_IN + price_out * TYPICAL_OUT) / _MILLION


def cost(dollars: Decimal) -> str:
    if not dollars:
        return "Free"
    return f"${dollars:.4f}" if dollars < 1 else f"${dollars:,.2f}"


def seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"
