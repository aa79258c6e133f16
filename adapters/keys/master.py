"""The master key: the one secret under which every subject's key is kept.

It stands outside the database, so that who copies the database alone has only ciphertext.

    SettingsError
    └── WrongMasterKey    the setting is no master key, or not the one that the stored keys are
                          wrapped with: bring back the right one
"""

import base64
import binascii
import os
from typing import Final

from adapters.keys.cipher import KEY_BYTES, Entropy, Unreadable, decrypt, encrypt
from adapters.settings import SettingsError
from domain.ids import UserId

NAME: Final = "PATRIOT_MASTER_KEY"


class WrongMasterKey(SettingsError):
    """The master key is none, or another one."""


class MasterKey:
    """Wraps and unwraps keys of subjects; shows nothing of itself."""

    def __init__(self, text: str) -> None:
        """`text` is 32 random bytes in base64; raises WrongMasterKey."""
        try:
            self._key = base64.b64decode(text, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if len(self._key) != KEY_BYTES or len(set(self._key)) == 1:
            raise WrongMasterKey(
                f"{NAME} must be {KEY_BYTES} random bytes in base64: openssl rand -base64 32"
            )

    def wrap(self, subject: UserId, key: bytes, entropy: Entropy = os.urandom) -> bytes:
        """A subject's key as it may be stored."""
        return encrypt(self._key, key, _belongs_to(subject), entropy)

    def unwrap(self, subject: UserId, wrapped: bytes) -> bytes:
        """A subject's key; raises WrongMasterKey."""
        try:
            return decrypt(self._key, wrapped, _belongs_to(subject))
        except Unreadable as error:
            raise WrongMasterKey(
                f"{NAME} is not the key that the subjects' keys are wrapped with: bring back "
                "the right one"
            ) from error


def create_master_key(entropy: Entropy = os.urandom) -> str:
    """A fresh master key as the setting holds it."""
    return base64.urlsafe_b64encode(entropy(KEY_BYTES)).decode()


def _belongs_to(subject: UserId) -> bytes:
    return f"patriot\x1fsubject key\x1f{subject}".encode()
