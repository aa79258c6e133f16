"""Margin of everything that an account holds: what the venue wants, and where it would take it.

In cross margin the wallet stands behind all positions of its currency together, so the price of
each instrument depends on the maintenance margin and the unrealised profit of all others. Without a
mark of every one of them, or without a wallet that the venue told, there is no such price; nothing
is guessed. In isolated margin a position stands for itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from domain.accounts.events import MarginMode
from domain.ids import InstrumentId
from domain.margin.prices import Leg, unrealised
from domain.margin.venues import (
    Terms,
    collateral_beside,
    cross_prices,
    initial,
    isolated_prices,
    maintenance,
)
from domain.values import ZERO, Price, plus, times


class Held(NamedTuple):
    """One position, or one leg of a hedged instrument; never flat."""

    terms: Terms
    leg: Leg
    currency: str
    mark: Decimal | None


class Margin(NamedTuple):
    """What is known of a position's margin; None where something is missing to reckon it."""

    initial: Decimal | None = None
    maintenance: Decimal | None = None
    liquidation: Price | None = None
    bankruptcy: Price | None = None


def margins(held: Sequence[Held], wallets: Mapping[str, Decimal], mode: MarginMode) -> list[Margin]:
    """The margin of each position, in their order."""
    return [_margin(one, held, wallets, mode) for one in held]


def _margin(
    one: Held, held: Sequence[Held], wallets: Mapping[str, Decimal], mode: MarginMode
) -> Margin:
    mark = one.mark
    if mark is None:
        return Margin()
    value = times(one.leg.quantity, mark)
    liquidation, bankruptcy = (
        isolated_prices(one.terms, one.leg, mark)
        if mode is MarginMode.ISOLATED
        else _cross(one, held, wallets, mark)
    )
    return Margin(
        initial(one.terms, one.leg.side, value),
        maintenance(one.terms, one.leg.side, value) if one.terms.tiers else None,
        liquidation,
        bankruptcy,
    )


def _cross(
    one: Held, held: Sequence[Held], wallets: Mapping[str, Decimal], mark: Decimal
) -> tuple[Price | None, Price | None]:
    wallet = wallets.get(one.currency)
    behind = None if wallet is None else _collateral(one, held, wallet)
    if behind is None:
        return None, None
    own = one.terms.instrument_id
    legs = [other.leg for other in held if other.terms.instrument_id == own]
    return cross_prices(one.terms, legs, mark, behind)


def _collateral(one: Held, held: Sequence[Held], wallet: Decimal) -> Decimal | None:
    """What the wallet has left for one instrument beside all others of its currency."""
    wanted = gained = ZERO
    own: InstrumentId = one.terms.instrument_id
    for other in held:
        if other.currency != one.currency or other.terms.instrument_id == own:
            continue
        if other.mark is None:
            return None
        value = times(other.leg.quantity, other.mark)
        wanted = plus(wanted, maintenance(other.terms, other.leg.side, value))
        gained = plus(gained, unrealised(other.leg, other.mark))
    return collateral_beside(wallet, wanted, gained)
