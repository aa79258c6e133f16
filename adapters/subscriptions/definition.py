"""What a named subscription is, as it is kept, and what can go wrong with one.

Exception
└── SubscriptionError
    ├── NoSuchSubscription    create it first
    ├── AlreadyDefined        another definition has this name: choose another, or delete it
    ├── TooMany               a bound is reached: delete some, or come back later
    ├── ConsumerActive        another consumer has it: it can take over when that one ends
    └── Superseded            it was reset or deleted while it was consumed: connect again
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.subscriptions.state import Rules
from domain.envelope import RecordedEvent
from domain.ids import PLATFORM, AccountId

WHOLE_LOG: Final = PLATFORM
"""The account under which subscriptions to the events of all accounts are kept."""
_SHOWN: Final = 20


class SubscriptionError(Exception):
    """A subscription cannot do what was asked."""


class NoSuchSubscription(SubscriptionError):
    """There is none of this name in this account."""


class AlreadyDefined(SubscriptionError):
    """The name is taken by a subscription that is defined otherwise."""


class TooMany(SubscriptionError):
    """A bound is reached."""


class ConsumerActive(SubscriptionError):
    """Exactly one consumer at a time."""


class Superseded(SubscriptionError):
    """The subscription is not what it was when the consumer came."""


@dataclass(frozen=True, slots=True)
class Key:
    """A name belongs to its account."""

    account_id: AccountId
    name: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What its creator decided; never changed."""

    key: Key
    event_types: tuple[str, ...]
    """Sorted; empty is every type."""
    max_attempts: int
    window: int
    retry_delay_ms: int
    start: int

    @property
    def rules(self) -> Rules:
        """How patient it is."""
        return Rules(self.max_attempts, self.retry_delay_ms / 1000)

    def wants(self, event: RecordedEvent) -> bool:
        """Whether an event is to be delivered."""
        if self.key.account_id not in {WHOLE_LOG, event.account_id}:
            return False
        return not self.event_types or event.type in self.event_types


@dataclass(frozen=True, slots=True)
class Kept:
    """A subscription as it stands."""

    id: int
    definition: Definition
    checkpoint: int
    generation: int
    parked: int
    connected: bool
    created_by: str
    created_at: int
    """Microseconds since 1970-01-01 UTC."""


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """An event that its consumer refused too often."""

    position: int
    attempts: int
    reason: str
    parked_at: int
    replaying: bool


def positions_text(positions: Sequence[int]) -> str:
    """Some positions for a line of the log, however many there are."""
    shown = ", ".join(map(str, positions[:_SHOWN]))
    left = len(positions) - _SHOWN
    return f"{shown} and {left} more" if left > 0 else shown
