"""What happened to an account: opened for a user at a venue, suspended, reinstated, closed."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import AccountId, UserId


class PositionMode(StrEnum):
    """How positions are kept; one net position an instrument is the only way so far."""

    ONE_WAY = "one_way"


class MarginMode(StrEnum):
    """What stands behind a position at the venue; recorded, no check looks at it yet."""

    CROSS = "cross"
    ISOLATED = "isolated"


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """The account belongs to this user and this venue."""

    account_id: AccountId
    user_id: UserId
    venue: str
    position_mode: PositionMode
    margin_mode: MarginMode


@dataclass(frozen=True, slots=True)
class AccountSuspended:
    """Only cancels and reducing orders pass from now on."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class AccountReinstated:
    """The suspension is over."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """For ever: only cancels and the venue's reports pass."""

    account_id: AccountId


AccountEvent = AccountOpened | AccountSuspended | AccountReinstated | AccountClosed
