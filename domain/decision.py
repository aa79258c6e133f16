"""The result of a decision: the events to append to each stream, and the answer to the sender."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.ids import AccountId, StreamId
from domain.making import quickly
from domain.reasons import Rejected

if TYPE_CHECKING:
    from domain.registry import Event


STREAMS_KEPT: Final = 262_144
"""Names of streams in memory: every order asks for the same few of its account and instrument."""


class Aggregate(StrEnum):
    """The kinds of stream; each has its own state and its own evolve."""

    ACCOUNT = "account"
    FUNDING = "funding"
    INSTRUMENT = "instrument"
    ORDER = "order"
    POSITION = "position"
    RISK = "risk"
    USER = "user"
    STRATEGY = "strategy"
    SIGNAL = "signal"
    FOLLOWER = "follower"
    ALLOTMENT = "allotment"
    BRACKET = "bracket"


class StreamRef(NamedTuple):
    """A stream that a command reads or writes, and the account it belongs to."""

    aggregate: Aggregate
    stream_id: StreamId
    account_id: AccountId


class Change(NamedTuple):
    """One event for one stream, in the order in which they are appended."""

    stream: StreamRef
    event: "Event"


@quickly
@dataclass(frozen=True, slots=True)
class Decision:
    """All changes of one command, appended together or not at all.

    A refusal that matters to a trader or an auditor has changes too (the order denied, the check
    that refused it); `rejected` is then the answer to the sender beside them.
    """

    changes: tuple[Change, ...] = ()
    rejected: Rejected | None = None
