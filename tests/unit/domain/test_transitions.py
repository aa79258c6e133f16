"""The table of an order's moves: every row happens, every pair without a row changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest

from domain.dispatch import Command
from domain.orders.commands import CancelOrder, RecordFill
from domain.orders.events import OrderTriggered
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import TABLE, Move, Outcome, Row, after
from domain.reasons import Reason
from domain.risk.commands import Limits
from domain.values import Side
from tests.support.trading import (
    START,
    Desk,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    conditional,
    desk,
    expired,
    filled,
    place,
    price,
    quantity,
    rejected,
    triggered,
)

A: Final = conditional("a", side=Side.BUY, trigger="8.5")
"""It waits for a price, so that it knows every move; what waits for none cannot be triggered."""

# Every way into a status that another status hides: a pending cancel of an order that the venue
# has or has not taken, an end before or after a fill.
PATHS: Final[Mapping[OrderStatus, tuple[tuple[Command, ...], ...]]] = {
    OrderStatus.NEW: ((),),
    OrderStatus.DENIED: ((replace(A, quantity=quantity(9_999)),),),
    OrderStatus.SUBMITTING: (
        (A,),
        (A, cancel("a"), cancel_rejected("a")),
    ),
    OrderStatus.ACCEPTED: (
        (A, accepted("a")),
        (A, accepted("a"), cancel("a"), cancel_rejected("a")),
    ),
    OrderStatus.TRIGGERED: (
        (A, triggered("a"), cancel("a"), cancel_rejected("a")),
        (A, accepted("a"), triggered("a")),
    ),
    OrderStatus.PARTIALLY_FILLED: (
        (A, filled("a", "x", 3)),
        (A, cancel("a"), filled("a", "x", 3), cancel_rejected("a")),
        (A, triggered("a"), filled("a", "x", 3)),
    ),
    OrderStatus.PENDING_CANCEL: (
        (A, cancel("a")),
        (A, cancel("a"), filled("a", "x", 3)),
        (A, accepted("a"), triggered("a"), cancel("a")),
        (A, accepted("a"), cancel("a")),
    ),
    OrderStatus.FILLED: (
        (A, filled("a", "x", 10)),
        (A, cancelled("a"), filled("a", "x", 10)),
        (A, triggered("a"), filled("a", "x", 10)),
    ),
    OrderStatus.CANCELLED: (
        (A, cancelled("a")),
        (A, filled("a", "x", 3), cancel("a"), cancelled("a")),
    ),
    OrderStatus.EXPIRED: (
        (A, expired("a")),
        (A, filled("a", "x", 3), expired("a")),
    ),
    OrderStatus.REJECTED: (
        (A, rejected("a")),
        (A, rejected("a"), filled("a", "x", 3)),
    ),
}

MOVES: Final[Mapping[Move, Callable[[], Command]]] = {
    Move.ACCEPT: lambda: accepted("a"),
    Move.REJECT: lambda: rejected("a"),
    Move.FILL: lambda: filled("a", "y", "0.1"),
    Move.COMPLETE: lambda: filled("a", "y", 10),
    Move.REQUEST_CANCEL: lambda: cancel("a"),
    Move.REJECT_CANCEL: lambda: cancel_rejected("a"),
    Move.CANCEL: lambda: cancelled("a"),
    Move.EXPIRE: lambda: expired("a"),
    Move.TRIGGER: lambda: triggered("a"),
}

PAIRS: Final = [
    pytest.param(status, path, move, id=f"{status}-{number}-{move}")
    for status, paths in PATHS.items()
    for number, path in enumerate(paths)
    for move in MOVES
]


def _at(path: tuple[Command, ...]) -> Desk:
    trading = desk(Limits(currency="USDT", order_quantity=A.quantity))
    for command in path:
        trading.do(command)
    return trading


def test_every_status_has_a_path_that_leads_there() -> None:
    assert set(PATHS) == set(OrderStatus)
    for status, paths in PATHS.items():
        for path in paths:
            assert _at(path).order("a").status is status


def test_every_row_is_unique() -> None:
    assert len({(row.before, row.move) for row in TABLE}) == len(TABLE)


def test_every_row_that_is_answered_as_a_repeat_says_why() -> None:
    assert [row for row in TABLE if row.after is Outcome.KNOWN and not row.why] == []


def test_what_ended_stays_ended_unless_the_last_fill_is_late() -> None:
    ended = set(OrderStatus) - {OrderStatus.NEW} - {s for s in OrderStatus if s.is_open}
    for row in TABLE:
        if row.before in ended and isinstance(row.after, OrderStatus):
            assert row.after in {row.before, OrderStatus.FILLED}, row


def test_denied_orders_never_move() -> None:
    assert [row for row in TABLE if row.before is OrderStatus.DENIED] == []


@pytest.mark.parametrize(("status", "path", "move"), PAIRS)
def test_every_status_answers_every_move_as_the_table_says(
    status: OrderStatus, path: tuple[Command, ...], move: Move
) -> None:
    trading = _at(path)
    before = trading.order("a")
    # In the status FILLED any further fill is an overfill: the last fill of all, again.
    asked = Move.COMPLETE if status is OrderStatus.FILLED and move is Move.FILL else move
    decision = trading.do(MOVES[move]())
    expected = after(status, asked)
    refusal = decision.rejected.reason if decision.rejected is not None else None
    if refusal is None:
        assert isinstance(expected, OrderStatus | Outcome)
        assert trading.order("a").status is _expected_status(expected, path)
        return
    assert refusal in _refusals(status, expected, move, before)
    assert decision.changes == ()
    assert trading.order("a") == before


def _expected_status(expected: OrderStatus | Outcome, path: tuple[Command, ...]) -> OrderStatus:
    if isinstance(expected, OrderStatus):
        return expected
    assert expected is Outcome.RESTORED, "a repeat is refused"
    cancelled_at = next(n for n, command in enumerate(path) if isinstance(command, CancelOrder))
    fills = [command for command in path if isinstance(command, RecordFill)]
    return OrderStatus.PARTIALLY_FILLED if fills else _at(path[:cancelled_at]).order("a").status


def _refusals(
    status: OrderStatus, expected: OrderStatus | Outcome | None, move: Move, before: Order
) -> set[Reason]:
    if status is OrderStatus.NEW:
        return {Reason.ORDER_UNKNOWN}
    cancel_request = move is Move.REQUEST_CANCEL
    if expected is Outcome.KNOWN:
        return {
            Reason.CANCEL_ALREADY_REQUESTED if cancel_request else Reason.REPORT_ALREADY_APPLIED
        }
    if expected is None:
        return {Reason.ORDER_NOT_OPEN if cancel_request else Reason.REPORT_CONTRADICTS_ORDER}
    said_before = (move is Move.TRIGGER and before.triggered) or (
        move is Move.ACCEPT and before.venue_order_id
    )
    if said_before:
        return {Reason.REPORT_ALREADY_APPLIED}
    # A pending cancel hides that the venue took the order: it can no longer reject it, unless it
    # was triggered meanwhile and became a new one.
    hidden = before.filled > 0 or (before.venue_order_id and not before.triggered)
    rejected_late = status is OrderStatus.PENDING_CANCEL and move is Move.REJECT and hidden
    return {Reason.REPORT_CONTRADICTS_ORDER} if rejected_late else set()


@pytest.mark.parametrize("row", [row for row in TABLE if row.move in MOVES])
def test_every_row_happens(row: Row) -> None:
    """A row that no command can reach is a line that somebody trusts in vain."""
    command = MOVES[row.move]()
    if row.before is OrderStatus.ACCEPTED and row.move is Move.ACCEPT:
        # Reached only by a venue that gives orders no id of their own.
        trading = _at((A, accepted("a", "")))
        command = accepted("a", "")
    else:
        trading = _at(PATHS[row.before][0])
    reason = trading.reason(command)
    if row.after is Outcome.KNOWN:
        assert reason in {Reason.REPORT_ALREADY_APPLIED, Reason.CANCEL_ALREADY_REQUESTED}
    else:
        assert reason is None


def test_an_order_id_is_taken_once_also_by_a_denied_order() -> None:
    for path in (PATHS[OrderStatus.DENIED][0], PATHS[OrderStatus.SUBMITTING][0]):
        trading = _at(path)
        decision = trading.do(place("a", Side.SELL))
        assert decision.rejected is not None
        assert decision.rejected.reason is Reason.ORDER_ALREADY_EXISTS
        assert decision.changes == ()


def test_what_waits_for_no_price_cannot_be_triggered() -> None:
    trading = _at((place("a"), accepted("a")))
    assert trading.reason(triggered("a")) is Reason.REPORT_CONTRADICTS_ORDER


def test_a_trigger_is_told_with_the_price_if_the_venue_tells_it() -> None:
    trading = _at((A,))
    told = OrderTriggered(A.order_id, price("8.5"), START)
    assert trading.events(triggered("a", "8.5")) == [told]
    assert _at((A,)).events(triggered("a", None)) == [replace(told, price=None)]
