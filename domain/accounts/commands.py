"""What can be asked of an account: open it for a user, give it keys of its venue, suspend, close.

A secret comes no further than to the adapter that seals it, so no command has one.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.accounts.events import MarginMode, PositionMode, VenueKey
from domain.ids import AccountId, InstrumentId, UserId


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


@dataclass(frozen=True, slots=True)
class AddVenueKey:
    """Give the account its API key; the secret has been sealed under this version already."""

    account_id: AccountId
    key: VenueKey


@dataclass(frozen=True, slots=True)
class RotateVenueKey:
    """Make another API key the current one; the one before works until it is revoked."""

    account_id: AccountId
    key: VenueKey


@dataclass(frozen=True, slots=True)
class RevokeVenueKey:
    """Take a key's secret away, for ever."""

    account_id: AccountId
    key_version: int


@dataclass(frozen=True, slots=True)
class SetLeverage:
    """Hold positions of the instrument at this leverage, 1 at least."""

    account_id: AccountId
    instrument_id: InstrumentId
    leverage: Decimal


@dataclass(frozen=True, slots=True)
class ChangePositionMode:
    """Keep positions another way; only while nothing is held and nothing is open."""

    account_id: AccountId
    position_mode: PositionMode


@dataclass(frozen=True, slots=True)
class ChangeMarginMode:
    """Put something else behind positions; only while nothing is held and nothing is open."""

    account_id: AccountId
    margin_mode: MarginMode


VenueKeyCommand = AddVenueKey | RotateVenueKey | RevokeVenueKey
AccountSetting = SetLeverage | ChangePositionMode | ChangeMarginMode
AccountCommand = (
    OpenAccount
    | SuspendAccount
    | ReinstateAccount
    | CloseAccount
    | VenueKeyCommand
    | AccountSetting
)
