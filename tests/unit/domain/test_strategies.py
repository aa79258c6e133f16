"""Every rule of strategies, signals and followers, and what a strategy's state lets an order do."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.dispatch import Command
from domain.ids import PLATFORM, AccountId, InstrumentId, StrategyId, derived
from domain.orders.commands import PlaceOrder
from domain.orders.events import OrderDenied, OrderPlaced
from domain.reasons import Reason
from domain.risk.commands import Limits, SetLimits
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.strategies.commands import (
    ChangeFollower,
    PauseStrategy,
    StartStrategy,
    StopStrategy,
    UnfollowStrategy,
)
from domain.strategies.events import (
    CopyRefused,
    CopySkipped,
    DriftAction,
    DriftFound,
    IntentCopied,
    SignalSubmitted,
    StrategyRegistered,
)
from domain.strategies.terms import Access, CopySource, DriftPolicy, Intent, SizingRule, Terms
from domain.values import Quantity, Side
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    OWNER,
    RATIO,
    STRATEGY,
    copy,
    drift,
    follow,
    intent,
    register,
    running,
    signal,
)
from tests.support.trading import NO_LIMITS, START, SUSHI, Desk, desk, place, usdt

START_IT = StartStrategy(STRATEGY, LEADER)
PAUSE_IT = PauseStrategy(STRATEGY, LEADER)
STOP_IT = StopStrategy(STRATEGY, LEADER)
REPAIR = replace(RATIO, drift=DriftPolicy.REPAIR)


def led(*more: Command) -> Desk:
    """A running strategy, and a follower that may trade."""
    trading = desk()
    for command in (SetLimits(FOLLOWER, NO_LIMITS), *running(), *more):
        trading.events(command)
    return trading


def of_strategy(name: str = "a", *, reduce_only: bool = False) -> PlaceOrder:
    return replace(place(name, reduce_only=reduce_only), strategy_id=STRATEGY)


def only_follower_event(trading: Desk, command: Command) -> object:
    return trading.do(command).changes[-1].event


def test_a_strategy_is_registered_once_and_says_whose_it_is() -> None:
    trading = Desk()
    decision = trading.do(register())
    [change] = decision.changes
    assert change.stream.account_id == PLATFORM, "orders of any account look at it"
    assert change.event == StrategyRegistered(
        STRATEGY, LEADER, OWNER, "trend", (SUSHI,), CopySource.SIGNALS, Access.OPEN
    )
    assert trading.reason(register()) is Reason.STRATEGY_ALREADY_EXISTS
    assert trading.reason(register(account=FOLLOWER)) is Reason.STRATEGY_ALREADY_EXISTS


@pytest.mark.parametrize(
    ("before", "command", "reason"),
    [
        ((), START_IT, None),
        ((), PAUSE_IT, Reason.STRATEGY_NOT_RUNNING),
        ((), STOP_IT, None),
        ((START_IT,), START_IT, Reason.STRATEGY_RUNNING),
        ((START_IT,), PAUSE_IT, None),
        ((START_IT,), STOP_IT, None),
        ((START_IT, PAUSE_IT), START_IT, None),
        ((START_IT, PAUSE_IT), PAUSE_IT, Reason.STRATEGY_NOT_RUNNING),
        ((START_IT, PAUSE_IT), STOP_IT, None),
        ((STOP_IT,), START_IT, Reason.STRATEGY_STOPPED),
        ((STOP_IT,), PAUSE_IT, Reason.STRATEGY_STOPPED),
        ((STOP_IT,), STOP_IT, Reason.STRATEGY_STOPPED),
    ],
)
def test_every_move_of_a_strategy(
    before: tuple[Command, ...], command: Command, reason: Reason | None
) -> None:
    trading = Desk()
    for each in (register(), *before):
        trading.events(each)
    assert trading.reason(command) is reason


@pytest.mark.parametrize("kind", [StartStrategy, PauseStrategy, StopStrategy])
def test_a_stranger_s_strategy_looks_like_none_at_all(
    kind: type[StartStrategy | PauseStrategy | StopStrategy],
) -> None:
    known, unknown = led(), desk()
    refused = known.do(kind(STRATEGY, FOLLOWER)).rejected
    assert refused is not None
    assert refused == unknown.do(kind(STRATEGY, FOLLOWER)).rejected
    assert refused.reason is Reason.STRATEGY_UNKNOWN


@pytest.mark.parametrize(
    ("moves", "admitted"),
    [((), False), ((START_IT,), True), ((START_IT, PAUSE_IT), False), ((STOP_IT,), False)],
)
def test_orders_of_a_registered_strategy_open_only_while_it_runs(
    moves: tuple[Command, ...], *, admitted: bool
) -> None:
    trading = desk()
    for each in (register(), *moves):
        trading.events(each)
    decision = trading.do(of_strategy())
    verdict, order = (change.event for change in decision.changes)
    if admitted:
        assert (type(verdict), type(order)) == (OrderAdmitted, OrderPlaced)
        return
    assert isinstance(verdict, OrderRefused)
    assert isinstance(order, OrderDenied)
    assert (verdict.check, verdict.reason) == ("strategy", Reason.STRATEGY_NOT_RUNNING)


def test_a_paused_strategy_may_reduce() -> None:
    trading = led(PAUSE_IT)
    assert trading.reason(of_strategy(reduce_only=True)) is Reason.WOULD_INCREASE, "asked further"


def test_ids_that_were_never_registered_are_free_as_ever() -> None:
    trading = desk()
    free = StrategyId(derived("test", "free"))
    assert trading.reason(replace(place("a"), strategy_id=free)) is None


def test_a_signal_of_a_running_strategy_is_taken_once() -> None:
    trading = led()
    decision = trading.do(signal("s"))
    [change] = decision.changes
    assert change.stream.account_id == LEADER
    assert isinstance(change.event, SignalSubmitted)
    assert trading.reason(signal("s")) is Reason.SIGNAL_ALREADY_EXISTS
    assert trading.reason(signal("t")) is None


def test_why_a_signal_is_refused() -> None:
    trading = led()
    elsewhere = replace(signal("a"), instrument_id=InstrumentId("BINANCE:BTCUSDT"))
    assert trading.reason(elsewhere) is Reason.STRATEGY_INSTRUMENT
    assert trading.reason(signal("b", valid_until=START - 1)) is Reason.SIGNAL_EXPIRED
    assert trading.reason(signal("c", valid_until=START)) is None
    assert trading.reason(replace(signal("d"), account_id=FOLLOWER)) is Reason.STRATEGY_UNKNOWN
    trading.events(PAUSE_IT)
    assert trading.reason(signal("e")) is Reason.STRATEGY_NOT_RUNNING


def test_who_may_follow_and_how_it_ends() -> None:
    assert desk().reason(follow()) is Reason.STRATEGY_UNKNOWN
    trading = led()
    change = ChangeFollower(STRATEGY, FOLLOWER, replace(RATIO, paused=True))
    leave = UnfollowStrategy(STRATEGY, FOLLOWER)
    assert trading.reason(change) is Reason.NOT_FOLLOWING
    assert trading.reason(leave) is Reason.NOT_FOLLOWING
    assert trading.reason(follow(account=LEADER)) is Reason.FOLLOWS_ITSELF
    assert trading.reason(follow()) is None
    assert trading.reason(follow()) is Reason.ALREADY_FOLLOWING
    assert trading.reason(replace(change, terms=RATIO)) is Reason.FOLLOWER_UNCHANGED
    assert trading.reason(change) is None
    assert trading.reason(leave) is None
    trading.events(STOP_IT)
    assert trading.reason(follow()) is Reason.STRATEGY_STOPPED


def test_a_copy_is_an_order_and_the_follower_s_event_in_one_commit() -> None:
    trading = led(follow())
    decision = trading.do(copy(intent("s", quantity="10")))
    assert decision.rejected is None
    admitted, placed, copied = (change.event for change in decision.changes)
    assert isinstance(admitted, OrderAdmitted)
    assert isinstance(placed, OrderPlaced)
    assert isinstance(copied, IntentCopied)
    assert (placed.strategy_id, placed.account_id) == (STRATEGY, FOLLOWER)
    assert placed.order_id == copied.order_id
    assert placed.quantity == copied.quantity == Decimal(5)
    assert placed.order_id[14] == "8", "no sender can have taken it"


def test_a_copy_is_made_once_whoever_asks_again() -> None:
    trading = led(follow())
    assert trading.reason(copy(intent("s"))) is None
    assert trading.reason(copy(intent("s"))) is Reason.FOLLOWER_MOVED
    assert trading.reason(copy(intent("s"), seen=2)) is Reason.ORDER_ALREADY_EXISTS
    assert trading.reason(copy(intent("t"), seen=2)) is None


def test_a_refusal_of_the_follower_s_own_checks_is_recorded() -> None:
    trading = led(SetLimits(FOLLOWER, Limits("USDT", order_quantity=Decimal(1))), follow())
    decision = trading.do(copy(intent("s")))
    assert decision.rejected is not None
    refused = decision.changes[-1].event
    assert isinstance(refused, CopyRefused)
    assert refused.reason == decision.rejected.reason == Reason.ORDER_QUANTITY_LIMIT
    assert [type(change.event) for change in decision.changes[:2]] == [OrderRefused, OrderDenied]


@pytest.mark.parametrize(
    ("terms", "wanted", "moves", "reason"),
    [
        (replace(RATIO, paused=True), intent("s"), (), Reason.FOLLOWER_PAUSED),
        (RATIO, intent("s"), (PAUSE_IT,), Reason.STRATEGY_NOT_RUNNING),
        (RATIO, intent("s", valid_until=START - 1), (), Reason.SIGNAL_EXPIRED),
        (RATIO, intent("s", quantity="0.5"), (), Reason.COPY_TOO_SMALL),
        (RATIO, intent("s", quantity=None), (), Reason.COPY_WITHOUT_QUANTITY),
        (
            RATIO,
            replace(intent("s"), instrument_id=InstrumentId("BINANCE:BTCUSDT")),
            (),
            Reason.INSTRUMENT_UNKNOWN,
        ),
    ],
)
def test_what_is_not_copied_is_recorded_with_its_reason(
    terms: Terms, wanted: Intent, moves: tuple[Command, ...], reason: Reason
) -> None:
    trading = led(replace(follow(), terms=terms), *moves)
    decision = trading.do(replace(copy(intent("s")), intent=wanted))
    assert decision.rejected is None, "a skip is no error"
    [change] = decision.changes
    assert isinstance(change.event, CopySkipped)
    assert change.event.reason == reason


def test_a_share_of_equity_counts_profit_and_fees_of_the_account() -> None:
    terms = replace(RATIO, rule=SizingRule.EQUITY_SHARE, value=Decimal("0.1"), capital=usdt(1000))
    trading = led(replace(follow(), terms=terms))
    copied = only_follower_event(trading, copy(intent("s", quantity=None, strength="0.5")))
    assert isinstance(copied, IntentCopied)
    assert copied.inputs.equity == usdt(1000)
    assert copied.quantity == Decimal("6.2"), "1000 * 0.1 * 0.5 / 8 on the step"
    broke = replace(terms, capital=usdt("0"))
    trading.events(ChangeFollower(STRATEGY, FOLLOWER, broke))
    skipped = only_follower_event(trading, copy(intent("t"), seen=3))
    assert isinstance(skipped, CopySkipped)
    assert skipped.reason == Reason.COPY_WITHOUT_EQUITY


def test_who_does_not_follow_is_not_copied_for_and_nothing_is_recorded() -> None:
    trading = led()
    decision = trading.do(copy(intent("s"), seen=0))
    assert decision.rejected is not None
    assert (decision.rejected.reason, decision.changes) == (Reason.NOT_FOLLOWING, ())
    trading.events(follow())
    assert trading.reason(copy(intent("s"), seen=0)) is Reason.FOLLOWER_MOVED


def test_a_reduce_only_intent_is_copied_while_all_else_rests() -> None:
    trading = led(follow(replace(RATIO, paused=True)), PAUSE_IT)
    closing = replace(intent("s", Side.SELL), reduce_only=True)
    decision = trading.do(copy(closing, held="5"))
    assert decision.rejected is not None, "this account holds nothing, as its own check says"
    assert decision.rejected.reason is Reason.WOULD_INCREASE


def test_drift_within_the_tolerance_is_none() -> None:
    trading = led(follow(replace(RATIO, tolerance=Decimal(1))))
    assert trading.reason(drift("10", "4")) is Reason.WITHIN_TOLERANCE
    found = only_follower_event(trading, drift("10", "3.9"))
    assert isinstance(found, DriftFound)
    assert (found.expected, found.action) == (Decimal(5), DriftAction.REPORTED)


def test_drift_is_repaired_when_the_terms_say_so() -> None:
    trading = led(follow(REPAIR))
    decision = trading.do(drift("10", "2"))
    found = decision.changes[-1].event
    assert isinstance(found, DriftFound)
    assert (found.action, found.side, found.quantity) == (
        DriftAction.REPAIRED,
        Side.BUY,
        Quantity(Decimal(3)),
    )
    placed = decision.changes[1].event
    assert isinstance(placed, OrderPlaced)
    assert placed.order_id == found.order_id


def test_a_repair_never_turns_a_position_around() -> None:
    trading = led(follow(REPAIR))
    found = only_follower_event(trading, drift("-10", "3"))
    assert isinstance(found, DriftFound)
    assert (found.expected, found.side, found.quantity) == (
        Decimal(-5),
        Side.SELL,
        Quantity(Decimal(3)),
    )


def test_a_repair_that_opens_waits_for_the_strategy_and_one_that_is_refused_says_so() -> None:
    trading = led(follow(REPAIR), PAUSE_IT)
    found = only_follower_event(trading, drift("10", "0"))
    assert isinstance(found, DriftFound)
    assert (found.action, found.reason) == (DriftAction.SKIPPED, Reason.STRATEGY_NOT_RUNNING)
    reducing = only_follower_event(trading, drift("0", "3", seen=2))
    assert isinstance(reducing, DriftFound)
    assert (reducing.action, reducing.reason) == (DriftAction.REFUSED, Reason.WOULD_INCREASE)


def test_a_follower_s_account_may_be_anybody_s() -> None:
    trading = led()
    for name in ("a", "b", "c"):
        account = AccountId(derived("test", "follower", name))
        trading.events(SetLimits(account, NO_LIMITS))
        trading.events(follow(account=account))
        assert trading.reason(copy(intent("s"), account=account)) is None
