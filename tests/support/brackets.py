"""Short words for brackets in tests: the entry and its exits, and what the venue says of them."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.brackets.commands import ExitTerms, PlaceBracket, ProtectBracket
from domain.brackets.state import Bracket
from domain.decision import Aggregate
from domain.dispatch import Command, initial
from domain.funding.commands import RecordFunding
from domain.ids import (
    AccountId,
    ExecutionId,
    InstrumentId,
    OrderId,
    bracket_stream,
    derived,
    exit_order_id,
)
from domain.orders.commands import (
    CancelOrder,
    Liquidity,
    OrderType,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordRejection,
    RecordTrigger,
    Trigger,
    TriggerSource,
)
from domain.orders.state import Order
from domain.risk.commands import RecordBalance, SetLimits
from domain.values import PositionSide, Side
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    START,
    SUSHI,
    Desk,
    order_id,
    place,
    price,
    quantity,
    usdt,
)

STOP_AT_7: Final = ExitTerms(
    OrderType.STOP_MARKET, None, Trigger(TriggerSource.LAST, price(7), None, None)
)
STOP_LIMIT_AT_7: Final = ExitTerms(
    OrderType.STOP_LIMIT, price("6.9"), Trigger(TriggerSource.LAST, price(7), None, None)
)
TARGET_AT_9: Final = ExitTerms(OrderType.LIMIT, price(9), None)
PROFIT_AT_9: Final = ExitTerms(
    OrderType.TAKE_PROFIT_MARKET, None, Trigger(TriggerSource.MARK, price(9), None, None)
)


def bracket(
    name: str = "entry",
    amount: str | int | Decimal = 10,
    at: str | int | Decimal | None = "8",
    *,
    side: Side = Side.BUY,
    stop: ExitTerms | None = STOP_AT_7,
    target: ExitTerms | None = TARGET_AT_9,
    reference: str | int | Decimal | None = 8,
) -> PlaceBracket:
    """A buy at 8 with a stop at 7 and a target at 9, or what else was asked for."""
    return PlaceBracket(place(name, side, amount, at, reference=reference), stop, target)


def protect(name: str = "entry") -> ProtectBracket:
    """Send what is missing."""
    return ProtectBracket(order_id(name), ACCOUNT, SUSHI)


def exit_of(role: str, number: int = 1, name: str = "entry") -> OrderId:
    """The id of an exit."""
    return exit_order_id(order_id(name), role, number)


def trailing(callback: str = "0.01", activation: str | None = None) -> ExitTerms:
    """A trailing stop."""
    begins = None if activation is None else price(activation)
    trigger = Trigger(TriggerSource.LAST, None, Decimal(callback), begins)
    return ExitTerms(OrderType.TRAILING_STOP, None, trigger)


def stopped_at(at: str | int) -> ExitTerms:
    """A stop at the market."""
    return ExitTerms(
        OrderType.STOP_MARKET, None, Trigger(TriggerSource.LAST, price(at), None, None)
    )


def limited_at(at: str | int) -> ExitTerms:
    """A target on the book."""
    return replace(TARGET_AT_9, price=price(at))


class Venue:
    """What the venue says of an order by its id."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.executions = 0

    def accepted(self, order: OrderId) -> RecordAcceptance:
        """It is on the book, or beside it."""
        return RecordAcceptance(order, ACCOUNT, SUSHI, f"v-{order[:8]}", START)

    def rejected(self, order: OrderId) -> RecordRejection:
        """It was refused."""
        return RecordRejection(order, ACCOUNT, SUSHI, "it would trigger at once", START)

    def cancelled(self, order: OrderId) -> RecordCancellation:
        """It is off the book."""
        return RecordCancellation(order, ACCOUNT, SUSHI, START)

    def cancel_rejected(self, order: OrderId) -> RecordCancelRejection:
        """It is as open as it was."""
        return RecordCancelRejection(order, ACCOUNT, SUSHI, "too late", START)

    def expired(self, order: OrderId) -> RecordExpiry:
        """It ended by a rule of the venue."""
        return RecordExpiry(order, ACCOUNT, SUSHI, "nothing to take", START)

    def triggered(self, order: OrderId) -> RecordTrigger:
        """Its price was reached."""
        return RecordTrigger(order, ACCOUNT, SUSHI, price(7), START)

    def unknown(self, order: OrderId) -> RecordOutcomeUnknown:
        """Nothing came back."""
        return RecordOutcomeUnknown(order, ACCOUNT, SUSHI, "no answer", START)

    def not_found(self, order: OrderId) -> RecordNotFound:
        """It never had it."""
        return RecordNotFound(order, ACCOUNT, SUSHI, START)

    def filled(self, order: OrderId, amount: str | int | Decimal) -> RecordFill:
        """It executed a part; each call is another execution."""
        self.executions += 1
        known = self.desk.order_of(order)
        return RecordFill(
            order_id=order,
            account_id=ACCOUNT,
            instrument_id=SUSHI,
            execution_id=ExecutionId(f"x-{self.executions}"),
            side=known.side,
            price=price(8),
            quantity=quantity(amount),
            fee=usdt(0),
            liquidity=Liquidity.TAKER,
            venue_time=START,
        )

    def amended(self, order: OrderId) -> RecordAmendment:
        """It has what was asked for."""
        known = self.desk.order_of(order)
        assert known.pending is not None
        asked = known.pending
        at = None if asked.price is None else price(asked.price)
        whole = quantity(asked.quantity)
        return RecordAmendment(order, ACCOUNT, SUSHI, known.amends, whole, at, START + known.amends)

    def amend_rejected(self, order: OrderId) -> RecordAmendRejection:
        """It is what it was."""
        amendment = self.desk.order_of(order).amends
        return RecordAmendRejection(order, ACCOUNT, SUSHI, amendment, "not here", START)


def bracket_of(desk: Desk, name: str = "entry") -> Bracket:
    """A bracket by the name of its entry."""
    stream = bracket_stream(order_id(name))
    state = desk.states.get(stream, initial(Aggregate.BRACKET))
    assert isinstance(state, Bracket)
    return state


def wanted(order: Order) -> Decimal:
    """The whole quantity of an order as it was last asked for."""
    return order.quantity if order.pending is None else order.pending.quantity


def story(name: str, instrument: InstrumentId) -> list[Command]:
    """Commands that leave every type of event of brackets; five orders come of it."""
    account = AccountId(derived("test account", name, "brackets"))

    def named(what: str) -> PlaceBracket:
        asked = bracket(f"{name} {what}", at=None)
        entry = replace(asked.entry, account_id=account, instrument_id=instrument)
        return replace(asked, entry=entry)

    first = named("first")
    entry_id = first.entry.order_id
    stop, target, stop_2 = (
        exit_order_id(entry_id, *which) for which in (("stop", 1), ("target", 1), ("stop", 2))
    )

    def fill(order: OrderId, number: int, amount: int) -> RecordFill:
        side = Side.BUY if order == entry_id else Side.SELL
        return RecordFill(
            order_id=order,
            account_id=account,
            instrument_id=instrument,
            execution_id=ExecutionId(f"{name} b{number}"),
            side=side,
            price=price(8),
            quantity=quantity(amount),
            fee=usdt("0.01"),
            liquidity=Liquidity.TAKER,
            venue_time=START,
        )

    def of(order: OrderId) -> tuple[OrderId, AccountId, InstrumentId]:
        return order, account, instrument

    wrong = named("wrong")
    return [
        SetLimits(account, NO_LIMITS),
        RecordBalance(account, usdt(1_000), START),
        replace(wrong, stop=stopped_at(9)),
        first,
        fill(entry_id, 1, 4),
        RecordAcceptance(*of(stop), "v-stop", START),
        RecordAcceptance(*of(target), "v-target", START),
        fill(entry_id, 2, 6),
        RecordAmendment(*of(stop), 1, quantity(10), None, START),
        RecordAmendment(*of(target), 1, quantity(10), price(9), START),
        RecordCancellation(*of(stop), START),
        CancelOrder(target, account),
        RecordCancellation(*of(target), START),
        ProtectBracket(entry_id, account, instrument),
        RecordTrigger(*of(stop_2), price(7), START),
        fill(stop_2, 3, 10),
        RecordCancellation(*of(exit_order_id(entry_id, "target", 2)), START),
        _funded(account, instrument, f"{name} b"),
    ]


def _funded(account: AccountId, instrument: InstrumentId, funding_id: str) -> RecordFunding:
    return RecordFunding(
        account_id=account,
        instrument_id=instrument,
        position_side=PositionSide.NET,
        funding_id=funding_id,
        rate=Decimal("0.0001"),
        mark_price=price(8),
        quantity=Decimal(10),
        payment=usdt("0.008"),
        venue_time=START,
    )
