"""Users and accounts of tests: ids by name, and a story that has every one of their events."""

from decimal import Decimal

from domain.accounts.commands import (
    AddVenueKey,
    ChangeMarginMode,
    ChangePositionMode,
    CloseAccount,
    OpenAccount,
    ReinstateAccount,
    RevokeVenueKey,
    RotateVenueKey,
    SetLeverage,
    SuspendAccount,
)
from domain.accounts.events import KeyPermission, KeyScheme, MarginMode, PositionMode, VenueKey
from domain.dispatch import Command
from domain.ids import AccountId, InstrumentId, UserId, derived
from domain.users.commands import (
    EraseUser,
    GrantRole,
    RegisterUser,
    ReinstateUser,
    RevokeRole,
    SuspendUser,
)
from domain.users.events import Role, Sealed


def user_id(name: str) -> UserId:
    """A user's id by a name of the test."""
    return UserId(derived("test user", name))


def account_id(name: str) -> AccountId:
    """An account's id by a name of the test."""
    return AccountId(derived("test account", name))


def register(name: str = "ada") -> RegisterUser:
    """A registration; what is sealed is not looked at by the domain."""
    return RegisterUser(user_id(name), Sealed("c2VhbGVkIG5hbWU="), Sealed("c2VhbGVkIGVtYWls"))


def suspend(name: str = "ada") -> SuspendUser:
    """A suspension."""
    return SuspendUser(user_id(name), Sealed("c2VhbGVkIHJlYXNvbg=="))


def open_account(
    account: AccountId, of: str = "ada", margin: MarginMode = MarginMode.CROSS
) -> OpenAccount:
    """An account of a user at the example venue."""
    return OpenAccount(account, user_id(of), "BINANCE", PositionMode.ONE_WAY, margin)


def venue_key(version: int, venue: str = "BINANCE") -> VenueKey:
    """What everybody may see of a key."""
    return VenueKey(
        version=version,
        venue=venue,
        scheme=KeyScheme.HMAC_SHA256,
        hint=f"{version:04d}",
        fingerprint=f"{version:016x}",
        label="desk one",
        permissions=(KeyPermission.READ, KeyPermission.TRADE),
    )


def story(name: str) -> list[Command]:
    """Commands that are all accepted and leave every type of event; no account of it trades."""
    lasting, closed = account_id(f"{name} lasting"), account_id(f"{name} closed")
    erased = f"{name} erased"
    return [
        register(name),
        GrantRole(user_id(name), Role.TRADER),
        GrantRole(user_id(name), Role.AUDITOR),
        RevokeRole(user_id(name), Role.TRADER),
        suspend(name),
        ReinstateUser(user_id(name)),
        open_account(lasting, name),
        open_account(closed, name, MarginMode.ISOLATED),
        SuspendAccount(lasting, "a drill"),
        ReinstateAccount(lasting),
        AddVenueKey(lasting, venue_key(1)),
        RotateVenueKey(lasting, venue_key(2)),
        RevokeVenueKey(lasting, 1),
        ChangePositionMode(lasting, PositionMode.HEDGE),
        ChangeMarginMode(lasting, MarginMode.ISOLATED),
        SetLeverage(lasting, InstrumentId("BINANCE:SUSHIUSDT"), Decimal(20)),
        CloseAccount(closed),
        register(erased),
        GrantRole(user_id(erased), Role.OPERATOR),
        EraseUser(user_id(erased)),
    ]
