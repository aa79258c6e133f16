"""Whatever is commanded in whatever order: nothing is loosened by one person, and halts bind."""

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from domain.dispatch import Command
from domain.ids import PLATFORM, derived
from domain.reasons import Reason
from domain.risk.commands import (
    ApproveChange,
    DeclineChange,
    Halted,
    HaltMode,
    HaltScope,
    HaltTrading,
    Limits,
    Proposing,
    ResumeTrading,
    SetLimits,
)
from domain.risk.events import ChangeApproved, LimitsSet, TradingHalted, TradingResumed
from domain.risk.govern import LIFETIME
from domain.risk.loosening import loosened
from tests.property import invariants
from tests.property.drawn import limits
from tests.support.governing import BOTH, change_id
from tests.support.membership import open_account, register, user_id
from tests.support.trading import ACCOUNT, NO_LIMITS, Desk, desk, place

_NAMES: Final = tuple(f"change {number}" for number in range(6))
_PEOPLE: Final = ("ada", "bob")
_SCOPES: Final = (
    Halted(HaltScope.ACCOUNT),
    Halted(HaltScope.PLATFORM),
    Halted(HaltScope.VENUE, "BINANCE"),
    Halted(HaltScope.USER, user_id("ada")),
    Halted(HaltScope.STRATEGY, derived("nobody's strategy")),
)
_people = st.sampled_from(_PEOPLE)
_names = st.sampled_from(_NAMES)
_scopes = st.sampled_from(_SCOPES)
_proposing = st.builds(Proposing, _names.map(change_id), _people)


def _owner(of: Halted) -> Any:
    return ACCOUNT if of.scope is HaltScope.ACCOUNT else PLATFORM


def _halt(of: Halted, mode: HaltMode | None) -> HaltTrading:
    return HaltTrading(_owner(of), "drill", of, mode)


def _resume(of: Halted, proposing: Proposing) -> ResumeTrading:
    return ResumeTrading(_owner(of), "over", of, proposing)


_owners = st.sampled_from((ACCOUNT, PLATFORM))
_words = st.one_of(
    st.builds(SetLimits, st.just(ACCOUNT), limits, _proposing),
    st.builds(_halt, _scopes, st.sampled_from([None, *HaltMode])),
    st.builds(_resume, _scopes, _proposing),
    st.builds(ApproveChange, _owners, _names.map(change_id), _people, st.just(BOTH)),
    st.builds(ApproveChange, _owners, _names.map(change_id), _people, st.just(BOTH)),
    st.builds(DeclineChange, _owners, _names.map(change_id), st.just("no"), _people, st.just(BOTH)),
)


def _told(words: Sequence[tuple[Command, int]]) -> Desk:
    trading = desk(NO_LIMITS)
    trading.events(register("ada"))
    trading.events(open_account(ACCOUNT, "ada"))
    for word, later in words:
        trading.at += later
        trading.do(word)
    return trading


_stories = st.lists(st.tuples(_words, st.sampled_from([1, 1, 1, LIFETIME // 2])), max_size=40)


@given(_stories)
def test_nothing_is_loosened_but_by_two_persons(words: list[tuple[Command, int]]) -> None:
    events = [change.event for change in _told(words).changes]
    before: Limits | None = None
    started = False
    for number, event in enumerate(events):
        follows = events[number + 1] if number + 1 < len(events) else None
        approved = isinstance(follows, ChangeApproved)
        if isinstance(follows, ChangeApproved):
            assert follows.proposed_by != follows.approved_by
        if isinstance(event, LimitsSet):
            assert approved or not started or not loosened(before, event.limits)
            before, started = event.limits, True
        if isinstance(event, TradingResumed):
            assert approved


@given(_stories)
def test_what_waits_is_about_one_thing_each_and_halts_are_the_last_word(
    words: list[tuple[Command, int]],
) -> None:
    trading = _told(words)
    for owner in (ACCOUNT, PLATFORM):
        waiting = [each.resume for each in trading.risk(owner).governance.pending.values()]
        assert len(set(waiting)) == len(waiting)
    last: dict[Halted, TradingHalted | TradingResumed] = {}
    for change in trading.changes:
        if isinstance(change.event, TradingHalted | TradingResumed):
            last[Halted(change.event.scope, change.event.subject)] = change.event
    halted = {of for of, event in last.items() if isinstance(event, TradingHalted)}
    stopping = halted - {_SCOPES[-1]}
    refused = trading.reason(place("a"))
    of_halts = {
        Reason.ACCOUNT_HALTED, Reason.PLATFORM_HALTED, Reason.VENUE_HALTED, Reason.USER_HALTED
    }  # fmt: skip
    assert (refused in of_halts) is bool(stopping), (refused, halted)


@given(_stories)
def test_a_story_folded_again_is_the_state_that_grew(words: list[tuple[Command, int]]) -> None:
    invariants.the_whole_story_folds_to_the_states_that_grew(_told(words))
