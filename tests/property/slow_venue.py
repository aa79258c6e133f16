"""A venue that is slow and obvious: it does what it is told, one thing at a time, and says so.

Every order has a line of reports of its own that arrive in order; lines overtake each other as the
story wants. It knows nothing of brackets and does not bound what reduces, so races are possible.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from domain.decision import Change
from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.orders.commands import (
    Liquidity,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordRejection,
    RecordTrigger,
    VenueReport,
)
from domain.orders.events import OrderCancelRequested, OrderPlaced, OrderResizeRequested
from domain.values import Price, Quantity
from tests.support.trading import ACCOUNT, START, SUSHI, usdt


@dataclass(slots=True)
class Held:
    """An order as the venue has it."""

    placed: OrderPlaced
    quantity: Decimal
    filled: Decimal = Decimal(0)
    open: bool = True
    accepted: bool = False
    triggered: bool = False
    reports: deque[VenueReport] = field(default_factory=deque)
    asked: deque[OrderCancelRequested | OrderResizeRequested] = field(default_factory=deque)

    @property
    def left(self) -> Decimal:
        """What may still trade."""
        return self.quantity - self.filled if self.open else Decimal(0)


class SlowVenue:
    """All orders by id; `take` what was decided, `act` on it, and `say` what happened."""

    def __init__(self) -> None:
        self.orders: dict[OrderId, Held] = {}
        self._executions = 0

    def take(self, changes: tuple[Change, ...]) -> None:
        """Intents reach the venue in the order of the log."""
        for _, event in changes:
            match event:
                case OrderPlaced():
                    assert event.order_id not in self.orders, "an order is sent once"
                    self.orders[event.order_id] = Held(event, event.quantity)
                case OrderCancelRequested() | OrderResizeRequested():
                    self.orders[event.order_id].asked.append(event)
                case _:
                    pass

    def accept(self, order: Held) -> None:
        """It is on the book, or beside it."""
        if order.open and not order.accepted:
            order.accepted = True
            named = f"v-{order.placed.order_id[:13]}"
            order.reports.append(RecordAcceptance(*_of(order), named, START))

    def reject(self, order: Held) -> None:
        """It is refused, if nothing was said of it before."""
        if order.open and not order.accepted:
            order.open = False
            order.reports.append(RecordRejection(*_of(order), "it would trigger at once", START))

    def trigger(self, order: Held) -> None:
        """What waits has its price."""
        if order.open and order.accepted and order.placed.trigger and not order.triggered:
            order.triggered = True
            order.reports.append(RecordTrigger(*_of(order), None, START))

    def fill(self, order: Held, most: Decimal) -> None:
        """It trades so much, or what is left of it."""
        amount = min(most, order.left)
        if amount <= 0 or not order.accepted:
            return
        self._executions += 1
        order.filled += amount
        order.open = order.filled < order.quantity
        order.reports.append(
            RecordFill(
                *_of(order),
                execution_id=ExecutionId(f"x-{self._executions}"),
                side=order.placed.side,
                price=Price(Decimal(8)),
                quantity=Quantity(amount),
                fee=usdt(0),
                liquidity=Liquidity.TAKER,
                venue_time=START,
            )
        )

    def end(self, order: Held, *, expires: bool) -> None:
        """By the venue's own will."""
        if order.open and order.accepted:
            order.open = False
            ended = RecordExpiry(*_of(order), "its rule", START)
            order.reports.append(ended if expires else RecordCancellation(*_of(order), START))

    def answer(self, order: Held, *, well: bool) -> None:
        """The oldest request of an order that was not answered yet."""
        if not order.asked or (order.open and not order.accepted):
            return
        asked = order.asked.popleft()
        if isinstance(asked, OrderResizeRequested):
            order.reports.append(self._resized(order, asked, well=well))
        elif order.open and well:
            order.open = False
            order.reports.append(RecordCancellation(*_of(order), START))
        else:
            order.reports.append(RecordCancelRejection(*_of(order), "too late", START))

    def _resized(self, order: Held, asked: OrderResizeRequested, *, well: bool) -> VenueReport:
        number = asked.amendment
        if not (order.open and well) or asked.quantity <= order.filled:
            return RecordAmendRejection(*_of(order), number, "too late", START)
        order.quantity = asked.quantity
        price = order.placed.price
        return RecordAmendment(*_of(order), number, asked.quantity, price, START + number)

    def behave(self) -> None:
        """Everything that waits is done as it was asked for; market orders trade."""
        for order in self.orders.values():
            self.accept(order)
            while order.asked:
                self.answer(order, well=True)
            stopped = order.triggered and order.placed.price is None
            if stopped or order.placed.time_in_force.value == "ioc":
                self.fill(order, order.left)


def _of(order: Held) -> tuple[OrderId, AccountId, InstrumentId]:
    return order.placed.order_id, ACCOUNT, SUSHI
