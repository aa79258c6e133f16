"""Slow, obvious models of orders, risk and positions: nothing but lists, read from the beginning.

They share no code with what they judge: an order's status is a rule of precedence over all that
ever happened to it (there is no table of transitions), exposure is a sum over all orders and all
fills, a position is a sum of cash, numbers are fractions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from domain.funding.commands import RecordFunding
from domain.ids import PLATFORM, AccountId, InstrumentId, OrderId
from domain.instruments.events import TradingRules
from domain.orders.commands import (
    OrderType,
    PlaceOrder,
    RecordFill,
    TimeInForce,
)
from domain.reasons import Reason
from domain.risk.commands import Limits, RecordBalance
from domain.values import Side
from tests.property.forms import MARKETS, WAITING, conditions, own_price, there_already
from tests.property.order_model import OPEN, OrderModel


@dataclass(slots=True)
class House:
    """Everything that was ever decided, and what follows from it by counting."""

    orders: dict[OrderId, OrderModel] = field(default_factory=dict)
    limits: dict[AccountId, Limits] = field(default_factory=dict)
    rules: dict[InstrumentId, TradingRules] = field(default_factory=dict)
    halted: set[AccountId] = field(default_factory=set)
    fills: list[RecordFill] = field(default_factory=list)
    """All executions in the order in which they were recorded."""
    fundings: list[RecordFunding] = field(default_factory=list)
    """All payments of funding in the order in which they were recorded."""
    balances: dict[tuple[AccountId, str], RecordBalance] = field(default_factory=dict)
    filled: Fraction = Fraction(0)
    """Of the order that is asked about, if it is amended."""
    amends: bool = False

    def of(self, account: AccountId, instrument: InstrumentId | None = None) -> list[OrderModel]:
        """An account's orders."""
        return [
            order
            for order in self.orders.values()
            if order.placed.account_id == account
            and instrument in {None, order.placed.instrument_id}
        ]

    def fills_of(self, account: AccountId, instrument: InstrumentId) -> list[RecordFill]:
        """An account's executions in an instrument."""
        return [
            fill
            for fill in self.fills
            if fill.account_id == account and fill.instrument_id == instrument
        ]

    def net(self, account: AccountId, instrument: InstrumentId) -> Fraction:
        """Bought less sold."""
        return sum(
            (
                fill.side.sign * Fraction(fill.quantity)
                for fill in self.fills_of(account, instrument)
            ),
            Fraction(0),
        )

    def reserved(self, account: AccountId, instrument: InstrumentId, side: Side) -> Fraction:
        """What open orders of one side may still trade."""
        return sum(
            (
                order.reserved()
                for order in self.of(account, instrument)
                if order.placed.side is side
            ),
            Fraction(0),
        )

    def open_orders(self, account: AccountId) -> int:
        """How many orders are open."""
        return sum(order.status() in OPEN for order in self.of(account))

    def cash(self, account: AccountId, instrument: InstrumentId) -> Fraction:
        """Money that came in less money that went out, fees aside."""
        return sum(
            (
                -fill.side.sign * Fraction(fill.price) * Fraction(fill.quantity)
                for fill in self.fills_of(account, instrument)
            ),
            Fraction(0),
        )

    def refusal(self, order: PlaceOrder, at: int) -> Reason | None:
        """The reason with which an order must be refused, by going through the list of rules."""
        if order.order_id in self.orders:
            return Reason.ORDER_ALREADY_EXISTS
        return next((reason for reason, broken in self._rules(order, at) if broken()), None)

    def amend_refusal(self, order: PlaceOrder, at: int) -> Reason | None:
        """The same list about an order as it would be, in a house in which it does not stand."""
        others = {known: model for known, model in self.orders.items() if known != order.order_id}
        filled = self.orders[order.order_id].filled()
        house = replace(self, orders=others, filled=filled, amends=True)
        return next((reason for reason, broken in house._rules(order, at) if broken()), None)

    def _rules(self, order: PlaceOrder, at: int) -> Iterator[tuple[Reason, Callable[[], bool]]]:
        limits, rules = self.limits.get(order.account_id), self.rules.get(order.instrument_id)
        yield Reason.PLATFORM_HALTED, lambda: PLATFORM in self.halted
        halted = order.account_id in self.halted
        yield Reason.ACCOUNT_HALTED, lambda: halted and not order.reduce_only
        yield Reason.LIMITS_NOT_SET, lambda: limits is None
        yield Reason.INSTRUMENT_UNKNOWN, lambda: rules is None
        if limits is None or rules is None:
            return
        yield Reason.INSTRUMENT_NOT_TRADING, lambda: not rules.trading
        yield from self._shape(order, rules, at)
        yield from self._limits(order, limits, at)

    def _shape(
        self, order: PlaceOrder, rules: TradingRules, at: int
    ) -> Iterator[tuple[Reason, Callable[[], bool]]]:
        quantity = Fraction(order.quantity)
        price = None if order.price is None else Fraction(order.price)
        market = order.type in MARKETS
        yield Reason.PRICE_ON_MARKET_ORDER, lambda: market and price is not None
        rests = order.time_in_force is not TimeInForce.IOC
        yield Reason.CONTRADICTORY_FLAGS, lambda: order.type is OrderType.MARKET and rests
        yield Reason.PRICE_MISSING, lambda: not market and price is None
        off_tick = price is not None and (price / Fraction(rules.tick)).denominator != 1
        yield Reason.PRICE_OFF_TICK, lambda: off_tick
        yield from conditions(order, rules, at, self.closable(order))
        if order.close_position:
            return
        off_step = (quantity / Fraction(rules.step)).denominator != 1
        yield Reason.QUANTITY_OFF_STEP, lambda: off_step
        yield Reason.QUANTITY_BELOW_MINIMUM, lambda: quantity < rules.minimum_quantity
        most = rules.maximum_market_quantity if market else rules.maximum_quantity
        yield Reason.QUANTITY_ABOVE_MAXIMUM, lambda: quantity > most

    def closable(self, order: PlaceOrder) -> Fraction:
        """What is held against the order's side."""
        held = self.net(order.account_id, order.instrument_id)
        return max(Fraction(0), -held * order.side.sign)

    def _limits(
        self, order: PlaceOrder, limits: Limits, at: int
    ) -> Iterator[tuple[Reason, Callable[[], bool]]]:
        collar = limits.price_collar
        waits = order.type in WAITING
        needs_reference = order.type in MARKETS or waits or collar is not None
        missing = needs_reference and order.reference is None
        yield Reason.REFERENCE_PRICE_MISSING, lambda: missing
        reference = None if order.reference is None else Fraction(order.reference.price)
        if order.trigger is not None and reference is not None:
            yield Reason.TRIGGER_AT_ONCE, lambda: there_already(order, reference)
        own = own_price(order, reference)
        if own is None:
            return
        quantity, free = Fraction(order.quantity), not order.reduce_only
        minimum = self.rules[order.instrument_id].minimum_notional
        yield Reason.NOTIONAL_BELOW_MINIMUM, lambda: free and own * quantity < minimum
        sell = order.side is Side.SELL
        dear = max(own, reference) if sell and reference is not None else own
        trigger = None if order.trigger is None else order.trigger.price
        if sell and trigger is not None:
            dear = max(dear, Fraction(trigger))
        held = self.net(order.account_id, order.instrument_id)
        same = order.side.sign * self.reserved(order.account_id, order.instrument_id, order.side)
        worst = held + same + order.side.sign * (quantity - self.filled)
        overshoots = worst * order.side.sign > 0
        overshoots = overshoots and not order.close_position
        yield Reason.WOULD_INCREASE, lambda: order.reduce_only and overshoots
        yield Reason.ORDER_QUANTITY_LIMIT, lambda: _over(quantity, limits.order_quantity)
        yield Reason.ORDER_NOTIONAL_LIMIT, lambda: _over(dear * quantity, limits.order_notional)
        count = self.open_orders(order.account_id) + 1
        yield Reason.OPEN_ORDERS_LIMIT, lambda: free and _over(count, limits.open_orders)
        value = abs(worst) * dear if overshoots else Fraction(0)
        yield Reason.POSITION_LIMIT, lambda: _over(value, limits.position_notional)
        if collar is not None and order.price is not None and reference is not None:
            around = reference if trigger is None else Fraction(trigger)
            far = abs(own - around) > around * Fraction(collar)
            yield Reason.PRICE_COLLAR, lambda: far
        recent = [
            other
            for other in self.of(order.account_id, order.instrument_id)
            if other.refused is None
            and other.remembered
            and _intent(other.placed) == _intent(order)
            and other.placed_quantity()
            == (self.closable(order) if order.close_position else quantity)
            and at - other.at < limits.duplicate_window
        ]
        yield Reason.DUPLICATE_INTENT, lambda: bool(recent) and not self.amends


def _over(value: Fraction | int, limit: object) -> bool:
    return limit is not None and value > Fraction(str(limit))


def _intent(order: PlaceOrder) -> tuple[object, ...]:
    return order.side, order.type, order.price, order.trigger
