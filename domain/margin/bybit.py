"""Margin of Bybit's linear USDT contracts by its published formulas.

Order cost and initial margin: https://www.bybit.com/en/help-center/article/Order-Cost-USDT-Contract.
Maintenance margin with the fee to close, and the isolated liquidation price:
https://www.bybit.com/en/help-center/article/UTA-Trading-Rules. Bankruptcy price:
https://www.bybit.com/en/help-center/article/Bankruptcy-Price-Perpetual-and-Expiry-Contracts.

The fee to close is paid at the bankruptcy price, entry x (1 -/+ 1/leverage). In isolated margin the
venue's formula leaves it out and divides added margin by 1 -/+ the fee rate instead. For cross
margin it publishes no closed formula, only that the account is liquidated once maintenance margin,
fee to close included, has reached its balance: `surcharge` puts the fee into that equation.
"""

from collections.abc import Sequence
from decimal import Decimal

from domain.margin.tiers import MarginTier, maintenance_margin
from domain.values import Price, Side, divided, minus, plus, times

_ONE = Decimal(1)


def fee_to_close(side: Side, value: Decimal, leverage: Decimal, taker_fee: Decimal) -> Decimal:
    """Of a position on this side: taker fee on its value at the bankruptcy price."""
    return times(value, surcharge(side, leverage, taker_fee))


def surcharge(side: Side, leverage: Decimal, taker_fee: Decimal) -> Decimal:
    """The fee to close as a ratio of the value."""
    share = divided(_ONE, leverage)
    kept = minus(_ONE, share) if side is Side.BUY else plus(_ONE, share)
    return times(kept, taker_fee)


def initial_margin(side: Side, value: Decimal, leverage: Decimal, taker_fee: Decimal) -> Decimal:
    """Position value / leverage + estimated fee to close."""
    return plus(divided(value, leverage), fee_to_close(side, value, leverage, taker_fee))


def order_cost(side: Side, value: Decimal, leverage: Decimal, taker_fee: Decimal) -> Decimal:
    """Initial margin, fee to open and fee to close."""
    return plus(initial_margin(side, value, leverage, taker_fee), times(value, taker_fee))


def position_maintenance(
    side: Side,
    value: Decimal,
    leverage: Decimal,
    taker_fee: Decimal,
    tiers: Sequence[MarginTier],
) -> Decimal:
    """Value x rate - deduction + estimated fee to close."""
    return plus(maintenance_margin(tiers, value), fee_to_close(side, value, leverage, taker_fee))


def isolated_collateral(
    side: Side, cost: Decimal, leverage: Decimal, added: Decimal, taker_fee: Decimal
) -> Decimal:
    """What the venue's formula sets behind a position; added margin counts less the fee."""
    kept = minus(_ONE, taker_fee) if side is Side.BUY else plus(_ONE, taker_fee)
    return plus(divided(cost, leverage), divided(added, kept))


def bankruptcy_price(side: Side, entry: Price, leverage: Decimal) -> Price:
    """Entry price x (1 - initial margin rate) for a long, (1 + initial margin rate) for a short."""
    given = divided(entry, leverage)
    return Price(minus(entry, given) if side is Side.BUY else plus(entry, given))
