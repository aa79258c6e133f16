"""The table of an order's moves: every row happens, every pair without a row changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import pytest

from domain.dispatch import Command
from domain.ids import order_stream
from domain.orders.events import OrderResizeRequested, OrderTriggered
from domain.orders.evolve import evolve
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import TABLE, Move, Outcome, Row, after
from domain.reasons import Reason
from domain.risk.commands import Limits
from domain.values import Side
from tests.support.life import amend, amend_rejected, amended, lost, not_found, replacing
from tests.support.trading import (
    ACCOUNT,
    START,
    SUSHI,
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
P: Final = place("a")
"""A plain limit order, which can be amended."""

RESIZE: Final = OrderResizeRequested(A.order_id, ACCOUNT, SUSHI, "", 1, quantity(8))
"""What only an exit of a bracket is asked for; folded as it is, since no command of an order is."""
Step: TypeAlias = Command | OrderResizeRequested

# Every way into a status that another status hides: a pending cancel of an order that the venue
# has or has not taken, an end before or after a fill.
PATHS: Final[Mapping[OrderStatus, tuple[tuple[Step, ...], ...]]] = {
    OrderStatus.NEW: ((),),
    OrderStatus.DENIED: ((replace(A, quantity=quantity(9_999)),),),
    OrderStatus.HELD: ((place("b"), replacing("b", "a")),),
    OrderStatus.SUBMITTING: (
        (A,),
        (A, cancel("a"), cancel_rejected("a")),
    ),
    OrderStatus.ACCEPTED: (
        (A, accepted("a")),
        (A, accepted("a"), cancel("a"), cancel_rejected("a")),
        (P, accepted("a")),
    ),
    OrderStatus.TRIGGERED: (
        (A, triggered("a"), cancel("a"), cancel_rejected("a")),
        (A, accepted("a"), triggered("a")),
    ),
    OrderStatus.PARTIALLY_FILLED: (
        (A, filled("a", "x", 3)),
        (A, cancel("a"), filled("a", "x", 3), cancel_rejected("a")),
        (A, triggered("a"), filled("a", "x", 3)),
        (P, filled("a", "x", 3)),
    ),
    OrderStatus.PENDING_CANCEL: (
        (A, cancel("a")),
        (A, cancel("a"), filled("a", "x", 3)),
        (A, accepted("a"), triggered("a"), cancel("a")),
        (A, accepted("a"), cancel("a")),
        (P, accepted("a"), amend("a", at=9), cancel("a")),
    ),
    OrderStatus.PENDING_AMEND: (
        (P, accepted("a"), amend("a", at=9)),
        (P, filled("a", "x", 3), amend("a", at=9)),
        (P, accepted("a"), amend("a", at=9), filled("a", "x", 3)),
        (P, accepted("a"), amend("a", at=9), cancel("a"), cancel_rejected("a")),
        (A, accepted("a"), RESIZE),
        (A, accepted("a"), triggered("a"), RESIZE),
    ),
    OrderStatus.UNKNOWN: (
        (A, lost("a")),
        (A, cancel("a"), lost("a")),
    ),
    OrderStatus.FILLED: (
        (A, filled("a", "x", 10)),
        (A, cancelled("a"), filled("a", "x", 10)),
        (A, triggered("a"), filled("a", "x", 10)),
        (P, accepted("a"), amend("a", at=9), filled("a", "x", 10)),
    ),
    OrderStatus.CANCELLED: (
        (A, cancelled("a")),
        (A, filled("a", "x", 3), cancel("a"), cancelled("a")),
        (P, accepted("a"), amend("a", at=9), cancelled("a")),
    ),
    OrderStatus.EXPIRED: (
        (A, expired("a")),
        (A, filled("a", "x", 3), expired("a")),
        (P, accepted("a"), amend("a", at=9), expired("a")),
    ),
    OrderStatus.REJECTED: (
        (A, rejected("a")),
        (A, rejected("a"), filled("a", "x", 3)),
        (A, lost("a"), not_found("a")),
        (A, accepted("a"), triggered("a"), RESIZE, rejected("a")),
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
    Move.REQUEST_AMEND: lambda: amend("a", at="8.5"),
    Move.AMEND: lambda: amended("a", 10, 9, number=1),
    Move.RESIZE: lambda: amended("a", 10, "8.1", number=0),
    Move.REJECT_AMEND: lambda: amend_rejected("a"),
    Move.LOSE: lambda: lost("a"),
    Move.MISS: lambda: not_found("a"),
}

PAIRS: Final = [
    pytest.param(status, path, move, id=f"{status}-{number}-{move}")
    for status, paths in PATHS.items()
    for number, path in enumerate(paths)
    for move in MOVES
]


def _at(path: tuple[Step, ...]) -> Desk:
    trading = desk(Limits(currency="USDT", order_quantity=A.quantity))
    for step in path:
        if isinstance(step, OrderResizeRequested):
            trading.states[order_stream(A.order_id)] = evolve(trading.order("a"), step)
        else:
            trading.do(step)
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
    ended = set(OrderStatus) - {OrderStatus.NEW, OrderStatus.HELD}
    ended -= {status for status in OrderStatus if status.is_open}
    for row in TABLE:
        if row.before in ended and isinstance(row.after, OrderStatus):
            assert row.after in {row.before, OrderStatus.FILLED}, row


def test_denied_orders_never_move() -> None:
    assert [row for row in TABLE if row.before is OrderStatus.DENIED] == []


@pytest.mark.parametrize(("status", "path", "move"), PAIRS)
def test_every_status_answers_every_move_as_the_table_says(
    status: OrderStatus, path: tuple[Step, ...], move: Move
) -> None:
    trading = _at(path)
    before = trading.order("a")
    # In the status FILLED any further fill is an overfill: the last fill of all, again.
    asked = Move.COMPLETE if status is OrderStatus.FILLED and move is Move.FILL else move
    if move is Move.AMEND and before.pending is None:
        asked = Move.RESIZE  # nobody waits for it
    if move is Move.REQUEST_CANCEL and status is OrderStatus.HELD:
        asked = Move.WITHDRAW  # no venue has it
    decision = trading.do(MOVES[move]())
    expected = after(status, asked)
    refusal = decision.rejected.reason if decision.rejected is not None else None
    if refusal is None:
        assert isinstance(expected, OrderStatus | Outcome)
        now = trading.order("a")
        assert now.status is (now.standing if expected is Outcome.RESTORED else expected)
        assert expected is not Outcome.KNOWN, "a repeat is refused"
        return
    assert refusal in _refusals(before, expected, move)
    assert decision.changes == ()
    assert trading.order("a") == before


def _refusals(before: Order, expected: OrderStatus | Outcome | None, move: Move) -> set[Reason]:
    status = before.status
    if status is OrderStatus.NEW:
        return {Reason.ORDER_UNKNOWN}
    hidden = _hidden(before, move)
    if hidden is not None:
        return {hidden}
    if expected is Outcome.KNOWN:
        return {_REPEATS.get(move, Reason.REPORT_ALREADY_APPLIED)}
    if status is OrderStatus.HELD and move is Move.REQUEST_AMEND:
        return {Reason.ORDER_IS_HELD}
    if expected is None and move is Move.REQUEST_AMEND and status.is_open:
        return {Reason.AMEND_NOT_POSSIBLE}
    if expected is None:
        requests = {Move.REQUEST_CANCEL, Move.REQUEST_AMEND}
        return {Reason.ORDER_NOT_OPEN if move in requests else Reason.REPORT_CONTRADICTS_ORDER}
    return set()


_REPEATS: Final = {
    Move.REQUEST_CANCEL: Reason.CANCEL_ALREADY_REQUESTED,
    Move.REQUEST_AMEND: Reason.AMEND_ALREADY_REQUESTED,
}


def _hidden(before: Order, move: Move) -> Reason | None:
    """What decide.py refuses beside the table: what the status hides."""
    heard = bool(before.venue_order_id) or before.filled > 0 or before.triggered
    # What a triggered order becomes is a new one to the venue, and may still be refused.
    taken = before.filled > 0 or (bool(before.venue_order_id) and not before.triggered)
    lost = before.status is OrderStatus.UNKNOWN
    asked = before.pending is not None
    repeated = (
        (move is Move.ACCEPT and before.venue_order_id)
        or (move is Move.LOSE and heard)
        or (move is Move.REJECT_AMEND and before.pending is None)
        or (move is Move.REJECT_CANCEL and lost and not before.cancelling)
        or (move is Move.TRIGGER and before.triggered)
    )
    match move:
        case Move.REJECT if before.status.is_open and taken:
            return Reason.REPORT_CONTRADICTS_ORDER
        case Move.TRIGGER if not before.conditional:
            return Reason.REPORT_CONTRADICTS_ORDER
        case Move.REQUEST_CANCEL if lost and before.cancelling:
            return Reason.CANCEL_ALREADY_REQUESTED
        case Move.REQUEST_AMEND if before.conditional and before.status.is_open and not asked:
            known = isinstance(after(before.status, move), OrderStatus)
            return Reason.REPLACE_INSTEAD if known else Reason.AMEND_NOT_POSSIBLE
        case _:
            return Reason.REPORT_ALREADY_APPLIED if repeated else None


@pytest.mark.parametrize("row", [row for row in TABLE if row.move in MOVES])
def test_every_row_happens(row: Row) -> None:
    """A row that no command can reach is a line that somebody trusts in vain."""
    if row.before is OrderStatus.ACCEPTED and row.move is Move.ACCEPT:
        # Reached only by a venue that gives orders no id of their own.
        decisions = [_at((A, accepted("a", ""))).do(accepted("a", ""))]
    elif (row.before, row.move) == (OrderStatus.TRIGGERED, Move.REQUEST_AMEND):
        # Asked for by a bracket of its exits alone.
        for path in PATHS[row.before]:
            assert _at((*path, RESIZE)).order("a").status is row.after
        return
    else:
        decisions = [_at(path).do(MOVES[row.move]()) for path in PATHS[row.before]]
    reasons = {each.rejected.reason if each.rejected else None for each in decisions}
    if row.after is Outcome.KNOWN:
        assert reasons & {Reason.REPORT_ALREADY_APPLIED, *_REPEATS.values()}
    else:
        assert None in reasons


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
