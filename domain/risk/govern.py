"""Decide on limits, halts and resumptions, and on what a second person says to them.

What makes trading safer takes effect at once. What loosens a limit or lifts a halt is proposed by
one person and approved by another, where the command says so; nobody approves their own change.
"""

from collections.abc import Iterator
from typing import Final, assert_never

from domain.decision import Change, Decision
from domain.ids import AccountId
from domain.reasons import Reason, Rejected
from domain.risk.commands import (
    ApproveChange,
    DeclineChange,
    Halted,
    HaltMode,
    HaltScope,
    HaltTrading,
    Proposing,
    RecordBalance,
    ResumeTrading,
    RiskCommand,
    SetLimits,
    whose,
)
from domain.risk.decide import balance, stream
from domain.risk.events import (
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    LimitsProposed,
    LimitsSet,
    ResumeProposed,
    RiskEvent,
    TradingHalted,
    TradingResumed,
)
from domain.risk.loosening import loosened
from domain.risk.state import Halt, Proposal, Risk
from domain.risk.wider import Wider
from domain.risk.wider_events import WiderEvent, WiderLimitSet
from domain.users.events import Role

LIFETIME: Final = 24 * 3_600 * 1_000_000
"""Microseconds for which a proposal can be approved."""

_LIMIT_APPROVERS: Final = frozenset({Role.RISK_MANAGER})
_RESUME_APPROVERS: Final = frozenset({Role.RISK_MANAGER, Role.OPERATOR})
_PLATFORM_APPROVERS: Final = frozenset({Role.OPERATOR})


def govern(asked: RiskCommand, risk: Risk, at: int) -> Decision:
    """One command on a risk stream alone: limits, halts, pending changes, the wallet."""
    match asked:
        case RecordBalance():
            return _recorded(balance(asked, risk), asked)
        case SetLimits():
            return _set_limits(asked, risk, at)
        case HaltTrading():
            return _halt(asked, risk)
        case ResumeTrading():
            return _resume(asked, risk, at)
        case ApproveChange() | DeclineChange():
            return _answer(asked, risk, at)
        case _:
            assert_never(asked)


def _set_limits(asked: SetLimits, risk: Risk, at: int) -> Decision:
    others = superseded(asked.account_id, risk, None)
    looser = loosened(risk.limits, asked.limits)
    if asked.proposing is None or not looser:
        version = risk.limits_version + 1
        return done(asked.account_id, *others, LimitsSet(asked.account_id, version, asked.limits))
    proposed = LimitsProposed(
        account_id=asked.account_id,
        change_id=asked.proposing.change_id,
        limits=asked.limits,
        looser=looser,
        proposed_by=asked.proposing.by,
        expires_at=at + LIFETIME,
    )
    return pending(asked.account_id, asked.proposing, *others, proposed)


def _halt(asked: HaltTrading, risk: Risk) -> Decision:
    of = whose(asked.account_id, asked.of)
    usual = HaltMode.FULL if of.scope is HaltScope.PLATFORM else HaltMode.REDUCE_ONLY
    mode = asked.mode or usual
    halt = _in_force(of, risk)
    # A full halt may follow one that lets reducing orders through; the other way is a resumption.
    if halt is not None and (halt.mode is mode or halt.mode is HaltMode.FULL):
        return Decision(rejected=Rejected(Reason.ALREADY_HALTED, halt.reason))
    halted = TradingHalted(asked.account_id, of.scope, of.subject, mode, asked.reason)
    return done(asked.account_id, *superseded(asked.account_id, risk, of), halted)


def _resume(asked: ResumeTrading, risk: Risk, at: int) -> Decision:
    of = whose(asked.account_id, asked.of)
    if _in_force(of, risk) is None:
        return Decision(rejected=Rejected(Reason.NOT_HALTED, "trading is not halted"))
    others = superseded(asked.account_id, risk, of)
    if asked.proposing is None:
        resumed = TradingResumed(asked.account_id, of.scope, of.subject, asked.reason)
        return done(asked.account_id, *others, resumed)
    proposed = ResumeProposed(
        account_id=asked.account_id,
        change_id=asked.proposing.change_id,
        scope=of.scope,
        subject=of.subject,
        reason=asked.reason,
        proposed_by=asked.proposing.by,
        expires_at=at + LIFETIME,
    )
    return pending(asked.account_id, asked.proposing, *others, proposed)


def _answer(asked: ApproveChange | DeclineChange, risk: Risk, at: int) -> Decision:
    """A second person's word; only a withdrawal may come from the proposer."""
    account_id, change_id = asked.account_id, asked.change_id
    proposal = risk.governance.pending.get(change_id)
    if proposal is None:
        return Decision(
            rejected=Rejected(
                Reason.CHANGE_UNKNOWN,
                "no such change waits here: it was decided, replaced, or never proposed",
            )
        )
    own = asked.by == proposal.by
    if at >= proposal.expires_at:
        expired = ChangeExpired(account_id, change_id)
        late = Rejected(Reason.CHANGE_EXPIRED, "nobody approved it in time: propose it again")
        return Decision((Change(stream(account_id), expired),), late)
    if isinstance(asked, DeclineChange) and own:
        return done(
            asked.account_id, ChangeWithdrawn(account_id, change_id, asked.by, asked.reason)
        )
    needed = _approvers(proposal)
    if needed.isdisjoint(asked.roles):
        return Decision(
            rejected=Rejected(
                Reason.APPROVER_LACKS_ROLE,
                "another role decides on this change",
                limit=" or ".join(sorted(needed)),
                value=", ".join(sorted(asked.roles)),
            )
        )
    if isinstance(asked, DeclineChange):
        return done(asked.account_id, ChangeRefused(account_id, change_id, asked.by, asked.reason))
    if own:
        return Decision(
            rejected=Rejected(
                Reason.OWN_CHANGE, "who proposed a change cannot approve it: ask somebody else"
            )
        )
    version = None if proposal.limits is None else risk.limits_version + 1
    approved = ChangeApproved(account_id, change_id, proposal.by, asked.by, version)
    return done(asked.account_id, _effect(asked, proposal, risk), approved)


def _effect(asked: ApproveChange, proposal: Proposal, risk: Risk) -> RiskEvent | WiderLimitSet:
    if proposal.limits is not None:
        return LimitsSet(asked.account_id, risk.limits_version + 1, proposal.limits)
    if proposal.wider is not None:
        # A proposal only loosens, so whatever was allotted meanwhile is within it.
        return WiderLimitSet(asked.account_id, *proposal.wider, proposal.value, proposal.allotted)
    of = proposal.resume
    assert of is not None  # a proposal without limits is about a halt
    return TradingResumed(asked.account_id, of.scope, of.subject, proposal.reason)


def _approvers(proposal: Proposal) -> frozenset[Role]:
    if proposal.resume is None:
        return _LIMIT_APPROVERS
    platform = proposal.resume.scope is HaltScope.PLATFORM
    return _PLATFORM_APPROVERS if platform else _RESUME_APPROVERS


def _in_force(of: Halted, risk: Risk) -> Halt | None:
    """The halt of the account itself, or one of those that the platform keeps."""
    if of.scope in {HaltScope.ACCOUNT, HaltScope.PLATFORM}:
        return Halt(risk.governance.mode, risk.halt_reason) if risk.halted else None
    return risk.governance.halts.get(of)


def superseded(
    account_id: AccountId, risk: Risk, about: Halted | Wider | None
) -> Iterator[ChangeSuperseded]:
    """The change that waits on the same thing: what it was about is about to be another."""
    for change_id, proposal in risk.governance.pending.items():
        if proposal.about == about:
            yield ChangeSuperseded(account_id, change_id)


def _recorded(outcome: RiskEvent | Rejected, asked: RecordBalance) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(stream(asked.account_id), outcome),))


def done(account_id: AccountId, *events: RiskEvent | WiderEvent) -> Decision:
    """Facts of an account's risk, or of the platform's."""
    ref = stream(account_id)
    return Decision(tuple(Change(ref, event) for event in events))


def pending(
    account_id: AccountId, proposing: Proposing, *events: RiskEvent | WiderEvent
) -> Decision:
    """Recorded, and refused for now: whoever reads an answer without a refusal may rely on it."""
    refusal = Rejected(
        Reason.APPROVAL_NEEDED,
        "recorded as a proposal: another person has to approve it",
        value=proposing.change_id,
    )
    return Decision(done(account_id, *events).changes, refusal)
