"""The read model of the API keys of accounts: which there are and what they may do, no secret."""

from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from domain.accounts.events import (
    VenueKey,
    VenueKeyAdded,
    VenueKeyEvent,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.registry import TYPE_NAMES
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class VenueKeyRow(NamedTuple):
    """Columns of model.venue_keys."""

    account_id: str
    key_version: int
    venue: str
    scheme: str
    hint: str
    fingerprint: str
    label: str
    permissions: str
    """Sorted, with commas between them."""
    replaces: int | None
    added_at: datetime
    revoked_at: datetime | None
    position: int


VENUE_KEYS: Final = Table("venue_keys", VenueKeyRow, ("account_id", "key_version"))


class VenueKeys:
    """Folds the events of venue keys into one row a key."""

    name: Final = "venue_keys"
    tables: Final = (VENUE_KEYS,)
    types: Final = frozenset(TYPE_NAMES[event] for event in get_args(VenueKeyEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The key's row."""
        return ((VENUE_KEYS, _key(fact)),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of a key."""
        match fact.event:
            case VenueKeyAdded(key=key):
                rows.put(VENUE_KEYS, _new(key, None, fact))
            case VenueKeyRotated(key=key, replaces=replaces):
                rows.put(VENUE_KEYS, _new(key, replaces, fact))
            case _:
                row = existing(rows.get(VENUE_KEYS, _key(fact)), fact)
                at = instant(fact.at)
                rows.put(VENUE_KEYS, row._replace(revoked_at=at, position=fact.position))


def _key(fact: Fact) -> Key:
    match fact.event:
        case VenueKeyAdded(key=key) | VenueKeyRotated(key=key):
            return (fact.account_id, key.version)
        case VenueKeyRevoked(key_version=version):
            return (fact.account_id, version)
        case other:
            message = f"venue_keys does not fold {type(other).__name__}"
            raise FoldError(message)


def _new(key: VenueKey, replaces: int | None, fact: Fact) -> VenueKeyRow:
    return VenueKeyRow(
        account_id=fact.account_id,
        key_version=key.version,
        venue=shown(key.venue),
        scheme=key.scheme.value,
        hint=shown(key.hint),
        fingerprint=shown(key.fingerprint),
        label=shown(key.label),
        permissions=",".join(permission.value for permission in key.permissions),
        replaces=replaces,
        added_at=instant(fact.at),
        revoked_at=None,
        position=fact.position,
    )
