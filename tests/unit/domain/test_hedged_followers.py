"""A follower in hedge mode: what is held is closed before a leg opens, in copies and in repairs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.accounts.commands import OpenAccount
from domain.accounts.events import MarginMode, PositionMode
from domain.ids import ExecutionId
from domain.orders.commands import RecordAcceptance
from domain.orders.events import OrderPlaced
from domain.reasons import Reason
from domain.risk.commands import SetLimits
from domain.strategies.commands import CopyIntent, PauseStrategy, ReportDrift
from domain.strategies.events import CopyRefused, DriftAction, DriftFound
from domain.strategies.terms import DriftPolicy
from domain.users.commands import RegisterUser
from domain.users.events import Sealed
from domain.values import PositionSide, Side
from tests.support.membership import user_id
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    RATIO,
    STRATEGY,
    copy,
    drift,
    follow,
    intent,
    running,
)
from tests.support.trading import NO_LIMITS, START, SUSHI, Desk, desk, filled

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
REPAIR = replace(RATIO, drift=DriftPolicy.REPAIR)


def hedged() -> Desk:
    """A follower by half in hedge mode."""
    trading = desk()
    user = RegisterUser(user_id("ada"), Sealed("bmFtZQ=="), Sealed("ZW1haWw="))
    opening = OpenAccount(FOLLOWER, user_id("ada"), "BINANCE", PositionMode.HEDGE, MarginMode.CROSS)
    for command in (user, opening, SetLimits(FOLLOWER, NO_LIMITS), *running(), follow(REPAIR)):
        trading.events(command)
    return trading


def placed(trading: Desk, command: CopyIntent | ReportDrift) -> OrderPlaced:
    """The order of a copy or a repair."""
    [order] = [one for one in trading.events(command) if isinstance(one, OrderPlaced)]
    return order


def fill(trading: Desk, order: OrderPlaced) -> None:
    """The venue takes the order and fills it."""
    trading.events(RecordAcceptance(order.order_id, FOLLOWER, SUSHI, order.order_id, START))
    report = filled("x", order.order_id, order.quantity, side=order.side)
    trading.events(
        replace(
            report,
            order_id=order.order_id,
            account_id=FOLLOWER,
            execution_id=ExecutionId(order.order_id),
            position_side=order.position_side,
        )
    )


def told(order: OrderPlaced) -> tuple[PositionSide, Side, int]:
    """What the order does to which leg."""
    return order.position_side, order.side, int(order.quantity)


def test_copies_open_the_leg_of_their_side_and_close_the_other_first() -> None:
    trading = hedged()
    first = placed(trading, copy(intent("a", Side.BUY, "10")))
    assert told(first) == (LONG, Side.BUY, 5)
    fill(trading, first)
    more = placed(trading, copy(intent("b", Side.BUY, "4"), 2, "5"))
    assert told(more) == (LONG, Side.BUY, 2)
    fill(trading, more)
    less = placed(trading, copy(intent("c", Side.SELL, "6"), 3, "7"))
    assert told(less) == (LONG, Side.SELL, 3)
    fill(trading, less)
    flat = placed(trading, copy(intent("d", Side.SELL, "20"), 4, "4"))
    assert told(flat) == (LONG, Side.SELL, 4), "through flat it is made up to flat"
    fill(trading, flat)
    short = placed(trading, copy(intent("e", Side.SELL, "6"), 5, "0"))
    assert told(short) == (SHORT, Side.SELL, 3)
    fill(trading, short)
    back = placed(trading, copy(intent("f", Side.BUY, "4"), 6, "-3"))
    assert told(back) == (SHORT, Side.BUY, 2)


@pytest.mark.parametrize(
    ("target", "held", "expected"),
    [
        ("10", "0", (LONG, Side.BUY, 5)),
        ("-10", "0", (SHORT, Side.SELL, 5)),
    ],
)
def test_a_target_opens_a_leg(
    target: str, held: str, expected: tuple[PositionSide, Side, int]
) -> None:
    assert told(placed(hedged(), copy(intent("a", target=target), 1, held))) == expected


def test_repairs_are_in_a_leg_as_well() -> None:
    trading = hedged()
    opened = placed(trading, drift("10", "0"))
    assert told(opened) == (LONG, Side.BUY, 5)
    fill(trading, opened)
    trading.events(PauseStrategy(STRATEGY, LEADER))
    closing = trading.events(drift("0", "5", seen=2))
    [order] = [one for one in closing if isinstance(one, OrderPlaced)]
    assert told(order) == (LONG, Side.SELL, 5)
    assert order.reduce_only
    found = closing[-1]
    assert isinstance(found, DriftFound)
    assert (found.action, found.quantity) == (DriftAction.REPAIRED, Decimal(5))


def test_what_is_not_filled_yet_cannot_be_closed_and_the_refusal_is_recorded() -> None:
    trading = hedged()
    placed(trading, copy(intent("a", Side.BUY, "10")))
    decision = trading.do(copy(intent("b", Side.SELL, "4"), 2, "5"))
    refused = decision.changes[-1].event
    assert isinstance(refused, CopyRefused)
    assert refused.reason == Reason.WOULD_INCREASE
