"""Keys of an account at its venue: added, rotated, revoked, or refused because of what is there.

One key is current, the latest one. While a key is rotated there are two, and both may be used until
the older one is revoked; a third is refused, so that none is forgotten.
"""

from typing import Final, assert_never

from domain.accounts.commands import (
    AddVenueKey,
    RevokeVenueKey,
    RotateVenueKey,
    VenueKeyCommand,
)
from domain.accounts.decide import unfit
from domain.accounts.events import (
    KeyPermission,
    VenueKey,
    VenueKeyAdded,
    VenueKeyEvent,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.accounts.state import Account
from domain.reasons import Reason, Rejected

_LIVE_MAX: Final = 2


def decide(command: VenueKeyCommand, account: Account) -> VenueKeyEvent | Rejected:
    """One event, or the reason against it; a suspended account may change its keys."""
    refusal = unfit(account)
    if refusal is not None:
        return refusal
    match command:
        case AddVenueKey(account_id=account_id, key=key):
            if account.keys:
                return Rejected(Reason.VENUE_KEY_EXISTS, "the account has a key: rotate it")
            return _unusable(key, account) or VenueKeyAdded(account_id, key)
        case RotateVenueKey(account_id=account_id, key=key):
            return _rotate(command, account) or VenueKeyRotated(
                account_id, key, account.keys[-1].version
            )
        case RevokeVenueKey(account_id=account_id, key_version=version):
            if all(live.version != version for live in account.keys):
                return Rejected(
                    Reason.VENUE_KEY_NOT_LIVE,
                    "no key of this version is in use: it was revoked, or there never was one",
                    value=str(version),
                )
            return VenueKeyRevoked(account_id, version)
        case _:
            assert_never(command)


def _rotate(command: RotateVenueKey, account: Account) -> Rejected | None:
    if not account.keys:
        return Rejected(Reason.VENUE_KEY_MISSING, "the account has no key: add one")
    if len(account.keys) >= _LIVE_MAX:
        return Rejected(
            Reason.VENUE_KEY_ROTATING,
            f"the last rotation is not over: revoke version {account.keys[0].version} first",
            limit=str(_LIVE_MAX),
            value=str(len(account.keys)),
        )
    return _unusable(command.key, account)


def _unusable(key: VenueKey, account: Account) -> Rejected | None:
    if key.venue != account.venue:
        return Rejected(
            Reason.VENUE_KEY_OF_OTHER_VENUE,
            "the account is at another venue",
            limit=account.venue,
            value=key.venue,
        )
    if KeyPermission.WITHDRAW in key.permissions:
        return Rejected(
            Reason.VENUE_KEY_CAN_WITHDRAW, "make a key at the venue that cannot withdraw"
        )
    if any(live.fingerprint == key.fingerprint for live in account.keys):
        return Rejected(Reason.VENUE_KEY_UNCHANGED, "this is the key that is in use")
    if key.version <= account.last_key:
        return Rejected(
            Reason.VENUE_KEY_OVERTAKEN,
            "another key came first: send the command again under a fresh id",
            limit=str(account.last_key),
            value=str(key.version),
        )
    return None
