"""Requests on limits over many accounts become commands; all of them need a token for all accounts.

What one account is given is there for no other, so a share of one account is everybody's business.
"""

from collections.abc import Mapping
from typing import Final

from adapters.proto.v1 import risk_pb2
from adapters.rpc import translate, translate_governance
from adapters.rpc.auth import Caller
from adapters.rpc.translate import InvalidRequest, choice_of, currency_of, quantity_of
from adapters.rpc.translate_users import venue
from domain.allotments.commands import Direction, MoveAllotment, SetWiderLimit
from domain.risk.wider import Counted, Wider, WiderScope, exists

_COUNTED: Final[Mapping[int, Counted]] = {
    risk_pb2.COUNTED_GROSS_NOTIONAL: Counted.GROSS_NOTIONAL,
    risk_pb2.COUNTED_POSITION_NOTIONAL: Counted.POSITION_NOTIONAL,
    risk_pb2.COUNTED_OPEN_NOTIONAL: Counted.OPEN_NOTIONAL,
}
_DIRECTIONS: Final[Mapping[int, Direction]] = {
    risk_pb2.ALLOTMENT_DIRECTION_TO_ACCOUNT: Direction.TO_ACCOUNT,
    risk_pb2.ALLOTMENT_DIRECTION_TO_POOL: Direction.TO_POOL,
}


def set_wider_limit(
    request: risk_pb2.SetWiderLimitRequest, who: Caller, *, second_person: bool
) -> SetWiderLimit:
    """A limit over many accounts; what loosens one waits where a second person is needed."""
    value = quantity_of("value", request.value) if request.value else None
    wider = _wider(request.limit)
    proposing = translate_governance.proposing(request, who) if second_person else None
    who.every_account()
    return SetWiderLimit(wider, value, proposing)


def move_allotment(request: risk_pb2.MoveAllotmentRequest, who: Caller) -> MoveAllotment:
    """A part of a limit to an account or back."""
    direction = choice_of("direction", _DIRECTIONS, request.direction)
    asked = MoveAllotment(
        translate.account(request.account_id),
        _wider(request.limit),
        quantity_of("amount", request.amount),
        direction,
    )
    who.every_account()
    return asked


def _wider(name: risk_pb2.WiderLimit) -> Wider:
    scope, subject = _within(name)
    counted = choice_of("limit.counted", _COUNTED, name.counted)
    wider = Wider(scope, subject, counted, currency_of("limit.currency", name.currency))
    if not exists(wider):
        raise InvalidRequest("limit.counted: of a strategy open notional alone is counted")
    return wider


def _within(name: risk_pb2.WiderLimit) -> tuple[WiderScope, str]:
    named = [each for each in ("user_id", "venue", "strategy_id") if getattr(name, each)]
    if len(named) > 1:
        raise InvalidRequest(f"limit.{' and limit.'.join(named)}: set at most one of them")
    if name.user_id:
        return WiderScope.USER, translate.uuid("limit.user_id", name.user_id)
    if name.venue:
        return WiderScope.VENUE, venue(name.venue)
    if name.strategy_id:
        return WiderScope.STRATEGY, translate.uuid("limit.strategy_id", name.strategy_id)
    return WiderScope.PLATFORM, ""
