"""Wider limits and their shares: who gets what, what is refused, and what binds the next order."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.accounts.commands import CloseAccount
from domain.allotments.commands import MoveAllotment
from domain.allotments.events import AllotmentMoved
from domain.allotments.state import Allotments
from domain.decision import Aggregate, Decision
from domain.dispatch import Command, initial
from domain.ids import PLATFORM, StrategyId, allotment_stream
from domain.reasons import Reason
from domain.risk.commands import SetLimits
from domain.risk.events import ChangeApproved, ChangeSuperseded, OrderAdmitted, OrderRefused
from domain.risk.explain import Outcome, explain
from domain.risk.wider import Counted, Wider, WiderScope, limit_of
from domain.risk.wider_events import ShareChanged, WiderLimitProposed, WiderLimitSet
from domain.users.events import Role
from domain.values import PositionSide, Side
from tests.support import hedged
from tests.support.allotting import GROSS, OPEN, given, limited, of_user, taken
from tests.support.check_stories import BTC, held
from tests.support.checks import admitted, refused
from tests.support.governing import approve, change_id, decline
from tests.support.membership import open_account, register
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    OTHER_ACCOUNT,
    Desk,
    cancelled,
    desk,
    filled,
    number,
    place,
)

POSITION = Wider(WiderScope.PLATFORM, "", Counted.POSITION_NOTIONAL, "USDT")


def shares(trading: Desk, wider: Wider = GROSS) -> Allotments:
    """What is allotted of a limit."""
    state = trading.states.get(allotment_stream(*wider), initial(Aggregate.ALLOTMENT))
    assert isinstance(state, Allotments)
    return state


def in_force(trading: Desk, wider: Wider = GROSS) -> Decimal | None:
    """The wider limit, as every order reads it."""
    return limit_of(trading.risk(PLATFORM).governance.wider, wider)


def answer(trading: Desk, command: Command) -> tuple[Reason, str, str]:
    """Reason, limit and value of a refusal that changed nothing."""
    decision = trading.do(command)
    assert decision.changes == ()
    assert decision.rejected is not None
    return decision.rejected.reason, decision.rejected.limit, decision.rejected.value


def test_a_share_is_in_the_pools_stream_and_in_the_accounts_by_one_decision() -> None:
    trading = desk()
    trading.events(limited(100))
    moved, share = trading.events(given(60))
    assert moved == AllotmentMoved(
        ACCOUNT, *GROSS, given(60).direction, number(60), number(60), number(60), number(100),
        number(0),
    )  # fmt: skip
    assert share == ShareChanged(ACCOUNT, *GROSS, number(60))
    assert trading.risk().governance.shares == {GROSS: number(60)}
    assert shares(trading) == Allotments({ACCOUNT: number(60)}, number(60))


@pytest.mark.parametrize(
    ("wider", "groups"),
    [
        (GROSS, {"positions"}),
        (POSITION, {"positions"}),
        (OPEN, {"opened"}),
        (Wider(WiderScope.STRATEGY, "s", Counted.OPEN_NOTIONAL, "USDT"), {"strategy"}),
        (Wider(WiderScope.VENUE, "BYBIT", Counted.OPEN_NOTIONAL, "USDT"), set()),
    ],
    ids=str,
)
def test_a_decision_records_what_a_share_was_compared_with(wider: Wider, groups: set[str]) -> None:
    """As it records what the account's own limits were; nothing of a limit that does not bind."""
    trading = desk()
    trading.events(limited(1_000, wider))
    trading.events(given(500, wider))
    for name, amount in (("open", 3), ("a", 5)):
        order = replace(place(name, amount=amount, reference=8), strategy_id=StrategyId("s"))
        event = trading.events(order)[0]
    assert isinstance(event, OrderAdmitted)
    found = {name for name in ("positions", "opened", "strategy") if getattr(event.inputs, name)}
    assert found == groups
    if event.inputs.positions is not None:
        assert event.inputs.positions.gross == 24
    if event.inputs.opened is not None:
        assert event.inputs.opened.notional == 24
    if event.inputs.strategy is not None:
        assert event.inputs.strategy.open_notional == 24


def test_no_more_is_given_than_is_left() -> None:
    trading = desk()
    trading.events(limited(100))
    trading.events(given(60))
    other = given("40.001", account=OTHER_ACCOUNT)
    assert answer(trading, other) == (Reason.ALLOTMENT_EXHAUSTED, "40", "40.001")
    trading.events(given(40, account=OTHER_ACCOUNT))
    assert answer(trading, given("0.001")) == (Reason.ALLOTMENT_EXHAUSTED, "0", "0.001")


def test_what_is_taken_is_free_for_another_account() -> None:
    trading = desk()
    trading.events(limited(100))
    trading.events(given(100))
    trading.events(taken(30))
    trading.events(given(30, account=OTHER_ACCOUNT))
    assert shares(trading).shares == {ACCOUNT: number(70), OTHER_ACCOUNT: number(30)}
    assert answer(trading, taken("70.1")) == (Reason.ALLOTMENT_TOO_SMALL, "70", "70.1")
    trading.events(taken(70))
    assert trading.risk().governance.shares == {}
    assert shares(trading) == Allotments({OTHER_ACCOUNT: number(30)}, number(30))


@pytest.mark.parametrize(
    ("wider", "used"), [(GROSS, "160"), (OPEN, "80"), (POSITION, "120")], ids=str
)
def test_what_the_account_holds_and_has_reserved_stays_within_its_share(
    wider: Wider, used: str
) -> None:
    trading = held()
    trading.events(limited(1_000, wider))
    trading.events(given(500, wider))
    trading.events(place("more", amount=5, reference=8))
    trading.events(place("other", amount=5, reference=8, instrument=BTC))
    too_much = taken(number(500) - number(used) + number("0.1"), wider)
    assert answer(trading, too_much)[:2] == (Reason.ALLOTMENT_IN_USE, used)
    trading.events(taken(number(500) - number(used), wider))


def test_a_share_is_taken_whatever_is_held_while_no_limit_is_in_force() -> None:
    trading = held()
    trading.events(given(500))
    trading.events(taken(500))


def test_nothing_is_asked_of_an_order_while_no_wider_limit_is_in_force() -> None:
    trading = desk()
    trading.events(given(5))
    admitted(trading, place("a"))


def test_a_limit_binds_at_once_and_an_account_without_a_share_has_nothing() -> None:
    trading = held()
    trading.events(limited(1_000))
    order = place("a", amount=1, reference=8)
    refused(trading, order, "allotment", Reason.ALLOTMENT_LIMIT, "0", "88")
    admitted(trading, place("out", Side.SELL, 10, reference=8))
    trading.events(given(88))
    admitted(trading, place("b", amount=1, reference=8))


def test_the_refusal_names_the_limit() -> None:
    trading = desk()
    trading.events(limited(1_000, OPEN))
    *_, by_risk, _ = trading.do(place("a")).changes
    assert isinstance(by_risk.event, OrderRefused)
    assert by_risk.event.detail == (
        "over the account's share of open_notional of platform in USDT, which is limited to 1000"
    )


def test_of_several_limits_the_one_with_the_least_room_answers() -> None:
    trading = desk()
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    for wider, share in ((GROSS, 90), (of_user(), 81)):
        trading.events(limited(1_000, wider))
        trading.events(given(share, wider))
    order = place("a", amount=11, reference=8)
    refused(trading, order, "allotment", Reason.ALLOTMENT_LIMIT, "81", "88")
    row = next(row for row in explain(trading.question(order)) if row.check == "allotment")
    assert (row.outcome, row.limit, row.value) == (Outcome.REFUSED, "81", "88")
    admitted(trading, place("b", amount=10, reference=8))
    row = next(row for row in explain(trading.question(order)) if row.check == "allotment")
    assert (row.limit, row.value) == ("81", "168")


def test_limits_of_another_user_venue_strategy_or_currency_do_not_bind() -> None:
    trading = desk()
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    for wider in (
        of_user("bob"),
        Wider(WiderScope.VENUE, "BYBIT", Counted.GROSS_NOTIONAL, "USDT"),
        Wider(WiderScope.STRATEGY, "s", Counted.OPEN_NOTIONAL, "USDT"),
        GROSS._replace(currency="USDC"),
    ):
        trading.events(limited(1, wider))
    admitted(trading, place("a", reference=8))


def test_what_is_held_is_valued_at_the_market_and_never_at_the_orders_own_price() -> None:
    trading = desk()
    trading.events(limited(1_000))
    trading.events(given(1_000))
    assert trading.reason(place("a")) is Reason.REFERENCE_PRICE_MISSING
    trading.events(limited(1_000, OPEN))
    trading.events(given(1_000, OPEN))
    trading.events(limited(None))
    admitted(trading, place("b"))


def test_an_account_of_others_gets_no_share() -> None:
    trading = desk()
    assert answer(trading, given(1, of_user())) == (
        Reason.ALLOTMENT_OF_OTHERS, f"user {of_user().subject}", ""
    )  # fmt: skip
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    trading.events(given(1, of_user()))
    assert answer(trading, given(1, of_user("bob")))[0] is Reason.ALLOTMENT_OF_OTHERS
    bybit = Wider(WiderScope.VENUE, "BYBIT", Counted.GROSS_NOTIONAL, "USDT")
    assert answer(trading, given(1, bybit)) == (
        Reason.ALLOTMENT_OF_OTHERS, "venue BYBIT", "BINANCE"
    )  # fmt: skip
    trading.events(given(1, bybit._replace(subject="BINANCE")))


def test_a_closed_account_gets_nothing_and_gives_back_what_it_has() -> None:
    trading = desk()
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    trading.events(limited(10))
    trading.events(given(5))
    trading.events(CloseAccount(ACCOUNT))
    assert answer(trading, given(1))[0] is Reason.ACCOUNT_CLOSED
    trading.events(taken(5))


@pytest.mark.parametrize("counted", [Counted.GROSS_NOTIONAL, Counted.POSITION_NOTIONAL])
def test_of_a_strategy_only_what_it_has_open_is_counted(counted: Counted) -> None:
    wider = Wider(WiderScope.STRATEGY, "s", counted, "USDT")
    assert answer(desk(), limited(5, wider))[0] is Reason.MALFORMED
    assert answer(desk(), given(5, wider))[0] is Reason.MALFORMED


def test_a_limit_is_not_set_below_what_is_allotted() -> None:
    trading = desk()
    trading.events(limited(100))
    trading.events(given(60))
    assert answer(trading, limited("59.9")) == (Reason.WIDER_LIMIT_BELOW_SHARES, "60", "59.9")
    trading.events(limited(60))
    assert answer(trading, limited(60))[0] is Reason.SETTING_UNCHANGED
    trading.events(limited(None))
    assert answer(trading, limited("59.9"))[0] is Reason.WIDER_LIMIT_BELOW_SHARES
    trading.events(given(10))
    assert answer(trading, limited(69))[0] is Reason.WIDER_LIMIT_BELOW_SHARES


def told(decision: Decision) -> list[type]:
    """The kinds of events."""
    return [type(change.event) for change in decision.changes]


def test_a_first_and_a_lower_limit_hold_at_once_a_higher_one_waits() -> None:
    trading = desk()
    assert told(trading.do(limited(100, proposal="first"))) == [WiderLimitSet]
    assert told(trading.do(limited(90, proposal="lower"))) == [WiderLimitSet]
    decision = trading.do(limited(95, proposal="higher"))
    assert told(decision) == [WiderLimitProposed]
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.APPROVAL_NEEDED
    assert in_force(trading) == number(90)
    assert trading.reason(approve("higher", "ada")) is Reason.OWN_CHANGE
    operator = replace(approve("higher"), roles=frozenset({Role.OPERATOR}))
    assert trading.reason(operator) is Reason.APPROVER_LACKS_ROLE
    assert told(trading.do(approve("higher"))) == [WiderLimitSet, ChangeApproved]
    assert in_force(trading) == number(95)
    assert trading.risk(PLATFORM).governance.pending == {}


def test_the_end_of_a_limit_waits_too() -> None:
    trading = desk()
    trading.events(limited(100))
    assert trading.reason(limited(None, proposal="none")) is Reason.APPROVAL_NEEDED
    trading.events(approve("none"))
    assert in_force(trading) is None
    assert trading.risk(PLATFORM).governance.wider == {}


def test_a_later_change_of_the_same_limit_supersedes_what_waits_and_no_other() -> None:
    trading = desk()
    for wider in (GROSS, OPEN):
        trading.events(limited(100, wider))
        trading.do(limited(200, wider, f"raise {wider}"))
    trading.do(SetLimits(PLATFORM, NO_LIMITS))
    assert told(trading.do(limited(50))) == [ChangeSuperseded, WiderLimitSet]
    assert trading.reason(approve(f"raise {GROSS}")) is Reason.CHANGE_UNKNOWN
    assert told(trading.do(limited(300, OPEN, "raise again"))) == [
        ChangeSuperseded, WiderLimitProposed
    ]  # fmt: skip
    assert set(trading.risk(PLATFORM).governance.pending) == {change_id("raise again")}
    trading.events(decline("raise again"))
    assert in_force(trading, OPEN) == number(100)


def test_what_is_allotted_while_a_raise_waits_stays_within_it() -> None:
    trading = desk()
    trading.events(limited(100))
    trading.do(limited(200, proposal="higher"))
    trading.events(given(100))
    assert answer(trading, given(1))[0] is Reason.ALLOTMENT_EXHAUSTED
    trading.events(approve("higher"))
    trading.events(given(100, account=OTHER_ACCOUNT))


def test_a_move_needs_the_stream_of_its_account_and_of_its_limit_alone() -> None:
    trading = desk()
    trading.events(limited(100))
    changes = trading.do(given(10)).changes
    assert [change.stream.account_id for change in changes] == [PLATFORM, ACCOUNT]
    assert isinstance(given(10), MoveAllotment)


def test_what_an_ended_order_held_can_be_taken() -> None:
    trading = desk()
    trading.events(limited(100, OPEN))
    trading.events(given(80, OPEN))
    trading.events(place("a", amount=10))
    assert answer(trading, taken(1, OPEN)) == (Reason.ALLOTMENT_IN_USE, "80", "79")
    trading.events(filled("a", "x", 4))
    trading.events(taken(32, OPEN))
    trading.events(cancelled("a"))
    trading.events(taken(48, OPEN))


@pytest.mark.parametrize("wider", [GROSS, POSITION], ids=str)
def test_both_legs_of_a_hedged_instrument_are_used(wider: Wider) -> None:
    trading = hedged.opened()
    trading.events(limited(1_000, wider))
    trading.events(given(200, wider))
    for name, side, of in (
        ("long", Side.BUY, PositionSide.LONG),
        ("short", Side.SELL, PositionSide.SHORT),
    ):
        priced = replace(hedged.leg(name, side, of), reference=place("p", reference=8).reference)
        admitted(trading, priced)
        trading.events(hedged.fill(name, side, of))
    assert answer(trading, taken(41, wider)) == (Reason.ALLOTMENT_IN_USE, "160", "159")
    more = replace(
        hedged.leg("more", Side.BUY, PositionSide.LONG, 6),
        reference=place("p", reference=8).reference,
    )
    refused(trading, more, "allotment", Reason.ALLOTMENT_LIMIT, "200", "208")
