"""Replacements by the numbers: what is held, reserved and sent at each moment of a race."""

from dataclasses import replace
from itertools import permutations
from typing import Final

import pytest

from domain.ids import StrategyId, derived
from domain.orders.commands import (
    OrderType,
    RecordFill,
    TimeInForce,
    Trigger,
    TriggerSource,
    VenueReport,
)
from domain.orders.events import (
    OrderCancelRequested,
    OrderDenied,
    OrderHeld,
    OrderPlaced,
    OrderReplaceRequested,
    OrderWithdrawn,
)
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, StrategyLimits
from domain.risk.events import FillApplied, ReservationReleased
from domain.risk.replacements import (
    ReplacementAdmitted,
    ReplacementDropped,
    ReplacementRefused,
    ReservationReplaced,
)
from domain.values import Side
from tests.support.life import amend, amended, lost, not_found, replacing
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    closing,
    conditional,
    desk,
    expired,
    filled,
    number,
    order_id,
    place,
    price,
    rejected,
    triggered,
)

TIGHT: Final = Limits(currency="USDT", position_notional=number(100))
NEVER: Final = Trigger(TriggerSource.LAST, price(7), None, None)


def _resting(limits: Limits | None = None) -> Desk:
    trading = desk() if limits is None else desk(limits)
    trading.events(place("a"))
    trading.events(accepted("a"))
    return trading


def _reserved(trading: Desk) -> dict[str, tuple[object, object]]:
    names = {order_id(name): name for name in "abcd"}
    return {
        names[known]: (held.quantity, held.price)
        for known, held in trading.risk().reservations.items()
    }


def _sent(trading: Desk, name: str) -> list[OrderPlaced]:
    return [
        change.event
        for change in trading.changes
        if isinstance(change.event, OrderPlaced) and change.event.order_id == order_id(name)
    ]


def _why(trading: Desk, name: str) -> Reason | None:
    for change in reversed(trading.changes):
        if isinstance(change.event, OrderWithdrawn) and change.event.order_id == order_id(name):
            return Reason(change.event.reason)
    return None


def test_one_decision_asks_for_the_cancel_and_holds_the_new_order() -> None:
    trading = _resting()
    admitted, held, named, asked = trading.events(replacing("a", "b", 12, 9))
    assert isinstance(admitted, ReplacementAdmitted)
    assert isinstance(held, OrderHeld)
    assert isinstance(named, OrderReplaceRequested)
    assert isinstance(asked, OrderCancelRequested)
    assert (held.replaces, named.replacement_id) == (order_id("a"), order_id("b"))
    assert trading.order("a").status is OrderStatus.PENDING_CANCEL
    assert trading.order("b").status is OrderStatus.HELD
    assert _sent(trading, "b") == []


def test_one_reservation_is_kept_for_both_and_handed_on_when_the_old_one_has_ended() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 12, 7))
    assert _reserved(trading) == {"a": (12, 8)}, "the larger quantity at the dearer price"
    trading.events(filled("a", "x", 4))
    assert _reserved(trading) == {"a": (8, 8)}, "less is left of both"
    _, taken, sent = trading.events(cancelled("a"))
    assert isinstance(taken, ReservationReplaced)
    assert isinstance(sent, OrderPlaced)
    assert sent.quantity == 8, "12 in all, 4 of them done"
    assert _reserved(trading) == {"b": (8, 7)}
    assert trading.order("b").status is OrderStatus.SUBMITTING
    assert trading.risk().exposure(SUSHI).open_orders == 1
    assert trading.risk().exposure(SUSHI).open_notional == 56


@pytest.mark.parametrize("end", [cancelled("a"), expired("a"), rejected("a")])
def test_every_definite_end_lets_the_replacement_go(end: VenueReport) -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(replacing("a", "b"))
    trading.events(end)
    (sent,) = _sent(trading, "b")
    assert sent.quantity == 10


def test_an_unknown_outcome_holds_the_replacement_back_until_the_venue_is_definite() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(lost("a"))
    trading.events(replacing("a", "b", 11))
    trading.events(cancel_rejected("a"))
    assert _why(trading, "b") is Reason.REPLACED_ORDER_STANDS, "nobody asks for the end any more"
    assert _reserved(trading) == {"a": (10, 8)}
    trading.events(replacing("a", "c", 11))
    assert _sent(trading, "c") == []
    trading.events(not_found("a"))
    assert len(_sent(trading, "c")) == 1
    assert _reserved(trading) == {"c": (11, 8)}


def test_an_outcome_may_become_unknown_while_the_cancel_is_asked_for() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(replacing("a", "b", 11))
    trading.events(lost("a"))
    assert _sent(trading, "b") == []
    trading.events(filled("a", "x", 3))
    assert _sent(trading, "b") == []
    trading.events(cancelled("a"))
    assert [sent.quantity for sent in _sent(trading, "b")] == [8]


def test_what_the_old_order_fills_to_the_last_leaves_nothing_to_send() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 10, 9))
    trading.events(filled("a", "x", 4))
    *_, applied, ended = trading.events(filled("a", "y", 6))
    assert isinstance(applied, FillApplied), "the last fill used up what was reserved"
    assert isinstance(ended, OrderWithdrawn)
    assert _why(trading, "b") is Reason.NOTHING_LEFT
    assert trading.order("b").status is OrderStatus.CANCELLED
    assert _sent(trading, "b") == []
    assert _reserved(trading) == {}
    assert trading.reason(cancel_rejected("a")) is Reason.REPORT_ALREADY_APPLIED


def test_a_larger_replacement_is_sent_with_the_difference_when_the_old_order_is_filled() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 12))
    trading.events(filled("a", "x", 10))
    assert [sent.quantity for sent in _sent(trading, "b")] == [2]
    assert _reserved(trading) == {"b": (2, 8)}


def test_a_smaller_replacement_never_trades_what_the_old_order_has_traded_already() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 6))
    trading.events(filled("a", "x", 7))
    assert trading.order("b").status is OrderStatus.HELD
    trading.events(cancelled("a"))
    assert _why(trading, "b") is Reason.NOTHING_LEFT
    assert _reserved(trading) == {}


def test_a_refused_cancel_leaves_the_old_order_as_it_was() -> None:
    trading = _resting()
    before = trading.risk().reservations
    trading.events(replacing("a", "b", 15, 9))
    _, dropped, ended = trading.events(cancel_rejected("a"))
    assert isinstance(dropped, ReplacementDropped)
    assert isinstance(ended, OrderWithdrawn)
    assert _why(trading, "b") is Reason.REPLACED_ORDER_STANDS
    assert trading.risk().reservations == before
    assert trading.order("a").status is OrderStatus.ACCEPTED
    assert trading.reason(replacing("a", "c", 11)) is None, "it can be replaced again"


def test_what_is_left_is_too_little_for_the_venue() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 10))
    trading.events(filled("a", "x", "9.7"))
    trading.events(cancelled("a"))
    assert _why(trading, "b") is Reason.QUANTITY_BELOW_MINIMUM
    assert _reserved(trading) == {}


def test_a_halt_binds_the_replacement_that_waits() -> None:
    trading = _resting()
    trading.events(replacing("a", "b"))
    trading.events(HaltTrading(ACCOUNT, "loss"))
    trading.events(cancelled("a"))
    assert _why(trading, "b") is Reason.ACCOUNT_HALTED
    assert _reserved(trading) == {}


def test_the_checks_are_asked_without_what_the_old_order_holds() -> None:
    limits = replace(TIGHT, open_orders=1, self_trade=True, duplicate_window=1_000_000)
    trading = _resting(limits)
    assert trading.reason(replacing("a", "b", "12.6")) is Reason.POSITION_LIMIT
    assert trading.order("b").status is OrderStatus.DENIED
    refused, denied = [change.event for change in trading.changes][-2:]
    assert isinstance(refused, ReplacementRefused)
    assert isinstance(denied, OrderDenied)
    assert (refused.check, refused.limit, refused.value) == ("position", "100", "100.8")
    assert _reserved(trading) == {"a": (10, 8)}
    assert trading.reason(replacing("a", "c", 10)) is None, "of the same size, moments later"
    assert trading.reason(place("d", amount=1)) is Reason.OPEN_ORDERS_LIMIT
    trading.events(cancelled("a"))
    assert _reserved(trading) == {"c": (10, 8)}


def test_nobody_is_given_what_the_replacement_will_need() -> None:
    trading = _resting(TIGHT)
    trading.events(replacing("a", "b", "12.5"))
    assert trading.reason(place("c", amount=1)) is Reason.POSITION_LIMIT
    trading.events(cancelled("a"))
    assert trading.reason(place("d", amount=1)) is Reason.POSITION_LIMIT


def test_a_held_order_is_cancelled_here_and_its_predecessor_at_the_venue() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 12))
    assert trading.reason(cancel("b", account=OTHER_ACCOUNT)) is Reason.ORDER_UNKNOWN
    trading.events(cancel("b"))
    assert _why(trading, "b") is Reason.WITHDRAWN
    assert _reserved(trading) == {"a": (10, 8)}
    told, freed = trading.events(cancelled("a"))
    assert told is not None
    assert isinstance(freed, ReservationReleased)
    assert _sent(trading, "b") == []
    assert trading.reason(cancel("b")) is Reason.ORDER_NOT_OPEN


def test_both_orders_never_meet_what_others_of_the_account_rest_at() -> None:
    trading = _resting(Limits(currency="USDT", self_trade=True))
    trading.events(replacing("a", "b", 10, 9))
    assert trading.reason(place("c", Side.SELL, 1, "8.5")) is Reason.SELF_TRADE
    trading.events(cancel("b"))
    assert trading.reason(place("d", Side.SELL, 1, "8.5")) is None
    assert trading.reason(place("e", Side.SELL, 1, 8)) is Reason.SELF_TRADE


def test_a_stop_at_the_venue_is_moved_by_replacing_it() -> None:
    trading = desk()
    trading.events(conditional("a"))
    trading.events(accepted("a"))
    assert trading.reason(amend("a", 12)) is Reason.REPLACE_INSTEAD
    command = replacing("a", "b", at=None, kind=OrderType.STOP_MARKET, trigger=NEVER, reference=8)
    command = replace(command, instrument_id=SUSHI)
    trading.events(command)
    trading.events(cancelled("a"))
    (sent,) = _sent(trading, "b")
    assert sent.trigger == NEVER
    assert sent.side is Side.SELL


def test_what_closes_a_position_is_replaced_with_what_is_held_then() -> None:
    trading = desk()
    trading.events(place("d"))
    trading.events(filled("d", "d", 10))
    trading.events(closing("a"))
    trading.events(
        replacing(
            "a", "b", 0, None, kind=OrderType.STOP_MARKET, trigger=NEVER, reference=8,
            close_position=True,
        )
    )  # fmt: skip
    trading.events(place("c", Side.SELL, 4))
    trading.events(filled("c", "c", 4, side=Side.SELL))
    trading.events(cancelled("a"))
    (sent,) = _sent(trading, "b")
    assert (sent.quantity, sent.close_position) == (number(6), True)


def test_a_stop_that_closed_the_position_leaves_nothing_to_close() -> None:
    trading = desk()
    trading.events(place("d"))
    trading.events(filled("d", "d", 10))
    trading.events(closing("a"))
    trading.events(
        replacing(
            "a", "b", 0, None, kind=OrderType.STOP_MARKET, trigger=NEVER, reference=8,
            close_position=True,
        )
    )  # fmt: skip
    trading.events(triggered("a"))
    trading.events(filled("a", "x", 10, side=Side.SELL))
    assert _why(trading, "b") is Reason.NOTHING_LEFT
    assert _reserved(trading) == {}


def test_the_strategy_of_the_old_order_is_that_of_the_new_one() -> None:
    strategy = StrategyId(derived("test", "strategy"))
    limits = Limits(currency="USDT", strategies={strategy: StrategyLimits(open_orders=1)})
    trading = desk(limits)
    trading.events(replace(place("a"), strategy_id=strategy))
    trading.events(replacing("a", "b"))
    trading.events(cancelled("a"))
    assert trading.order("b").strategy_id == strategy
    assert trading.risk().strategies[strategy].orders == 1
    assert trading.reason(replace(place("c"), strategy_id=strategy)) is (
        Reason.STRATEGY_OPEN_ORDERS_LIMIT
    )


def test_a_change_by_other_means_keeps_what_both_need() -> None:
    trading = _resting()
    trading.events(replacing("a", "b", 12, 7))
    trading.events(amended("a", 11, "8.5", number=0, time=START + 1))
    assert _reserved(trading) == {"a": (12, number("8.5"))}
    trading.events(cancelled("a"))
    assert _reserved(trading) == {"b": (12, 7)}


def test_in_whatever_order_a_race_is_told_the_new_quantity_is_never_passed() -> None:
    reports: tuple[VenueReport, ...] = (
        filled("a", "x", 4),
        filled("a", "y", 3),
        cancelled("a"),
    )
    for arrival in permutations(reports):
        trading = _resting()
        trading.events(replacing("a", "b", 12))
        for report in (*arrival, *arrival):
            trading.do(report)
        (sent,) = _sent(trading, "b")
        before = arrival[: arrival.index(cancelled("a"))]
        done = sum(one.quantity for one in before if isinstance(one, RecordFill))
        assert sent.quantity == 12 - done
        assert _reserved(trading) == {"b": (12 - done, 8)}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (replacing("nobody", "b"), Reason.ORDER_UNKNOWN),
        (replacing("a", "b", account=OTHER_ACCOUNT), Reason.ORDER_UNKNOWN),
        (replacing("a", "a"), Reason.ORDER_ALREADY_EXISTS),
        (replacing("a", "taken"), Reason.ORDER_ALREADY_EXISTS),
        (replacing("a", "b", 3), Reason.AMEND_BELOW_FILLED),
        (replacing("a", "b", "10.05"), Reason.QUANTITY_OFF_STEP),
        (replacing("a", "b", "3.1"), Reason.QUANTITY_BELOW_MINIMUM),
        (replacing("a", "b", at="8.0005"), Reason.PRICE_OFF_TICK),
        (replacing("a", "b", time_in_force=TimeInForce.GTD), Reason.EXPIRY_MISSING),
        (replacing("asked", "b"), Reason.CANCEL_ALREADY_REQUESTED),
        (replacing("amending", "b"), Reason.AMEND_ALREADY_REQUESTED),
        (replacing("done", "b"), Reason.ORDER_NOT_OPEN),
        (replacing("held", "b"), Reason.ORDER_IS_HELD),
    ],
)
def test_what_cannot_be_replaced_is_told(asked: object, reason: Reason) -> None:
    trading = _resting()
    trading.events(filled("a", "x", 3))
    for name in ("taken", "asked", "amending", "done", "other"):
        trading.events(place(name))
    trading.events(cancel("asked"))
    trading.events(accepted("amending", "v-2"))
    trading.events(amend("amending", 11))
    trading.events(cancelled("done"))
    trading.events(replacing("other", "held"))
    before = trading.order("a")
    assert trading.reason(asked) is reason  # type: ignore[arg-type]
    assert trading.order("a") == before
