"""Slow, obvious models of orders, risk and positions: nothing but lists, read from the beginning.

They share no code with what they judge: an order's status is a rule of precedence over all that
ever happened to it (there is no table of transitions), exposure is a sum over all orders and all
fills, a position is a sum of cash, numbers are fractions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from domain.funding.commands import RecordFunding
from domain.ids import PLATFORM, AccountId, InstrumentId, OrderId
from domain.instruments.events import TradingRules
from domain.orders.commands import (
    CancelOrder,
    OrderType,
    PlaceOrder,
    RecordAcceptance,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordRejection,
    RecordTrigger,
    TimeInForce,
    VenueReport,
)
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import Limits, RecordBalance
from domain.values import Side
from tests.property.forms import MARKETS, WAITING, conditions, own_price, there_already

OPEN = ("submitting", "accepted", "triggered", "partially_filled", "pending_cancel")


@dataclass(slots=True)
class OrderModel:
    """An order and what was recorded about it, oldest first."""

    placed: PlaceOrder
    at: int
    refused: Reason | None
    remembered: bool = False
    """Whether the check for repeated intents was on, and has been since."""
    history: list[VenueReport | CancelOrder] = field(default_factory=list)
    held: Fraction = Fraction(0)
    """What was held against its side when it was placed: what closes the position closes that."""

    def quantity(self) -> Fraction:
        """What it may trade as far as we know."""
        return self.held if self.placed.close_position else Fraction(self.placed.quantity)

    def triggered(self) -> bool:
        """Whether the price came that it waited for."""
        return any(isinstance(entry, RecordTrigger) for entry in self.history)

    def fills(self) -> list[RecordFill]:
        """Every recorded execution."""
        return [entry for entry in self.history if isinstance(entry, RecordFill)]

    def filled(self) -> Fraction:
        """What was executed in all."""
        return sum((Fraction(fill.quantity) for fill in self.fills()), Fraction(0))

    def venue_order_id(self) -> str:
        """The id that the venue gave, if it was heard."""
        for entry in self.history:
            if isinstance(entry, RecordAcceptance):
                return entry.venue_order_id
        return ""

    def ended(self) -> OrderStatus | None:
        """How the venue ended it, if it did."""
        ends: dict[type[object], OrderStatus] = {
            RecordRejection: OrderStatus.REJECTED,
            RecordCancellation: OrderStatus.CANCELLED,
            RecordExpiry: OrderStatus.EXPIRED,
        }
        return next((ends[type(entry)] for entry in self.history if type(entry) in ends), None)

    def cancelling(self) -> bool:
        """Whether the last word about a cancel is that it was asked for."""
        about = [e for e in self.history if isinstance(e, CancelOrder | RecordCancelRejection)]
        return bool(about) and isinstance(about[-1], CancelOrder)

    def status(self) -> OrderStatus:
        """Precedence: denied, all filled, ended, being cancelled, partly filled, accepted."""
        if self.refused is not None:
            return OrderStatus.DENIED
        if self.filled() >= self.quantity():
            return OrderStatus.FILLED
        ended = self.ended()
        if ended is not None:
            return ended
        if self.cancelling():
            return OrderStatus.PENDING_CANCEL
        if self.fills():
            return OrderStatus.PARTIALLY_FILLED
        if self.triggered():
            return OrderStatus.TRIGGERED
        return OrderStatus.ACCEPTED if self.venue_order_id() else OrderStatus.SUBMITTING

    def reserved(self) -> Fraction:
        """What may still trade, as far as we know."""
        if self.status() not in OPEN:
            return Fraction(0)
        return self.quantity() - self.filled()

    def answer(self, asked: VenueReport | CancelOrder) -> Reason | None:
        """What must be answered now; None when it must be recorded."""
        status = self.status()
        repeat, nonsense = Reason.REPORT_ALREADY_APPLIED, Reason.REPORT_CONTRADICTS_ORDER
        if isinstance(asked, CancelOrder):
            if status == "pending_cancel":
                return Reason.CANCEL_ALREADY_REQUESTED
            return None if status in OPEN else Reason.ORDER_NOT_OPEN
        if isinstance(asked, RecordFill):
            if asked.execution_id in [fill.execution_id for fill in self.fills()]:
                return Reason.EXECUTION_ALREADY_APPLIED
            wrong = asked.side is not self.placed.side or status == "denied"
            return nonsense if wrong else None
        if status == "denied":
            return nonsense
        if isinstance(asked, RecordTrigger):
            return self._answer_to_a_trigger(status)
        if isinstance(asked, RecordAcceptance):
            return self._answer_to_an_acceptance(asked, status)
        if isinstance(asked, RecordCancelRejection):
            return None if status == "pending_cancel" else repeat
        return self._answer_to_an_end(asked, status)

    def _answer_to_an_acceptance(
        self, asked: RecordAcceptance, status: OrderStatus
    ) -> Reason | None:
        repeat, nonsense = Reason.REPORT_ALREADY_APPLIED, Reason.REPORT_CONTRADICTS_ORDER
        known = self.venue_order_id()
        if known:
            return repeat if asked.venue_order_id == known else nonsense
        if status in {"cancelled", "expired"}:
            return repeat
        return nonsense if status == "rejected" else None

    def _answer_to_a_trigger(self, status: OrderStatus) -> Reason | None:
        if self.placed.type not in WAITING:
            return Reason.REPORT_CONTRADICTS_ORDER
        ended = status in {"cancelled", "expired", "rejected"}
        return Reason.REPORT_ALREADY_APPLIED if self.triggered() or ended else None

    def _answer_to_an_end(
        self, asked: RecordRejection | RecordCancellation | RecordExpiry, status: OrderStatus
    ) -> Reason | None:
        says = {
            RecordRejection: OrderStatus.REJECTED,
            RecordCancellation: OrderStatus.CANCELLED,
            RecordExpiry: OrderStatus.EXPIRED,
        }[type(asked)]
        if status is says:
            return Reason.REPORT_ALREADY_APPLIED
        taken = bool(self.fills()) or (bool(self.venue_order_id()) and not self.triggered())
        impossible = isinstance(asked, RecordRejection) and taken
        return None if status in OPEN and not impossible else Reason.REPORT_CONTRADICTS_ORDER


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
        worst = held + same + order.side.sign * quantity
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
            and other.quantity() == (self.closable(order) if order.close_position else quantity)
            and at - other.at < limits.duplicate_window
        ]
        yield Reason.DUPLICATE_INTENT, lambda: bool(recent)


def _over(value: Fraction | int, limit: object) -> bool:
    return limit is not None and value > Fraction(str(limit))


def _intent(order: PlaceOrder) -> tuple[object, ...]:
    return order.side, order.type, order.price, order.trigger
