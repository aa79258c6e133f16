"""Orders that were not placed here: begun by whichever report is first, and counted like ours."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.ids import AccountId, external_order_id
from domain.orders.commands import (
    ExecutionKind,
    OrderType,
    Origin,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.events import OrderFilled, OrderObserved
from domain.orders.external import ExternalOrder, ExternalReport
from domain.orders.state import OrderStatus
from domain.positions.events import PositionClosed, PositionReduced
from domain.reasons import Reason
from domain.registry import Event
from domain.risk.commands import Limits
from domain.risk.counting import OrderCounted
from domain.risk.events import FillApplied, ReservationReleased
from domain.values import PositionSide, Side
from tests.support.external import described, external_id, liquidating, told
from tests.support.life import amend, amended
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    OTHER_ACCOUNT,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancelled,
    desk,
    expired,
    filled,
    place,
    price,
    quantity,
    rejected,
    triggered,
)


def _holding(amount: int = 10) -> Desk:
    """An account that bought at 8."""
    trading = desk()
    trading.events(place("own", amount=amount))
    trading.events(filled("own", "own-1", amount))
    return trading


def _kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def test_a_liquidation_closes_the_position_by_an_order_of_the_venue() -> None:
    trading = _holding()
    order = liquidating("77")
    fill = replace(filled("x", "liq-1", 10, "7", side=Side.SELL), kind=ExecutionKind.LIQUIDATION)
    events = trading.events(told(order, fill))
    assert _kinds(events) == [
        OrderObserved, OrderCounted, OrderFilled, PositionClosed, FillApplied,
    ]  # fmt: skip
    state = trading.order_of(order.order_id)
    assert (state.status, state.origin) == (OrderStatus.FILLED, Origin.LIQUIDATION)
    assert state.venue_order_id == "77"
    assert trading.position().net_quantity == 0
    assert trading.position().realised_total == Decimal(-10)
    risk = trading.risk()
    assert risk.exposure(SUSHI).net_quantity == 0
    assert not risk.reservations
    assert risk.realised == {"USDT": Decimal(-10)}
    (moved,) = (event for event in events if isinstance(event, PositionClosed))
    assert moved.kind is ExecutionKind.LIQUIDATION
    assert moved.order_id == order.order_id


def test_the_same_execution_is_applied_once() -> None:
    trading = _holding()
    order = liquidating("77")
    fill = filled("x", "liq-1", 4, "7", side=Side.SELL)
    trading.events(told(order, fill))
    before = dict(trading.states)
    assert trading.reason(told(order, fill)) is Reason.EXECUTION_ALREADY_APPLIED
    assert trading.states == before
    assert trading.position().net_quantity == 6


def test_whichever_report_is_first_begins_the_order_and_the_rest_follow_in_any_order() -> None:
    reports: list[ExternalReport] = [
        accepted("x", "55"),
        replace(filled("x", "f-1", 4), venue_time=START + 1),
        replace(filled("x", "f-2", 6, "7.9"), venue_time=START + 2),
    ]
    ends = []
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]):
        trading = desk()
        for number in order:
            trading.do(told(described("55"), reports[number]))
        state = trading.order_of(external_id("55"))
        assert state.status is OrderStatus.FILLED
        ends.append((replace(state, amended_at=0), trading.position(), trading.risk().fees))
    assert all(end == ends[0] for end in ends)


def test_an_open_foreign_order_is_counted_and_released_when_it_ends() -> None:
    trading = desk()
    events = trading.events(told(described("55"), accepted("x", "55")))
    assert _kinds(events) == [OrderObserved, OrderCounted]
    exposure = trading.risk().exposure(SUSHI)
    assert exposure.open_buys == 10
    assert exposure.open_orders == 1
    assert exposure.open_notional == 80
    assert trading.order_of(external_id("55")).status is OrderStatus.ACCEPTED
    events = trading.events(told(described("55"), cancelled("x")))
    assert ReservationReleased in _kinds(events)
    exposure = trading.risk().exposure(SUSHI)
    assert exposure.open_buys == 0
    assert exposure.open_orders == 0
    assert exposure.open_notional == 0
    assert trading.order_of(external_id("55")).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        (Limits(currency="USDT", open_orders=1), Reason.OPEN_ORDERS_LIMIT),
        (Limits(currency="USDT", position_notional=Decimal(100)), Reason.POSITION_LIMIT),
        (Limits(currency="USDT", open_notional=Decimal(100)), Reason.OPEN_NOTIONAL_LIMIT),
    ],
)
def test_what_others_have_open_takes_room_from_our_own_orders(
    limits: Limits, refused: Reason
) -> None:
    trading = desk(limits)
    trading.events(told(described("55"), accepted("x", "55")))
    assert trading.reason(place("own", reference=8)) is refused
    trading.events(told(described("55"), cancelled("x")))
    assert trading.reason(place("again", reference=8)) is None


def test_nothing_keeps_out_what_is_a_fact() -> None:
    """It takes the account over its limits, and only our own orders feel it."""
    trading = desk(Limits(currency="USDT", open_orders=0, position_notional=Decimal(1)))
    trading.events(told(described("55"), filled("x", "f-1", 10)))
    assert trading.position().net_quantity == 10
    assert trading.reason(place("own", reference=8)) is Reason.OPEN_ORDERS_LIMIT


def test_our_orders_do_not_cross_what_somebody_rests_at_the_venue() -> None:
    trading = desk(replace(NO_LIMITS, self_trade=True))
    trading.events(told(described("55", side=Side.SELL), accepted("x", "55")))
    assert trading.reason(place("own", at="8", reference=8)) is Reason.SELF_TRADE
    assert trading.reason(place("below", at="7.9", reference=8)) is None
    trading.events(told(described("55", side=Side.SELL), cancelled("x")))
    assert trading.reason(place("again", at="8", amount=11, reference=8)) is None


@pytest.mark.parametrize(
    "order",
    [
        liquidating("9", side=Side.SELL),
        described("9", side=Side.SELL, time_in_force=TimeInForce.IOC),
        described(
            "9",
            side=Side.SELL,
            type=OrderType.STOP_LIMIT,
            trigger=Trigger(TriggerSource.LAST, price("7.5"), None, None),
        ),
    ],
)
def test_what_does_not_rest_on_the_book_meets_no_order(order: ExternalOrder) -> None:
    trading = desk(replace(NO_LIMITS, self_trade=True))
    trading.events(told(order, accepted("x", "9")))
    assert trading.reason(place("own", at="8", reference=8)) is None


def test_a_report_that_ends_it_at_once_leaves_nothing_open() -> None:
    trading = desk()
    trading.events(told(described("55"), expired("x")))
    assert trading.order_of(external_id("55")).status is OrderStatus.EXPIRED
    assert not trading.risk().reservations
    assert trading.risk().exposure(SUSHI).open_orders == 0


def test_a_refusal_of_a_stranger_begins_nothing() -> None:
    trading = desk()
    assert trading.reason(told(described("55"), rejected("x"))) is Reason.REPORT_CONTRADICTS_ORDER
    assert trading.order_of(external_id("55")).status is OrderStatus.NEW
    assert not trading.risk().reservations


def test_a_fill_of_the_other_side_begins_nothing() -> None:
    trading = desk()
    wrong = told(described("55"), filled("x", "f-1", 1, side=Side.SELL))
    assert trading.reason(wrong) is Reason.REPORT_CONTRADICTS_ORDER
    assert trading.order_of(external_id("55")).status is OrderStatus.NEW


def test_an_amendment_older_than_the_description_says_nothing_new() -> None:
    trading = desk()
    late = replace(amended("x", 5, "8", number=0), venue_time=START + 1)
    last = replace(amended("x", 7, "8.1", number=0), venue_time=START + 2)
    now = described("55", quantity=quantity(7), price=price("8.1"))
    trading.events(told(now, last))
    assert trading.reason(told(described("55"), late)) is Reason.REPORT_ALREADY_APPLIED
    state = trading.order_of(external_id("55"))
    assert (state.quantity, state.price) == (Decimal(7), Decimal("8.1"))
    assert trading.risk().exposure(SUSHI).open_buys == 7


def test_an_end_that_overtakes_the_amendment_that_made_room_for_it_is_heard() -> None:
    """Each description is as new as its report, so what it says of the order is known by then."""
    trading = desk()
    now = described("55", quantity=quantity(17))
    trading.events(told(described("55"), accepted("x", "55")))
    trading.events(told(now, replace(filled("x", "f-1", 10), venue_time=START + 2)))
    assert trading.order_of(external_id("55")).status is OrderStatus.PARTIALLY_FILLED
    trading.events(told(now, replace(cancelled("x"), venue_time=START + 3)))
    late = replace(amended("x", 17, number=0), venue_time=START + 1)
    assert trading.reason(told(now, late)) is Reason.REPORT_ALREADY_APPLIED
    assert trading.order_of(external_id("55")).status is OrderStatus.CANCELLED
    assert not trading.risk().reservations


def test_an_amendment_that_was_taken_back_stays_taken_back_when_it_comes_last() -> None:
    trading = desk()
    trading.events(told(described("55"), accepted("x", "55")))
    back = replace(amended("x", 10, number=0), venue_time=START + 2)
    trading.events(told(described("55"), back))
    there = replace(amended("x", 17, number=0), venue_time=START + 1)
    late = told(described("55", quantity=quantity(17)), there)
    assert trading.reason(late) is Reason.REPORT_ALREADY_APPLIED
    assert trading.order_of(external_id("55")).quantity == 10


def test_it_can_be_amended_by_whoever_placed_it() -> None:
    trading = desk()
    trading.events(told(described("55"), accepted("x", "55")))
    change = replace(amended("x", 25, "8.5", number=0), venue_time=START + 5)
    trading.events(told(described("55", quantity=quantity(25)), change))
    exposure = trading.risk().exposure(SUSHI)
    assert exposure.open_buys == 25
    assert exposure.open_notional == Decimal("212.5")


def test_foreign_orders_can_be_cancelled_from_here_and_not_amended() -> None:
    trading = desk()
    trading.events(told(described("55"), accepted("x", "55")))
    ours = replace(cancel("x"), order_id=external_id("55"))
    changing = replace(amend("x", 12), order_id=external_id("55"))
    assert trading.reason(changing) is Reason.AMEND_NOT_POSSIBLE
    assert trading.reason(ours) is None
    assert trading.order_of(external_id("55")).status is OrderStatus.PENDING_CANCEL
    trading.events(told(described("55"), cancelled("x")))
    assert trading.reason(ours) is Reason.ORDER_NOT_OPEN


@pytest.mark.parametrize(
    "order", [liquidating("9"), described("9", client_order_id="")], ids=["venue", "nameless"]
)
def test_what_only_the_venue_can_cancel_is_not_asked_for(order: ExternalOrder) -> None:
    trading = desk()
    trading.events(told(order, accepted("x", "9")))
    ours = replace(cancel("x"), order_id=external_id("9"))
    assert trading.reason(ours) is Reason.CANCEL_NOT_POSSIBLE


def test_a_stop_at_the_venue_is_triggered_and_fills_in_any_order() -> None:
    stop = described(
        "55",
        type=OrderType.STOP_MARKET,
        price=None,
        trigger=Trigger(TriggerSource.MARK, price("8.5"), None, None),
    )
    trading = desk()
    trading.events(told(stop, filled("x", "f-1", 4, "8.5")))
    assert trading.risk().reservations[external_id("55")].price == Decimal("8.5")
    trading.events(told(stop, triggered("x")))
    state = trading.order_of(external_id("55"))
    assert (state.status, state.triggered) == (OrderStatus.PARTIALLY_FILLED, True)


def test_a_leg_of_a_hedged_account_is_counted_on_its_own() -> None:
    trading = desk()
    order = liquidating("9", position_side=PositionSide.LONG)
    trading.events(told(order, accepted("x", "9")))
    risk = trading.risk()
    assert risk.exposure(SUSHI, PositionSide.LONG).open_sells == 10
    assert risk.exposure(SUSHI).open_sells == 10
    fill = replace(filled("x", "f-1", 10, side=Side.SELL), position_side=PositionSide.LONG)
    trading.events(told(order, fill))
    risk = trading.risk()
    assert risk.exposure(SUSHI, PositionSide.LONG).open_sells == 0
    assert trading.position(side=PositionSide.LONG).net_quantity == -10


def test_an_order_that_closes_whatever_is_held_counts_what_is_held() -> None:
    trading = _holding(6)
    closing = liquidating("9", Origin.FOREIGN, close_position=True, quantity=quantity(0))
    trading.events(told(closing, accepted("x", "9")))
    assert trading.risk().exposure(SUSHI).open_sells == 6
    trading.events(told(closing, filled("x", "f-1", 6, side=Side.SELL)))
    assert trading.position().net_quantity == 0
    assert trading.order_of(external_id("9")).status is OrderStatus.FILLED


def test_an_order_that_has_nothing_to_close_begins_when_it_traded() -> None:
    trading = desk()
    closing = liquidating("9", Origin.FOREIGN, close_position=True, quantity=quantity(0))
    assert trading.reason(told(closing, accepted("x", "9"))) is Reason.NOTHING_TO_CLOSE
    events = trading.events(told(closing, filled("x", "f-1", 6, side=Side.SELL)))
    assert OrderObserved in _kinds(events)
    assert trading.position().net_quantity == -6


@pytest.mark.parametrize(
    ("origin", "kind"),
    [(Origin.ADL, ExecutionKind.ADL), (Origin.SETTLEMENT, ExecutionKind.SETTLEMENT)],
)
def test_the_venue_s_own_executions_keep_their_kind(origin: Origin, kind: ExecutionKind) -> None:
    trading = _holding()
    fill = replace(filled("x", "f-1", 4, side=Side.SELL), kind=kind)
    events = trading.events(told(liquidating("9", origin, quantity=quantity(4)), fill))
    (moved,) = (event for event in events if isinstance(event, PositionReduced))
    assert moved.kind is kind


def test_before_the_first_price_it_is_valued_at_nothing_and_then_at_what_it_traded() -> None:
    unheard = desk()
    unheard.events(told(liquidating("9"), accepted("x", "9")))
    assert unheard.risk().reservations[external_id("9")].price == 0
    heard = desk()
    heard.events(told(liquidating("9"), filled("x", "f-1", 4, "7.5", side=Side.SELL)))
    assert heard.risk().reservations[external_id("9")].price == Decimal("7.5")


def test_the_currency_is_that_of_our_books_or_else_what_the_venue_says() -> None:
    listed = desk()
    listed.events(told(described("55", currency="USDC"), accepted("x", "55")))
    assert listed.order_of(external_id("55")).currency == "USDT"
    unlisted = desk(rules=None)
    unlisted.events(told(described("55", currency="USDC"), accepted("x", "55")))
    assert unlisted.order_of(external_id("55")).currency == "USDC"


def test_one_order_has_one_id_and_each_account_and_instrument_its_own() -> None:
    assert external_order_id(ACCOUNT, SUSHI, "55") == external_id("55")
    assert external_order_id(AccountId(OTHER_ACCOUNT), SUSHI, "55") != external_id("55")
    assert external_order_id(ACCOUNT, SUSHI, "56") != external_id("55")
    assert external_id("55")[14] == "8"
