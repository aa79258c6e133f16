"""One table from reason codes to gRPC statuses, for calls that carry a single command."""

from collections.abc import Mapping
from typing import Final

import grpc

from domain.reasons import Reason

_EXCEPTIONS: Final[Mapping[Reason, grpc.StatusCode]] = {
    Reason.ORDER_ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Reason.COMMAND_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
    Reason.CONCURRENT_CHANGE: grpc.StatusCode.ABORTED,
    Reason.OVERLOADED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.RATE_LIMIT: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.ORDER_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.CHANGE_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.OWN_CHANGE: grpc.StatusCode.PERMISSION_DENIED,
    Reason.APPROVER_LACKS_ROLE: grpc.StatusCode.PERMISSION_DENIED,
    Reason.USER_ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Reason.USER_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.ACCOUNT_ALREADY_OPENED: grpc.StatusCode.ALREADY_EXISTS,
    Reason.ACCOUNT_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.VENUE_KEY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Reason.VENUE_KEY_NOT_LIVE: grpc.StatusCode.NOT_FOUND,
    Reason.STRATEGY_ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Reason.STRATEGY_UNKNOWN: grpc.StatusCode.NOT_FOUND,
    Reason.SIGNAL_ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Reason.ALREADY_FOLLOWING: grpc.StatusCode.ALREADY_EXISTS,
    Reason.NOT_FOLLOWING: grpc.StatusCode.NOT_FOUND,
    Reason.FOLLOWER_MOVED: grpc.StatusCode.ABORTED,
    Reason.NOT_INVITED: grpc.StatusCode.PERMISSION_DENIED,
    Reason.ALREADY_INVITED: grpc.StatusCode.ALREADY_EXISTS,
    Reason.TOO_MANY_INVITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.MALFORMED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.PRICE_ON_MARKET_ORDER: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.PRICE_MISSING: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CONTRADICTORY_FLAGS: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.PRICE_OFF_TICK: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.QUANTITY_OFF_STEP: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.TIME_IN_FORCE_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.EXPIRY_MISSING: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.EXPIRY_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.TRIGGER_MISSING: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.TRIGGER_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.TRIGGER_OFF_TICK: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CALLBACK_OUT_OF_RANGE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CLOSE_POSITION_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CLOSE_POSITION_WITH_QUANTITY: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.QUANTITY_MISSING: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.BRACKET_WITHOUT_EXIT: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.BRACKET_ENTRY_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.BRACKET_EXIT_NOT_ALLOWED: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.BRACKET_UNKNOWN: grpc.StatusCode.NOT_FOUND,
}


def status_of(reason: Reason) -> grpc.StatusCode:
    """FAILED_PRECONDITION, unless the table says otherwise: the state refuses, not the form."""
    return _EXCEPTIONS.get(reason, grpc.StatusCode.FAILED_PRECONDITION)
