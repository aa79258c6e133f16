"""Checks of who may trade at all: account, halts, strategy, limits, the instrument's state."""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.accounts.state import AccountStatus
from domain.ids import venue_of
from domain.reasons import Reason, Rejected
from domain.risk.commands import Halted, HaltMode, HaltScope
from domain.risk.rules.question import Question
from domain.risk.state import Halt

_REASONS: Final[Mapping[HaltScope, Reason]] = {
    HaltScope.VENUE: Reason.VENUE_HALTED,
    HaltScope.USER: Reason.USER_HALTED,
    HaltScope.STRATEGY: Reason.STRATEGY_HALTED,
}


def account(question: Question) -> Rejected | None:
    """A closed account places nothing, a suspended one reduces; one never opened is not asked."""
    status = question.account.status
    if status is AccountStatus.CLOSED:
        return Rejected(Reason.ACCOUNT_CLOSED, "the account is closed for ever")
    if status is AccountStatus.SUSPENDED and not question.order.reduce_only:
        return Rejected(Reason.ACCOUNT_SUSPENDED, "the account is suspended: reduce only")
    return None


def halt(question: Question) -> Rejected | None:
    """Nothing is halted that the order belongs to; some halts let positions be reduced."""
    platform, risk, reducing = question.platform, question.risk, question.order.reduce_only
    if platform.halted and _stops(platform.governance.mode, reducing=reducing):
        return Rejected(Reason.PLATFORM_HALTED, platform.halt_reason)
    if platform.governance.halts:
        for halted, stop in wider_halts(question):
            if _stops(stop.mode, reducing=reducing):
                return Rejected(_REASONS[halted.scope], f"{halted}: {stop.reason}")
    if risk.halted and _stops(risk.governance.mode, reducing=reducing):
        return Rejected(Reason.ACCOUNT_HALTED, risk.halt_reason)
    return None


def wider_halts(question: Question) -> Iterator[tuple[Halted, Halt]]:
    """Those in force of the order's venue, user and strategy: three look-ups, however many."""
    halts, order = question.platform.governance.halts, question.order
    for halted in (
        Halted(HaltScope.VENUE, venue_of(order.instrument_id)),
        Halted(HaltScope.USER, question.account.user_id or ""),
        Halted(HaltScope.STRATEGY, order.strategy_id or ""),
    ):
        stop = halts.get(halted)
        if stop is not None:
            yield halted, stop


def _stops(mode: HaltMode, *, reducing: bool) -> bool:
    return mode is HaltMode.FULL or not reducing


def strategy(question: Question) -> Rejected | None:
    """A registered strategy opens only while it runs; it may always reduce."""
    status = question.strategy.status
    if status.may_open or question.order.reduce_only:
        return None
    return Rejected(Reason.STRATEGY_NOT_RUNNING, f"the strategy is {status.value}: reduce only")


def limits_set(question: Question) -> Rejected | None:
    """Nobody trades without limits."""
    if question.risk.limits is None:
        return Rejected(Reason.LIMITS_NOT_SET, "a risk manager has to set limits first")
    return None


def instrument(question: Question) -> Rejected | None:
    """The instrument is listed, of the account's venue, trading, in the currency of the limits."""
    rules, venue = question.instrument.rules, question.account.venue
    if rules is None:
        return Rejected(Reason.INSTRUMENT_UNKNOWN, "the instrument is not listed")
    if venue and venue != venue_of(question.order.instrument_id):
        return Rejected(
            Reason.INSTRUMENT_OF_OTHER_VENUE,
            "the account is at another venue than the instrument",
            limit=venue,
            value=venue_of(question.order.instrument_id),
        )
    if not rules.trading:
        return Rejected(Reason.INSTRUMENT_NOT_TRADING, "the venue does not trade it now")
    limits = question.risk.limits
    if limits is not None and limits.currency != rules.currency:
        return Rejected(
            Reason.LIMITS_NOT_SET,
            "the account has no limits in the currency of this instrument",
            limit=limits.currency,
            value=rules.currency,
        )
    return None
