"""Two persons on a change, halts of every scope and mode: each rule, and each way around it."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Final

import pytest

from domain.ids import PLATFORM, StrategyId, UserId, derived, risk_stream
from domain.orders.commands import PlaceOrder
from domain.reasons import Reason
from domain.risk.commands import (
    Halted,
    HaltMode,
    HaltScope,
    HaltTrading,
    Limits,
    ResumeTrading,
    SetLimits,
    StrategyLimits,
)
from domain.risk.events import (
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    LimitsProposed,
    LimitsSet,
    ResumeProposed,
    TradingHalted,
    TradingResumed,
)
from domain.risk.govern import LIFETIME
from domain.risk.loosening import loosened
from domain.risk.rules.measures import measure
from domain.users.events import Role
from domain.values import Side
from tests.support.governing import approve, change_id, decline, proposing
from tests.support.membership import open_account, register, user_id
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, START, Desk, desk, filled, place

TIGHT: Final = Limits(currency="USDT", order_notional=Decimal(100), loss=Decimal(50))
LOOSE: Final = replace(TIGHT, order_notional=Decimal(200))


def _events(trading: Desk) -> list[Any]:
    return [change.event for change in trading.changes]


def test_the_first_limits_wait_for_another_person() -> None:
    trading = desk(None)
    refusal = trading.do(SetLimits(ACCOUNT, TIGHT, proposing("first"))).rejected
    assert refusal is not None
    assert (refusal.reason, refusal.value) == (Reason.APPROVAL_NEEDED, change_id("first"))
    assert trading.risk().limits is None
    assert trading.reason(place("a")) is Reason.LIMITS_NOT_SET
    assert trading.events(approve("first", of=ACCOUNT)) == [
        LimitsSet(ACCOUNT, 1, TIGHT),
        ChangeApproved(ACCOUNT, change_id("first"), "ada", "bob", 1),
    ]
    assert trading.reason(place("b")) is None
    assert trading.reason(approve("first", of=ACCOUNT)) is Reason.CHANGE_UNKNOWN


def test_what_lowers_takes_effect_at_once_and_ends_what_waited() -> None:
    trading = desk(TIGHT)
    assert trading.reason(SetLimits(ACCOUNT, LOOSE, proposing("more"))) is Reason.APPROVAL_NEEDED
    lower = replace(TIGHT, loss=Decimal(10))
    assert trading.events(SetLimits(ACCOUNT, lower, proposing("less"))) == [
        ChangeSuperseded(ACCOUNT, change_id("more")),
        LimitsSet(ACCOUNT, 2, lower),
    ]
    assert trading.reason(approve("more", of=ACCOUNT)) is Reason.CHANGE_UNKNOWN
    assert trading.risk().limits == lower


def test_a_proposal_says_what_it_loosens_and_replaces_the_one_before() -> None:
    trading = desk(TIGHT)
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("one")))
    trading.do(SetLimits(ACCOUNT, replace(LOOSE, loss=None), proposing("two", "carl")))
    first, second, third = _events(trading)[-3:]
    assert first.looser == ("order_notional",)
    assert second == ChangeSuperseded(ACCOUNT, change_id("one"))
    assert isinstance(third, LimitsProposed)
    assert third.looser == ("order_notional", "loss")
    assert (third.proposed_by, third.expires_at) == ("carl", START + LIFETIME)
    assert list(trading.risk().governance.pending) == [change_id("two")]


def test_nobody_approves_their_own_change_whatever_their_roles() -> None:
    trading = desk(TIGHT)
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("more")))
    assert trading.reason(approve("more", "ada", of=ACCOUNT)) is Reason.OWN_CHANGE
    assert trading.risk().limits == TIGHT
    # The change still waits, for somebody else.
    assert trading.reason(approve("more", of=ACCOUNT)) is None


@pytest.mark.parametrize(
    ("of", "roles", "found"),
    [
        (None, {Role.OPERATOR}, Reason.APPROVER_LACKS_ROLE),
        (None, set(), Reason.APPROVER_LACKS_ROLE),
        (None, {Role.RISK_MANAGER}, None),
        (Halted(HaltScope.ACCOUNT), {Role.TRADER, Role.SERVICE}, Reason.APPROVER_LACKS_ROLE),
        (Halted(HaltScope.ACCOUNT), {Role.OPERATOR}, None),
        (Halted(HaltScope.PLATFORM), {Role.RISK_MANAGER}, Reason.APPROVER_LACKS_ROLE),
        (Halted(HaltScope.PLATFORM), {Role.OPERATOR}, None),
        (Halted(HaltScope.VENUE, "BINANCE"), {Role.RISK_MANAGER}, None),
    ],
)
def test_a_change_is_decided_by_who_has_the_role_for_it(
    of: Halted | None, roles: set[Role], found: Reason | None
) -> None:
    trading, owner = desk(TIGHT), ACCOUNT
    if of is None:
        trading.do(SetLimits(ACCOUNT, LOOSE, proposing("it")))
    else:
        owner = ACCOUNT if of.scope is HaltScope.ACCOUNT else PLATFORM
        trading.events(HaltTrading(owner, "drill", of))
        trading.do(ResumeTrading(owner, "over", of, proposing("it")))
    for answer in (decline("it", of=owner), approve("it", of=owner)):
        copy = Desk(trading.at, dict(trading.states))
        assert copy.reason(replace(answer, roles=frozenset(roles))) is found


def test_a_change_is_refused_by_another_and_withdrawn_by_oneself() -> None:
    trading = desk(TIGHT)
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("a")))
    assert trading.events(decline("a", of=ACCOUNT)) == [
        ChangeRefused(ACCOUNT, change_id("a"), "bob", "a slip")
    ]
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("b")))
    # Its proposer needs no role to take it back.
    mine = replace(decline("b", "ada", of=ACCOUNT), roles=frozenset())
    assert trading.events(mine) == [ChangeWithdrawn(ACCOUNT, change_id("b"), "ada", "a slip")]
    assert trading.risk().governance.pending == {}


def test_a_change_is_approved_within_a_day_or_never() -> None:
    trading = desk(TIGHT)
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("late")))
    trading.at += LIFETIME
    decision = trading.do(approve("late", of=ACCOUNT))
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.CHANGE_EXPIRED
    assert _events(trading)[-1] == ChangeExpired(ACCOUNT, change_id("late"))
    assert trading.reason(approve("late", of=ACCOUNT)) is Reason.CHANGE_UNKNOWN
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("in time")))
    trading.at += LIFETIME - 1
    assert trading.reason(approve("in time", of=ACCOUNT)) is None


def test_another_account_s_change_is_none() -> None:
    trading = desk(TIGHT)
    trading.do(SetLimits(ACCOUNT, LOOSE, proposing("mine")))
    assert trading.reason(approve("mine", of=OTHER_ACCOUNT)) is Reason.CHANGE_UNKNOWN


def test_a_resumption_waits_and_a_new_halt_ends_it() -> None:
    trading = desk(TIGHT)
    trading.events(HaltTrading(ACCOUNT, "loss"))
    again = ResumeTrading(ACCOUNT, "reviewed", proposing=proposing("up"))
    assert trading.reason(again) is Reason.APPROVAL_NEEDED
    proposed = _events(trading)[-1]
    assert isinstance(proposed, ResumeProposed)
    assert (proposed.scope, proposed.subject) == (HaltScope.ACCOUNT, "")
    assert trading.reason(place("a")) is Reason.ACCOUNT_HALTED
    worse = HaltTrading(ACCOUNT, "worse", mode=HaltMode.FULL)
    assert trading.events(worse) == [
        ChangeSuperseded(ACCOUNT, change_id("up")),
        TradingHalted(ACCOUNT, HaltScope.ACCOUNT, "", HaltMode.FULL, "worse"),
    ]
    assert trading.reason(approve("up", of=ACCOUNT)) is Reason.CHANGE_UNKNOWN
    trading.do(replace(again, proposing=proposing("up again")))
    assert trading.events(approve("up again", of=ACCOUNT)) == [
        TradingResumed(ACCOUNT, HaltScope.ACCOUNT, "", "reviewed"),
        ChangeApproved(ACCOUNT, change_id("up again"), "ada", "bob", None),
    ]
    assert trading.reason(place("b")) is None


STRATEGY: Final = StrategyId(derived("test", "strategy"))
SCOPES: Final = (
    (PLATFORM, Halted(HaltScope.PLATFORM), Reason.PLATFORM_HALTED),
    (PLATFORM, Halted(HaltScope.VENUE, "BINANCE"), Reason.VENUE_HALTED),
    (PLATFORM, Halted(HaltScope.USER, user_id("ada")), Reason.USER_HALTED),
    (PLATFORM, Halted(HaltScope.STRATEGY, STRATEGY), Reason.STRATEGY_HALTED),
    (ACCOUNT, Halted(HaltScope.ACCOUNT), Reason.ACCOUNT_HALTED),
)
OTHERS: Final = (
    Halted(HaltScope.VENUE, "BYBIT"),
    Halted(HaltScope.USER, user_id("bob")),
    Halted(HaltScope.USER, UserId("")),
    Halted(HaltScope.STRATEGY, derived("test", "another")),
    Halted(HaltScope.STRATEGY, ""),
)


def _holding() -> Desk:
    """The account is ada's and holds ten."""
    trading = desk()
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    trading.events(place("held"))
    trading.events(filled("held", "x", 10))
    return trading


def _order(name: str, *, reduce: bool) -> PlaceOrder:
    side = Side.SELL if reduce else Side.BUY
    return replace(place(name, side, 1, reduce_only=reduce), strategy_id=STRATEGY)


@pytest.mark.parametrize(("owner", "of", "reason"), SCOPES)
@pytest.mark.parametrize("mode", HaltMode)
def test_every_scope_halts_in_either_mode(
    owner: Any, of: Halted, reason: Reason, mode: HaltMode
) -> None:
    trading = _holding()
    trading.events(HaltTrading(owner, "drill", of, mode))
    assert trading.reason(_order("a", reduce=False)) is reason
    reducing = trading.reason(_order("b", reduce=True))
    assert reducing is (reason if mode is HaltMode.FULL else None)
    assert measure("halt", trading.question(_order("c", reduce=False))).value.endswith("halted")
    trading.events(ResumeTrading(owner, "over", of))
    assert trading.reason(_order("d", reduce=False)) is None
    assert trading.reason(ResumeTrading(owner, "over", of)) is Reason.NOT_HALTED


def test_halts_of_others_stop_nobody_here() -> None:
    trading = _holding()
    for of in OTHERS:
        trading.events(HaltTrading(PLATFORM, "drill", of, HaltMode.FULL))
    assert trading.reason(_order("a", reduce=False)) is None
    unled = replace(_order("b", reduce=False), strategy_id=None)
    assert trading.reason(unled) is Reason.STRATEGY_HALTED


@pytest.mark.parametrize(("owner", "of", "_reason"), SCOPES)
def test_a_halt_is_tightened_at_once_and_never_loosened_by_halting(
    owner: Any, of: Halted, _reason: Reason
) -> None:
    trading = _holding()
    trading.events(HaltTrading(owner, "first", of, HaltMode.REDUCE_ONLY))
    same = HaltTrading(owner, "again", of, HaltMode.REDUCE_ONLY)
    assert trading.reason(same) is Reason.ALREADY_HALTED
    trading.events(HaltTrading(owner, "tighter", of, HaltMode.FULL))
    assert trading.reason(same) is Reason.ALREADY_HALTED
    assert trading.reason(_order("a", reduce=True)) is not None


def test_wide_halts_cost_an_order_no_further_stream() -> None:
    trading = _holding()
    decision = trading.do(_order("a", reduce=False))
    assert {change.stream.account_id for change in decision.changes} == {ACCOUNT}
    trading.events(HaltTrading(PLATFORM, "drill", Halted(HaltScope.VENUE, "BINANCE")))
    assert trading.changes[-1].stream.stream_id == risk_stream(PLATFORM)


def _value(each: Any, *, large: bool) -> Any:
    text = str(each.type)
    if "Decimal" in text:
        return Decimal(20 if large else 10)
    if "bool" in text:
        return large
    return (20 if large else 10) if "int" in text else {}


@pytest.mark.parametrize("each", [one for one in fields(Limits) if one.name != "currency"])
def test_every_limit_has_a_looser_side(each: Any) -> None:
    """A new limit that this module does not understand is looser either way, which is noticed."""
    small, large = _value(each, large=False), _value(each, large=True)
    if small == large:
        return  # limits of subjects within the account: below
    one, other = (replace(TIGHT, **{each.name: value}) for value in (small, large))
    assert bool(loosened(one, other)) is not bool(loosened(other, one)), each.name
    assert loosened(one, one) == ()


def test_what_is_removed_is_looser_and_what_is_added_is_not() -> None:
    bare = Limits(currency="USDT")
    assert loosened(TIGHT, bare) == ("order_notional", "loss")
    assert loosened(bare, TIGHT) == ()
    assert loosened(TIGHT, replace(TIGHT, currency="EUR")) == ("currency",)
    assert loosened(None, bare) == ("limits",)
    exempt = replace(TIGHT, concentration_from=Decimal(10))
    assert loosened(TIGHT, exempt) == ("concentration_from",)
    assert loosened(exempt, TIGHT) == ()
    aged = replace(TIGHT, price_age=10)
    assert loosened(TIGHT, aged) == ()
    assert loosened(aged, TIGHT) == ("price_age",)
    window = replace(TIGHT, duplicate_window=10)
    assert loosened(window, replace(window, duplicate_window=20)) == ()
    assert loosened(window, replace(window, duplicate_window=0)) == ("duplicate_window",)


def test_limits_of_a_strategy_are_loosened_like_those_of_the_account() -> None:
    few = replace(TIGHT, strategies={STRATEGY: StrategyLimits(open_orders=2)})
    more = replace(TIGHT, strategies={STRATEGY: StrategyLimits(open_orders=3)})
    assert loosened(few, more) == loosened(few, TIGHT) == ("strategies",)
    assert loosened(more, few) == loosened(TIGHT, more) == ()
