"""Requests of named subscriptions, checked for their form; raises InvalidRequest by field.

Nothing here asks a database: a malformed request is refused before anything else happens.
"""

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from adapters.proto.v1 import common_pb2, subscriptions_pb2
from adapters.rpc.pages import page_limit
from adapters.rpc.translate import InvalidRequest, text
from adapters.subscriptions.definition import Definition, Key
from adapters.subscriptions.session import Answers
from adapters.subscriptions.state import Refused
from domain.ids import AccountId
from domain.registry import EVENT_TYPES

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
_POSITION_MAX: Final = 2**63 - 1
_ATTEMPTS_DEFAULT, _ATTEMPTS_MAX = 5, 100
_WINDOW_DEFAULT, _WINDOW_MAX = 100, 1_000
_DELAY_MAX: Final = 60_000
_REASON_MAX: Final = 1_000
_LIST_MAX: Final = 1_000
_T = TypeVar("_T")


def key(account_id: AccountId, name: str) -> Key:
    """A name within an account that was checked."""
    if _NAME.fullmatch(name) is None:
        raise InvalidRequest("name: expected 1 to 63 of a-z 0-9 . _ -, a letter or digit first")
    return Key(account_id, name)


def definition(
    wanted: Key, request: subscriptions_pb2.CreateSubscriptionRequest, head: int
) -> Definition:
    """A new subscription; `head` is the last position of the log."""
    types = list(request.event_types)
    if len(types) > len(EVENT_TYPES) or len(set(types)) != len(types):
        raise InvalidRequest("event_types: each type at most once")
    if not set(types) <= EVENT_TYPES.keys():
        raise InvalidRequest("event_types: expected types such as order.filled.v1")
    if request.at_head and request.after.number:
        raise InvalidRequest("at_head: leave out either this or after.number")
    return Definition(
        wanted,
        tuple(sorted(types)),
        max_attempts=_at_most("max_attempts", request.max_attempts, _ATTEMPTS_MAX)
        or _ATTEMPTS_DEFAULT,
        window=_at_most("window", request.window, _WINDOW_MAX) or _WINDOW_DEFAULT,
        retry_delay_ms=_at_most("retry_delay_ms", request.retry_delay_ms, _DELAY_MAX),
        start=head if request.at_head else position("after", request.after, head),
    )


def position(field: str, given: common_pb2.Position, head: int) -> int:
    """A place to go on after, not past the head."""
    if given.shard != 0:
        raise InvalidRequest(f"{field}.shard: this log has shard 0 alone")
    if given.number > head:
        raise InvalidRequest(f"{field}.number is past the head of the log, {head}")
    return int(given.number)


def window(request: subscriptions_pb2.ConsumeRequest) -> int:
    """What a consumer wants, 0 for as much as the subscription allows."""
    return _at_most("window", request.window, _WINDOW_MAX)


def answers(request: subscriptions_pb2.ConsumeRequest) -> Answers:
    """What a consumer says of events that it has."""
    refused = [
        Refused(
            _one("refused.position", each.position),
            text("refused.reason", each.reason, _REASON_MAX),
        )
        for each in _bounded("refused", request.refused)
    ]
    acknowledged = [_one("acknowledged", each) for each in request.acknowledged]
    _bounded("acknowledged", acknowledged)
    said = [*acknowledged, *(each.position for each in refused)]
    if len(set(said)) != len(said):
        raise InvalidRequest("acknowledged, refused: each position at most once in a message")
    return Answers(tuple(acknowledged), tuple(refused))


def positions(request: subscriptions_pb2.ParkedRequest) -> list[int] | None:
    """Parked events, or None for all of them."""
    if request.all == bool(request.positions):
        raise InvalidRequest("positions: name some, or all, and not both")
    if request.all:
        return None
    return [_one("positions", each) for each in _bounded("positions", request.positions)]


def page(request: subscriptions_pb2.ListParkedRequest) -> tuple[int, int]:
    """After which position, and how many."""
    if request.after_position > _POSITION_MAX:
        raise InvalidRequest("after_position is past every position")
    return request.after_position, page_limit(request.page_size)


def _at_most(field: str, value: int, bound: int) -> int:
    if value > bound:
        raise InvalidRequest(f"{field} must be at most {bound}")
    return value


def _one(field: str, number: int) -> int:
    if not 0 < number <= _POSITION_MAX:
        raise InvalidRequest(f"{field}: expected a position of the log, from 1")
    return number


def _bounded(field: str, items: Sequence[_T]) -> Sequence[_T]:
    if len(items) > _LIST_MAX:
        raise InvalidRequest(f"{field}: at most {_LIST_MAX} in one message")
    return items
