"""The keys of subjects in memory, erased by the events of the log in memory."""

import os

from adapters.keys.cipher import KEY_BYTES
from adapters.memory.log import MemoryEventLog
from domain.ids import UserId, user_stream
from domain.registry import TYPE_NAMES
from domain.users.events import UserErased


class MemorySubjectKeys:
    """Implements adapters.keys.subjects.SubjectKeys on a dictionary."""

    def __init__(self, log: MemoryEventLog) -> None:
        self._log = log
        self._keys: dict[UserId, bytes] = {}

    async def ensure(self, subject: UserId) -> bytes | None:
        """The subject's key, made if there never was one; None once erased."""
        self._keys.setdefault(subject, os.urandom(KEY_BYTES))
        return await self.find(subject)

    async def find(self, subject: UserId) -> bytes | None:
        """The subject's key; None if there never was one, and once erased."""
        events = await self._log.read_stream(user_stream(subject))
        if any(event.type == TYPE_NAMES[UserErased] for event in events):
            return None
        return self._keys.get(subject)
