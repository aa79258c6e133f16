"""Margin by the rules of the venue that an instrument is traded at.

The venue is the first part of an instrument's name. One that has no formulas here is reckoned as
Binance: value / leverage, and no fees in it.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from domain.ids import InstrumentId
from domain.margin import binance, bybit
from domain.margin.prices import Leg, bankruptcy_price, liquidation_price
from domain.margin.tiers import MarginTier, maintenance_margin, tier_of
from domain.values import ZERO, Price, Side, minus, plus, times

_BYBIT = "BYBIT"


class Terms(NamedTuple):
    """What an account and a venue agreed on for one instrument."""

    instrument_id: InstrumentId
    leverage: Decimal
    taker_fee: Decimal
    tiers: Sequence[MarginTier]

    @property
    def is_bybit(self) -> bool:
        """Whether Bybit's formulas hold."""
        return self.instrument_id.partition(":")[0] == _BYBIT

    def allowed_leverage(self, value: Decimal) -> Decimal:
        """The account's leverage, or the most that the bracket of this value allows."""
        if not self.tiers:
            return self.leverage
        return min(self.leverage, tier_of(self.tiers, value).maximum_leverage)


def initial(terms: Terms, side: Side, value: Decimal) -> Decimal:
    """Initial margin of what is worth so much on one side, at the leverage that it allows."""
    leverage = terms.allowed_leverage(value)
    if terms.is_bybit:
        return bybit.initial_margin(side, value, leverage, terms.taker_fee)
    return binance.initial_margin(value, leverage)


def maintenance(terms: Terms, side: Side, value: Decimal) -> Decimal:
    """Maintenance margin of a position that is worth so much."""
    if terms.is_bybit:
        leverage = terms.allowed_leverage(value)
        return bybit.position_maintenance(side, value, leverage, terms.taker_fee, terms.tiers)
    return maintenance_margin(terms.tiers, value)


def isolated_prices(
    terms: Terms, leg: Leg, mark: Decimal, added: Decimal = ZERO
) -> tuple[Price | None, Price | None]:
    """Liquidation and bankruptcy price of a position with a margin of its own."""
    leverage = terms.allowed_leverage(times(leg.quantity, mark))
    if terms.is_bybit:
        behind = bybit.isolated_collateral(leg.side, leg.cost, leverage, added, terms.taker_fee)
    else:
        behind = binance.isolated_collateral(leg.cost, leverage, added)
    liquidation = liquidation_price([leg], behind, terms.tiers, mark)
    whole = binance.isolated_collateral(leg.cost, leverage, added)
    return liquidation, bankruptcy_price([leg], whole)


def cross_prices(
    terms: Terms, legs: Sequence[Leg], mark: Decimal, collateral: Decimal
) -> tuple[Price | None, Price | None]:
    """Liquidation and bankruptcy price that the legs of one instrument share in cross margin.

    `collateral` is the wallet, less the maintenance margin and plus the unrealised profit of all
    other instruments of the account.
    """
    if terms.is_bybit:
        legs = [_with_fee(terms, leg, mark) for leg in legs]
    return (
        liquidation_price(legs, collateral, terms.tiers, mark),
        bankruptcy_price(legs, collateral),
    )


def collateral_beside(
    wallet: Decimal, others_maintenance: Decimal, others_unrealised: Decimal
) -> Decimal:
    """What an account has left for one instrument: WB - TMM1 + UPNL1."""
    return plus(minus(wallet, others_maintenance), others_unrealised)


def _with_fee(terms: Terms, leg: Leg, mark: Decimal) -> Leg:
    leverage = terms.allowed_leverage(times(leg.quantity, mark))
    return leg._replace(surcharge=bybit.surcharge(leg.side, leverage, terms.taker_fee))
