"""Secrets of venue keys in memory: made usable and taken by the events of the log in memory."""

from collections.abc import Sequence

from adapters.codec import decode
from adapters.keys.master import MasterKey, create_master_key
from adapters.keys.venue import Credential, Envelope, NoVenueKey, Slot, VenueSecret, opened
from adapters.memory.log import MemoryEventLog
from domain.accounts.events import VenueKeyAdded, VenueKeyRevoked, VenueKeyRotated
from domain.ids import AccountId, account_stream


class MemoryVenueKeys:
    """Implements VenueSecrets and VenueCredentials of adapters.keys.venue on a dictionary."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log
        self._master = MasterKey(create_master_key())
        self._staged: dict[Slot, Envelope] = {}

    async def stage(self, account_id: AccountId, venue: str, secret: VenueSecret) -> int:
        """Keep a sealed secret under a fresh version."""
        taken = [slot.version for slot in self._staged if slot.account_id == account_id]
        slot = Slot(account_id, venue, max(taken, default=0) + 1)
        self._staged[slot] = secret.sealed(self._master, slot)
        return slot.version

    async def usable(self, account_id: AccountId) -> Sequence[Credential]:
        """The keys of an account that are in use, the current one first."""
        live: dict[int, Slot] = {}
        for recorded in await self._log.read_stream(account_stream(account_id)):
            match decode(recorded.type, recorded.payload):
                case VenueKeyAdded(key=key) | VenueKeyRotated(key=key):
                    live[key.version] = Slot(account_id, key.venue, key.version)
                case VenueKeyRevoked(key_version=version):
                    live.pop(version, None)
                case _:
                    pass
        found = [slot for slot in live.values() if slot in self._staged]
        if not found:
            raise NoVenueKey(f"account {account_id} has no key of its venue: add one")
        found.sort(key=lambda slot: slot.version, reverse=True)
        return [
            Credential(slot.version, slot.venue, opened(self._master, slot, self._staged[slot]))
            for slot in found
        ]
