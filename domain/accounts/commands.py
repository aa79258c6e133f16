"""What can be asked of an account: open it for a user, suspend, reinstate and close it."""

from dataclasses import dataclass

from domain.accounts.events import MarginMode, PositionMode
from domain.ids import AccountId, UserId


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Bind the account to a user and a venue, once."""

    account_id: AccountId
    user_id: UserId
    venue: str
    position_mode: PositionMode
    margin_mode: MarginMode


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """Let nothing but cancels and reducing orders pass."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class ReinstateAccount:
    """Lift the suspension."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """End the account for ever, once nothing is held and nothing is open."""

    account_id: AccountId


AccountCommand = OpenAccount | SuspendAccount | ReinstateAccount | CloseAccount
