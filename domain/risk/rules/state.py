"""Checks of who may trade at all: account, halts, strategy, limits, the instrument's state."""

from domain.accounts.state import AccountStatus
from domain.reasons import Reason, Rejected
from domain.risk.rules.question import Question


def account(question: Question) -> Rejected | None:
    """A closed account places nothing, a suspended one reduces; one never opened is not asked."""
    status = question.account.status
    if status is AccountStatus.CLOSED:
        return Rejected(Reason.ACCOUNT_CLOSED, "the account is closed for ever")
    if status is AccountStatus.SUSPENDED and not question.order.reduce_only:
        return Rejected(Reason.ACCOUNT_SUSPENDED, "the account is suspended: reduce only")
    return None


def halt(question: Question) -> Rejected | None:
    """A halt of the platform stops everything; one of the account lets positions be reduced."""
    if question.platform.halted:
        return Rejected(Reason.PLATFORM_HALTED, question.platform.halt_reason)
    if question.risk.halted and not question.order.reduce_only:
        return Rejected(Reason.ACCOUNT_HALTED, question.risk.halt_reason)
    return None


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
    """The instrument is listed, trading, and in the currency of the limits."""
    rules = question.instrument.rules
    if rules is None:
        return Rejected(Reason.INSTRUMENT_UNKNOWN, "the instrument is not listed")
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
