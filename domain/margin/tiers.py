"""Margin tiers: how much of a position's value a venue wants as maintenance, and its most leverage.

Both venues publish the same kind of table. A position is worth some bracket's value; its whole
value is charged that bracket's rate, less a constant that keeps the margin from jumping where one
bracket ends and the next begins:

    constant(n) = end(n-1) x (rate(n) - rate(n-1)) + constant(n-1)

Binance calls it maintenance amount (`cum`), https://www.binance.com/en/support/faq/
b3c689c1f50a44cabb3a84e663b81d93; Bybit calls it MM deduction (`mmDeduction`),
https://www.bybit.com/en/help-center/article/Maintenance-Margin-USDT-Contract. Since the margin does
not jump, nothing depends on which of two brackets the value between them belongs to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.values import ZERO, minus, plus, times


@dataclass(frozen=True, slots=True)
class MarginTier:
    """One bracket of a venue's table, by the value of the position."""

    up_to: Decimal
    """Value of the position up to which the bracket holds, in the instrument's currency."""
    maximum_leverage: Decimal
    maintenance_rate: Decimal
    """Ratio of the position's whole value, 0.005 = 0.5 %."""
    deduction: Decimal
    """Taken off value times rate."""


def tier_of(tiers: Sequence[MarginTier], value: Decimal) -> MarginTier:
    """The bracket of a value; the last one holds beyond its end. There must be one at least."""
    return next((tier for tier in tiers if value <= tier.up_to), tiers[-1])


def maintenance_margin(tiers: Sequence[MarginTier], value: Decimal) -> Decimal:
    """What must be left of a position of this value; 0 where the venue's table is not known."""
    if not tiers:
        return ZERO
    tier = tier_of(tiers, value)
    return minus(times(value, tier.maintenance_rate), tier.deduction)


def deductions(ends_and_rates: Sequence[tuple[Decimal, Decimal]]) -> list[Decimal]:
    """The constants of a table by the published formula, for tables that come without them."""
    found: list[Decimal] = []
    end_before = rate_before = ZERO
    for end, rate in ends_and_rates:
        before = found[-1] if found else ZERO
        found.append(plus(times(end_before, minus(rate, rate_before)), before) if found else ZERO)
        end_before, rate_before = end, rate
    return found


def contradiction(tiers: Sequence[MarginTier]) -> str:
    """What is wrong with a table, in words; empty for one that can be reckoned with."""
    before: MarginTier | None = None
    for tier in tiers:
        if tier.up_to <= 0 or tier.maximum_leverage < 1:
            return "a margin tier ends above 0 and allows a leverage of 1 at least"
        if not 0 <= tier.maintenance_rate < 1 or tier.deduction < 0:
            return "a margin tier has a rate from 0 to below 1 and no negative deduction"
        if before is not None and (
            tier.up_to <= before.up_to
            or tier.maximum_leverage > before.maximum_leverage
            or tier.maintenance_rate < before.maintenance_rate
        ):
            return "margin tiers rise in value and rate, and fall in leverage"
        before = tier
    return ""
