"""Secrets of venue keys in PostgreSQL, beside the log: put in by one role, read by another.

The role patriot_keys (command service) can add a sealed secret and read none. The role
patriot_venue (a venue's worker) can read and change nothing. Whether a secret can be used is said
by the commits of the log (infra/migrations/eventlog/0007_venue_keys.sql).
"""

import os
from collections.abc import Sequence
from typing import Final

from adapters.keys.cipher import Entropy
from adapters.keys.master import MasterKey
from adapters.keys.venue import Credential, Envelope, NoVenueKey, Slot, VenueSecret, opened
from adapters.postgres.key_database import KeyDatabase
from domain.ids import AccountId
from domain.ports import LogUnavailable

_NEXT: Final = b"SELECT keys.next_venue_key(%s)"
_STAGE: Final = b"SELECT keys.stage_venue_secret(%s, %s, %s, %s, %s)"
_USABLE: Final = b"""
    SELECT key_version, venue, wrapped_key, ciphertext FROM keys.venue_secrets
     WHERE account_id = %s AND added_at IS NOT NULL AND wrapped_key IS NOT NULL
     ORDER BY key_version DESC
"""
_TRIES: Final = 20
"""Versions that others may take first before the database counts as too busy."""


class PostgresVenueSecrets:
    """Implements adapters.keys.venue.VenueSecrets; open() it, close() it."""

    def __init__(self, url: str, master: MasterKey, entropy: Entropy = os.urandom) -> None:
        """`url` is for the role patriot_keys."""
        self._master = master
        self._entropy = entropy
        self._database = KeyDatabase(url, "the database of venue keys")

    async def open(self) -> None:
        """Let calls connect."""
        await self._database.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def stage(self, account_id: AccountId, venue: str, secret: VenueSecret) -> int:
        """Keep a sealed secret under a fresh version."""
        for _ in range(_TRIES):
            [(version,)] = await self._database.rows(_NEXT, (account_id,))
            sealed = secret.sealed(self._master, Slot(account_id, venue, version), self._entropy)
            arguments = (account_id, version, venue, *sealed)
            [(kept,)] = await self._database.rows(_STAGE, arguments)
            if kept:
                return int(version)
        raise LogUnavailable("others keep adding keys of this account: try again")


def venue_secrets(url: str, master_key: str) -> PostgresVenueSecrets | None:
    """Where secrets are put, not yet open; None where a service is set up without."""
    return PostgresVenueSecrets(url, MasterKey(master_key)) if url and master_key else None


class PostgresVenueCredentials:
    """Implements adapters.keys.venue.VenueCredentials; open() it, close() it."""

    def __init__(self, url: str, master: MasterKey) -> None:
        """`url` is for the role patriot_venue."""
        self._master = master
        self._database = KeyDatabase(url, "the database of venue keys")

    async def open(self) -> None:
        """Let calls connect."""
        await self._database.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def usable(self, account_id: AccountId) -> Sequence[Credential]:
        """The keys of an account that are in use, the current one first."""
        rows = await self._database.rows(_USABLE, (account_id,))
        if not rows:
            raise NoVenueKey(f"account {account_id} has no key of its venue: add one")
        return [
            Credential(
                version,
                venue,
                opened(self._master, Slot(account_id, venue, version), Envelope(wrapped, sealed)),
            )
            for version, venue, wrapped, sealed in rows
        ]
