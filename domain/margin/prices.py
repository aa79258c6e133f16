"""Liquidation and bankruptcy price: where the money behind a position meets what must be left.

Behind the positions of one instrument stands a collateral. At a price p each leg has gained
side x quantity x (p - entry), and the venue wants quantity x p x rate - deduction of it back. The
liquidation price is where both are equal, which is the formula that Binance publishes for one-way
and hedge mode, cross and isolated (https://www.binance.com/en/support/faq/
b3c689c1f50a44cabb3a84e663b81d93):

    LP = (WB - TMM1 + UPNL1 + cum - side x quantity x entry) / (quantity x MMR - side x quantity)

with one term a leg: both legs of a hedged instrument share their price in cross margin. The
`collateral` is WB - TMM1 + UPNL1 (wallet, less maintenance margin and plus unrealised profit of all
other instruments); in isolated margin the position's own margin. Bybit's isolated formula
(https://www.bybit.com/en/help-center/article/UTA-Trading-Rules) is the same equation with other
letters; bybit.py has the collateral that it uses.

Rates and deductions are those of the bracket at the liquidation price, as Binance demands: the
brackets are gone through, and the one that the solution lies in is the right one.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from domain.margin.tiers import MarginTier, tier_of
from domain.values import ZERO, Price, Side, divided, magnitude, minus, plus, times


class Leg(NamedTuple):
    """What is held on one side of an instrument."""

    side: Side
    """BUY for a long leg, SELL for a short one."""
    quantity: Decimal
    """Above 0."""
    cost: Decimal
    """Quantity times average entry price; exact where the average is not."""
    surcharge: Decimal = ZERO
    """Ratio of the value that the venue wants besides maintenance (Bybit: the fee to close)."""


def unrealised(leg: Leg, price: Decimal) -> Decimal:
    """Profit if the leg were closed at a price, before fees."""
    return times(minus(times(leg.quantity, price), leg.cost), Decimal(leg.side.sign))


def bankruptcy_price(legs: Sequence[Leg], collateral: Decimal) -> Price | None:
    """Where nothing is left; None where no price above 0 takes it all."""
    return _positive(_root(legs, collateral, [ZERO] * len(legs), ZERO))


def liquidation_price(
    legs: Sequence[Leg], collateral: Decimal, tiers: Sequence[MarginTier], mark: Decimal
) -> Price | None:
    """Where just the maintenance margin is left; None where no price above 0 leads there.

    A hedged instrument may have one below and one above: the one nearer to the mark is given.
    """
    if not tiers or not legs:
        return None
    found = [
        root
        for low, high in _brackets(legs, tiers)
        if (root := _in_bracket(legs, collateral, tiers, low, high)) is not None
    ]
    return min(found, key=lambda price: magnitude(minus(price, mark)), default=None)


def _in_bracket(
    legs: Sequence[Leg],
    collateral: Decimal,
    tiers: Sequence[MarginTier],
    low: Decimal,
    high: Decimal | None,
) -> Price | None:
    """The solution between two prices at which a bracket ends, if there is one."""
    inside = plus(low, Decimal(1)) if high is None else divided(plus(low, high), Decimal(2))
    held = [tier_of(tiers, times(leg.quantity, inside)) for leg in legs]
    rates = [
        plus(tier.maintenance_rate, leg.surcharge) for tier, leg in zip(held, legs, strict=True)
    ]
    taken_off = ZERO
    for tier in held:
        taken_off = plus(taken_off, tier.deduction)
    root = _positive(_root(legs, collateral, rates, taken_off))
    if root is None or root < low or (high is not None and root > high):
        return None
    return root


def _root(
    legs: Sequence[Leg], collateral: Decimal, rates: Sequence[Decimal], taken_off: Decimal
) -> Decimal | None:
    above, below = plus(collateral, taken_off), ZERO
    for leg, rate in zip(legs, rates, strict=True):
        sign = Decimal(leg.side.sign)
        above = minus(above, times(sign, leg.cost))
        below = plus(below, times(leg.quantity, minus(rate, sign)))
    return None if not below else divided(above, below)


def _brackets(
    legs: Sequence[Leg], tiers: Sequence[MarginTier]
) -> Iterator[tuple[Decimal, Decimal | None]]:
    """From price to price at which some leg changes its bracket; the last one has no end."""
    low = ZERO
    for high in sorted({divided(tier.up_to, leg.quantity) for leg in legs for tier in tiers[:-1]}):
        yield low, high
        low = high
    yield low, None


def _positive(price: Decimal | None) -> Price | None:
    return Price(price) if price is not None and price > 0 else None
