"""Where the keys of subjects are asked for: made on first use, gone for ever once erased.

Nobody here erases. The event that says so takes the key, in its own commit; so there is never a
moment at which the log says erased and the data can be read, nor the other way round.
"""

from typing import Protocol

from domain.ids import UserId


class SubjectKeys(Protocol):
    """The keys of subjects; every implementation passes tests/conformance/test_subject_keys.py."""

    async def ensure(self, subject: UserId) -> bytes | None:
        """The subject's key, made if there never was one; None once erased.

        Raises LogUnavailable.
        """

    async def find(self, subject: UserId) -> bytes | None:
        """The subject's key; None if there never was one, and once erased.

        Raises LogUnavailable.
        """
