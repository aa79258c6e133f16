"""The master key: the one secret under which every other key is kept.

It stands outside the database, so that who copies the database alone has only ciphertext. The
setting may hold several keys: the first one wraps, each of them opens. That is how one is changed
for another while everything runs (adapters/keys/rewrapping.py). What is wrapped says by which key.

    SettingsError
    ├── WrongMasterKey    the setting is no master key, or not the one that a stored key is
    │                     wrapped with: bring back the right one
    └── AlteredKey        a stored key was altered, cut short or moved from another owner: restore
                          the row from a backup, or make the owner's key anew
"""

import base64
import binascii
import hashlib
import hmac
import os
from typing import Final

from adapters.keys.cipher import KEY_BYTES, Entropy, Unreadable, decrypt, encrypt
from adapters.settings import SettingsError
from domain.ids import UserId

NAME: Final = "PATRIOT_MASTER_KEY"
ID_BYTES: Final = 8
NAMED: Final = b"\x02"
"""First byte of what is wrapped and names its master key; before it did not, and began with 1."""


class WrongMasterKey(SettingsError):
    """The master key is none, or another one."""


class AlteredKey(SettingsError):
    """A stored key does not open although its master key is here."""


class MasterKey:
    """Wraps and unwraps keys; shows nothing of itself but its name."""

    def __init__(self, text: str) -> None:
        """`text` is 32 random bytes in base64, or several such, apart; raises WrongMasterKey."""
        keys = [_key(part) for part in text.split()] or [_key("")]
        self._keys: Final = {_id_of(key): key for key in keys}
        self._first: Final = keys[0]
        self.id: Final = _id_of(keys[0])
        """The name of the key that wraps; it tells nothing of the key."""

    def wrap_for(self, owner: bytes, key: bytes, entropy: Entropy = os.urandom) -> bytes:
        """An owner's key as it may be stored."""
        head = NAMED + self.id
        return head + encrypt(self._first, key, head + owner, entropy)

    def unwrap_for(self, owner: bytes, wrapped: bytes) -> bytes:
        """An owner's key; raises WrongMasterKey or AlteredKey."""
        if not wrapped.startswith(NAMED):
            return self._unwrap_unnamed(owner, wrapped)
        head, content = wrapped[: 1 + ID_BYTES], wrapped[1 + ID_BYTES :]
        key = self._keys.get(head[1:])
        if key is None:
            raise WrongMasterKey(
                f"a stored key is wrapped by the master key {head[1:].hex()}, and {NAME} holds "
                f"{', '.join(known.hex() for known in self._keys)}: bring back the right one"
            )
        try:
            return decrypt(key, content, head + owner)
        except Unreadable as error:
            raise AlteredKey(
                "a stored key does not open: it was altered, cut short or moved from another "
                "owner; restore the row from a backup"
            ) from error

    def wrap(self, subject: UserId, key: bytes, entropy: Entropy = os.urandom) -> bytes:
        """A subject's key as it may be stored."""
        return self.wrap_for(of_subject(subject), key, entropy)

    def unwrap(self, subject: UserId, wrapped: bytes) -> bytes:
        """A subject's key; raises WrongMasterKey or AlteredKey."""
        return self.unwrap_for(of_subject(subject), wrapped)

    def _unwrap_unnamed(self, owner: bytes, wrapped: bytes) -> bytes:
        for key in self._keys.values():
            try:
                return decrypt(key, wrapped, owner)
            except Unreadable:
                continue
        raise WrongMasterKey(
            f"{NAME} is not the key that the subjects' keys are wrapped with: bring back "
            "the right one"
        )


def create_master_key(entropy: Entropy = os.urandom) -> str:
    """A fresh master key as the setting holds it."""
    return base64.urlsafe_b64encode(entropy(KEY_BYTES)).decode()


def of_subject(subject: UserId) -> bytes:
    """What a subject's wrapped key belongs to."""
    return f"patriot\x1fsubject key\x1f{subject}".encode()


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) == 1:
        raise WrongMasterKey(
            f"{NAME} must be {KEY_BYTES} random bytes in base64: openssl rand -base64 32"
        )
    return key


def _id_of(key: bytes) -> bytes:
    return hmac.digest(key, b"patriot master key id", hashlib.sha256)[:ID_BYTES]
