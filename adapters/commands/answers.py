"""What a sender asks and is answered; the answer is stored and given again on a repeat."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import msgspec
import orjson

from domain.decision import StreamRef
from domain.dispatch import Command, streams_of
from domain.envelope import LogPosition
from domain.ids import AccountId, CommandId
from domain.making import quickly
from domain.ports import RecordedCommand
from domain.reasons import Reason, Rejected


@quickly
@dataclass(frozen=True, slots=True)
class Submission:
    """A well-formed command on its way to a decision, with who sent it."""

    command: Command
    command_id: CommandId
    account_id: AccountId
    actor: str
    correlation_id: str
    fingerprint: bytes
    """SHA-256 of the content: the same command_id with another content is refused."""
    traceparent: str = ""
    streams: tuple[StreamRef, ...] = field(init=False)
    """Every stream that the decision reads or writes; asked for often, so found out once."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "streams", streams_of(self.command))


@quickly
@dataclass(frozen=True, slots=True)
class Answer:
    """The durable result of one command."""

    command_id: CommandId
    stream_version: int
    """Version of the command's main stream afterwards."""
    position: LogPosition
    """Last event that the command appended; number 0 when it appended none."""
    rejected: Rejected | None = None


@dataclass(frozen=True, slots=True)
class _Stored:
    version: int
    rejected: Rejected | None = None


# Most answers are one of a few: admitted as version 1, admitted as version 2, ...
_read: Final = lru_cache(maxsize=4_096)(msgspec.json.Decoder(_Stored).decode)


def stored_result(stream_version: int, rejected: Rejected | None) -> bytes:
    """The part of an answer that is known before the commit gives the positions."""
    if rejected is None:
        return b'{"version":%d,"rejected":null}' % stream_version
    return orjson.dumps(_Stored(stream_version, rejected))


def answer_of(recorded: RecordedCommand) -> Answer:
    """The answer that the log holds for a command."""
    stored = _read(recorded.result)
    return Answer(recorded.command_id, stored.version, recorded.last, stored.rejected)


def reused(submission: Submission) -> Answer:
    """The answer to a command whose id belongs to another content."""
    refusal = Rejected(
        Reason.COMMAND_ID_REUSED,
        "this command_id was used for another command: send a fresh one",
    )
    return Answer(submission.command_id, 0, LogPosition(0, 0), refusal)


def contended(submission: Submission) -> Answer:
    """The answer to a command that lost every race for its streams."""
    refusal = Rejected(
        Reason.CONCURRENT_CHANGE,
        "other writers kept changing the same streams: send the command again",
    )
    return Answer(submission.command_id, 0, LogPosition(0, 0), refusal)
