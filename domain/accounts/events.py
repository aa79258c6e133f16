"""What happened to an account: opened for a user at a venue, suspended, reinstated, closed.

Of a venue's API key an event says which one it is and what it may do. The secret is in no event,
not even sealed (docs/adr/0018).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import AccountId, InstrumentId, UserId


class PositionMode(StrEnum):
    """How positions are kept; of the whole account, as at the venues."""

    ONE_WAY = "one_way"
    """One net position an instrument."""
    HEDGE = "hedge"
    """A long and a short position beside each other; every order says which one it moves."""


class MarginMode(StrEnum):
    """What stands behind a position at the venue."""

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


class KeyScheme(StrEnum):
    """How requests to the venue are signed with the key's secret."""

    HMAC_SHA256 = "hmac_sha256"
    ED25519 = "ed25519"
    RSA_SHA256 = "rsa_sha256"


class KeyPermission(StrEnum):
    """What the venue lets the key do, as its owner says."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"
    """Named so that it can be refused in words; no stored key has it."""


@dataclass(frozen=True, slots=True)
class VenueKey:
    """An API key of a venue as everybody may see it."""

    version: int
    """Grows in each account, with gaps; of two keys the later one is the current one."""
    venue: str
    scheme: KeyScheme
    hint: str
    """The last four characters of the public API key."""
    fingerprint: str
    """Sixteen hexadecimal digits of the SHA-256 of the public API key."""
    label: str
    permissions: tuple[KeyPermission, ...]
    """Sorted, each once."""


@dataclass(frozen=True, slots=True)
class VenueKeyAdded:
    """The account has an API key; its secret can be used from the same commit on."""

    account_id: AccountId
    key: VenueKey


@dataclass(frozen=True, slots=True)
class VenueKeyRotated:
    """A second key is the current one; the one that it replaces works until it is revoked."""

    account_id: AccountId
    key: VenueKey
    replaces: int


@dataclass(frozen=True, slots=True)
class VenueKeyRevoked:
    """The key's secret is gone, by the same commit."""

    account_id: AccountId
    key_version: int


@dataclass(frozen=True, slots=True)
class LeverageSet:
    """Positions of the instrument are held at this leverage from now on."""

    account_id: AccountId
    instrument_id: InstrumentId
    leverage: Decimal


@dataclass(frozen=True, slots=True)
class PositionModeChanged:
    """Positions are kept this way from now on; nothing was held or open."""

    account_id: AccountId
    position_mode: PositionMode


@dataclass(frozen=True, slots=True)
class MarginModeChanged:
    """This stands behind positions from now on; nothing was held or open."""

    account_id: AccountId
    margin_mode: MarginMode


VenueKeyEvent = VenueKeyAdded | VenueKeyRotated | VenueKeyRevoked
AccountEvent = (
    AccountOpened
    | AccountSuspended
    | AccountReinstated
    | AccountClosed
    | LeverageSet
    | PositionModeChanged
    | MarginModeChanged
    | VenueKeyEvent
)
