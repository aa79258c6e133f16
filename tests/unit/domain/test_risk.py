"""An account's risk: reservations, fills, releases, limits and halts, event by event."""

from dataclasses import fields, replace

from domain.ids import PLATFORM
from domain.orders.commands import OrderType, ReferencePrice
from domain.reasons import Reason
from domain.risk.commands import HaltMode, HaltScope, HaltTrading, Limits, ResumeTrading, SetLimits
from domain.risk.compared import DecisionInputs
from domain.risk.events import (
    FillApplied,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
    TradingHalted,
    TradingResumed,
)
from domain.risk.evolve import evolve
from domain.risk.state import Balance, Governance, NotedTerms, OpenExit, Risk
from domain.values import Money, PositionSide, Side
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    START,
    SUSHI,
    accepted,
    cancelled,
    desk,
    expired,
    filled,
    number,
    order_id,
    place,
    price,
    quantity,
    rejected,
    usdt,
)


def test_an_admission_records_everything_that_was_looked_at() -> None:
    trading = desk()
    trading.events(place("held"))
    trading.events(filled("held", "x", 4))
    event = trading.events(place("a", Side.SELL, 3, "8.5", reference="8.4"))[0]
    assert event == OrderAdmitted(
        account_id=ACCOUNT,
        order_id=order_id("a"),
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.LIMIT,
        quantity=quantity(3),
        price=price("8.5"),
        strategy_id=None,
        at=START,
        inputs=DecisionInputs(
            limits_version=1,
            rules_version=1,
            reference=ReferencePrice(price("8.4"), START),
            net_quantity=number(4),
            open_buys=number(6),
            open_sells=number(0),
            open_orders=1,
        ),
        position_side=PositionSide.NET,
        limit_price=price("8.5"),
        trigger=None,
    )


def test_a_market_order_is_reserved_at_the_reference() -> None:
    event = desk().events(place("a", at=None, reference="8.4"))[0]
    assert isinstance(event, OrderAdmitted)
    assert event.price == number("8.4")


def test_a_refusal_records_the_same_inputs() -> None:
    trading = desk(Limits(currency="USDT", order_quantity=number(5)))
    event = trading.do(place("a")).changes[0].event
    assert isinstance(event, OrderRefused)
    assert (event.check, event.limit, event.value) == ("order_quantity", "5", "10")
    assert event.inputs.limits_version == 1
    assert trading.risk().reservations == {}


def test_fills_turn_reservation_into_position() -> None:
    trading = desk()
    trading.events(place("a"))
    assert trading.risk().exposure(SUSHI)[:3] == (number(0), number(10), number(0))
    event = trading.events(filled("a", "x", 4, "8.5"))[2]
    assert event == FillApplied(
        account_id=ACCOUNT,
        order_id=order_id("a"),
        instrument_id=SUSHI,
        execution_id=filled("a", "x", 4).execution_id,
        side=Side.BUY,
        quantity=quantity(4),
        price=price("8.5"),
        reserved_quantity=number(4),
        net_quantity=number(4),
        realised=usdt(0),
        fee=usdt("0.01"),
        position_side=PositionSide.NET,
    )
    assert trading.risk().exposure(SUSHI)[:3] == (number(4), number(6), number(0))
    trading.events(filled("a", "y", 6))
    assert trading.risk().exposure(SUSHI)[:3] == (number(10), number(0), number(0))
    assert trading.risk().reservations == {}


def test_an_overfill_uses_up_what_was_reserved_and_no_more() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(place("b"))
    event = trading.events(filled("a", "x", 13))[2]
    assert isinstance(event, FillApplied)
    assert event.reserved_quantity == 10
    assert trading.risk().exposure(SUSHI)[:3] == (number(13), number(10), number(0))


def test_the_end_of_an_order_releases_the_rest() -> None:
    for end in (rejected("a"), cancelled("a"), expired("a")):
        trading = desk()
        trading.events(place("a", Side.SELL))
        event = trading.events(end)[1]
        assert event == ReservationReleased(ACCOUNT, order_id("a"), SUSHI, number(10))
        assert trading.risk().exposure(SUSHI)[:3] == (number(0), number(0), number(0))


def test_a_partly_filled_order_releases_only_the_rest() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(filled("a", "x", 4))
    event = trading.events(cancelled("a"))[1]
    assert isinstance(event, ReservationReleased)
    assert event.quantity == 6


def test_a_fill_after_the_release_reserves_nothing_and_moves_the_position() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(cancelled("a"))
    event = trading.events(filled("a", "x", 4))[2]
    assert isinstance(event, FillApplied)
    assert event.reserved_quantity == 0
    assert trading.risk().exposure(SUSHI)[:3] == (number(4), number(0), number(0))


def test_an_acceptance_reserves_and_releases_nothing() -> None:
    trading = desk()
    trading.events(place("a"))
    before = trading.risk()
    assert len(trading.events(accepted("a"))) == 1
    assert trading.risk() is before


def test_profit_and_fees_are_summed_by_currency() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(place("b", Side.SELL))
    trading.events(filled("a", "x", 10, 8, fee=Money(number("0.001"), "BNB")))
    trading.events(filled("b", "y", 10, 9, side=Side.SELL, fee=usdt("-0.02")))
    assert trading.risk().realised == {"USDT": number(10)}
    assert trading.risk().fees == {"BNB": number("0.001"), "USDT": number("-0.02")}


def test_limits_count_their_versions() -> None:
    trading = desk()
    other = replace(NO_LIMITS, open_orders=3)
    assert trading.events(SetLimits(ACCOUNT, other)) == [LimitsSet(ACCOUNT, 2, other)]
    assert trading.risk().limits == other


def test_a_halt_is_set_once_and_lifted_once() -> None:
    trading = desk()
    usual = {
        ACCOUNT: (HaltScope.ACCOUNT, HaltMode.REDUCE_ONLY),
        PLATFORM: (HaltScope.PLATFORM, HaltMode.FULL),
    }
    for account, (scope, mode) in usual.items():
        assert trading.reason(ResumeTrading(account, "?")) is Reason.NOT_HALTED
        halted = trading.events(HaltTrading(account, "loss"))
        assert halted == [TradingHalted(account, scope, "", mode, "loss")]
        assert trading.reason(HaltTrading(account, "again")) is Reason.ALREADY_HALTED
        assert trading.risk(account).halt_reason == "loss"
        resumed = trading.events(ResumeTrading(account, "better"))
        assert resumed == [TradingResumed(account, scope, "", "better")]
        assert not trading.risk(account).halted


def test_events_that_could_not_be_decided_are_folded_all_the_same() -> None:
    released = ReservationReleased(ACCOUNT, order_id("a"), SUSHI, number(1))
    assert evolve(Risk(), released) == Risk()
    applied = FillApplied(
        account_id=ACCOUNT,
        order_id=order_id("a"),
        instrument_id=SUSHI,
        execution_id=filled("a", "x", 1).execution_id,
        side=Side.BUY,
        quantity=quantity(1),
        price=price(8),
        reserved_quantity=number(0),
        net_quantity=number(1),
        realised=usdt(0),
        fee=usdt(0),
        position_side=PositionSide.NET,
    )
    assert evolve(Risk(), applied).exposure(SUSHI).net_quantity == 1


def test_an_admission_keeps_what_it_does_not_move() -> None:
    """It makes the next state field by field: one that was forgotten would fall back to nothing."""
    event = desk().events(place("a"))[0]
    assert isinstance(event, OrderAdmitted)
    before = Risk(
        limits=NO_LIMITS,
        limits_version=7,
        halted=True,
        halt_reason="storm",
        realised={"USDT": number(1)},
        fees={"USDT": number(2)},
        funding={"USDT": number(3)},
        balances={"USDT": Balance(number(4), START)},
        governance=Governance(mode=HaltMode.REDUCE_ONLY),
        exits={order_id("exit"): OpenExit(SUSHI, None, order_id("entry"))},
        terms={SUSHI: NotedTerms(1, number(0), ())},
    )
    moved = {"exposures", "legs", "reservations", "intents", "books", "pace", "resting"}
    kept = {each.name for each in fields(Risk)} - moved - {"strategies"}
    nothing, after = Risk(), evolve(before, event)
    assert all(getattr(before, name) != getattr(nothing, name) for name in kept)
    assert {name for name in kept if getattr(after, name) != getattr(before, name)} == set()
