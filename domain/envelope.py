"""What travels around an event: where it stands in the log, and who caused it when and why."""

from dataclasses import dataclass
from typing import NamedTuple

from domain.ids import AccountId, CommandId, StreamId
from domain.making import quickly


class LogPosition(NamedTuple):
    """Place of an event in the whole log: 1..n without gaps within its shard; 0 is "nothing yet".

    Accounts never share a transaction, so a log can be split by account; the shard is part of the
    position from the start so that no stored position has to change its shape then.
    """

    shard: int
    number: int


@quickly
@dataclass(frozen=True, slots=True)
class Metadata:
    """Cause of an event, stored beside it; the domain reads none of it."""

    command_id: CommandId
    correlation_id: str
    causation_id: str
    actor: str
    """Subject of the token that sent the command."""
    occurred_at: int
    """Microseconds since 1970-01-01 UTC, taken when the command arrived."""
    traceparent: str = ""
    """W3C trace context of the command, empty when it had none."""


class NewEvent(NamedTuple):
    """An encoded event on its way into the log, at the version it must get in its stream."""

    stream_id: StreamId
    version: int
    type: str
    account_id: AccountId
    payload: bytes
    metadata: bytes


class RecordedEvent(NamedTuple):
    """An event of the log as it was stored, byte for byte; a tuple, for readers make millions."""

    position: LogPosition
    stream_id: StreamId
    version: int
    type: str
    account_id: AccountId
    payload: bytes
    metadata: bytes
