"""Requests on limits, halts and pending changes become commands, with who sends them.

Who that is comes from the token, here and nowhere else: it decides who may approve what.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.proto.v1 import risk_pb2
from adapters.rpc import translate, translate_limits
from adapters.rpc.auth import Caller
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.translate_users import venue
from domain.ids import PLATFORM, AccountId, ChangeId
from domain.risk.commands import (
    ApproveChange,
    DeclineChange,
    Halted,
    HaltMode,
    HaltScope,
    HaltTrading,
    Proposing,
    ResumeTrading,
    SetLimits,
)
from domain.users.events import Role

_MODES: Final[Mapping[int, HaltMode | None]] = {
    risk_pb2.HALT_MODE_UNSPECIFIED: None,
    risk_pb2.HALT_MODE_FULL: HaltMode.FULL,
    risk_pb2.HALT_MODE_REDUCE_ONLY: HaltMode.REDUCE_ONLY,
}
_ROLES: Final = frozenset(Role)
_Asked = (
    risk_pb2.SetLimitsRequest
    | risk_pb2.SetWiderLimitRequest
    | risk_pb2.HaltRequest
    | risk_pb2.ResumeRequest
    | risk_pb2.ApproveChangeRequest
    | risk_pb2.DeclineChangeRequest
)


def set_limits(
    request: risk_pb2.SetLimitsRequest, who: Caller, *, second_person: bool
) -> SetLimits:
    """New limits; what loosens one waits for approval where a second person is needed."""
    limits = translate_limits.set_limits(request)
    return replace(limits, proposing=proposing(request, who)) if second_person else limits


def halt(request: risk_pb2.HaltRequest, who: Caller) -> HaltTrading:
    """A halt of whatever scope the request names and the caller may touch."""
    owner, of = _scope(request, who, {"operator", "risk_manager", "service"})
    mode = translate.choice_of("mode", _MODES, request.mode)
    reason = translate.text("reason", request.reason)
    return HaltTrading(owner, reason, of, mode)


def resume(request: risk_pb2.ResumeRequest, who: Caller, *, second_person: bool) -> ResumeTrading:
    """The end of a halt."""
    owner, of = _scope(request, who, {"operator", "risk_manager"})
    reason = translate.text("reason", request.reason)
    return ResumeTrading(owner, reason, of, proposing(request, who) if second_person else None)


def approve_change(request: risk_pb2.ApproveChangeRequest, who: Caller) -> ApproveChange:
    """A second person's yes."""
    owner = _account_or_platform(request, who)
    return ApproveChange(owner, _change(request.change_id), who.subject, _roles(who))


def decline_change(request: risk_pb2.DeclineChangeRequest, who: Caller) -> DeclineChange:
    """A second person's no, or the proposer's own."""
    owner = _account_or_platform(request, who)
    reason = translate.text("reason", request.reason)
    return DeclineChange(owner, _change(request.change_id), reason, who.subject, _roles(who))


def proposing(request: _Asked, who: Caller) -> Proposing:
    """The change that a second person approves, under the command's own id."""
    return Proposing(ChangeId(translate.uuid("command_id", request.command_id)), who.subject)


def _scope(
    request: risk_pb2.HaltRequest | risk_pb2.ResumeRequest, who: Caller, wide: set[str]
) -> tuple[AccountId, Halted | None]:
    """Whose stream it is, and what of it; everything wider than an account is the platform's."""
    named = [
        name for name in ("account_id", "user_id", "venue", "strategy_id") if getattr(request, name)
    ]
    if len(named) > 1:
        raise InvalidRequest(f"{' and '.join(named)}: set at most one of them")
    if not named:
        # A worker that finds everybody's limit passed halts everybody; it never resumes.
        who.require({"operator"} | (wide & {"service"}))
        who.every_account()
        return PLATFORM, None
    if request.account_id:
        return who.account(translate.account(request.account_id)), None
    if request.user_id:
        of = Halted(HaltScope.USER, translate.uuid("user_id", request.user_id))
    elif request.venue:
        of = Halted(HaltScope.VENUE, venue(request.venue))
    else:
        of = Halted(HaltScope.STRATEGY, translate.uuid("strategy_id", request.strategy_id))
    who.require(wide)
    who.every_account()
    return PLATFORM, of


def _account_or_platform(
    request: risk_pb2.ApproveChangeRequest | risk_pb2.DeclineChangeRequest, who: Caller
) -> AccountId:
    """The owner of a change; which role decides on it is a question of the change itself."""
    if request.account_id:
        return who.account(translate.account(request.account_id))
    who.every_account()
    return PLATFORM


def _change(text: str) -> ChangeId:
    return ChangeId(translate.uuid("change_id", text))


def _roles(who: Caller) -> frozenset[Role]:
    return frozenset(Role(role) for role in who.roles & _ROLES)
