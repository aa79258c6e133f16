"""Seal a text under a subject's key, and open it again; the same text never looks the same twice.

AES-256-GCM with a fresh random nonce of 96 bits. What a text belongs to (subject, event type,
field) is authenticated with it, so a ciphertext that is moved to another place does not open there.
Texts are padded, so that after an erasure not even their lengths are told.

    Exception
    └── Unreadable     the ciphertext was altered or moved, or the key is another one's
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.ids import UserId
from domain.users.events import Sealed

Entropy = Callable[[int], bytes]
"""Gives so many random bytes; the system's, but in tests."""

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORM: Final = b"\x01"
"""First byte of every ciphertext; another way of sealing gets another one."""
_PADDED_TO: Final = 64


class Unreadable(Exception):
    """The ciphertext does not open at this place with this key."""


class Place(NamedTuple):
    """What a sealed text belongs to."""

    subject: UserId
    event_type: str
    field: str

    @property
    def bytes(self) -> bytes:
        """Canonical form; the separator occurs in none of the parts."""
        return "\x1f".join(("patriot", *self)).encode()


def seal(key: bytes, text: str, place: Place, entropy: Entropy = os.urandom) -> Sealed:
    """The text as ciphertext; it must not hold NUL, which is the padding."""
    plain = text.encode()
    padded = plain + bytes(-len(plain) % _PADDED_TO)
    return Sealed(base64.urlsafe_b64encode(encrypt(key, padded, place.bytes, entropy)).decode())


def unseal(key: bytes, sealed: Sealed, place: Place) -> str:
    """The text behind a ciphertext; raises Unreadable."""
    try:
        stored = base64.b64decode(sealed, altchars=b"-_", validate=True)
        return decrypt(key, stored, place.bytes).rstrip(b"\x00").decode()
    except ValueError as error:
        raise Unreadable(f"{place.event_type} {place.field} is no sealed text") from error


def veil(key: bytes, text: str, place: Place) -> str:
    """A stand-in for the text that tells equal from other, and only while the key is there.

    A plain hash would outlive the key, and whoever guesses a name could prove it by one.
    """
    own = hmac.digest(key, b"patriot veil", hashlib.sha256)
    return hmac.digest(own, place.bytes + b"\x1f" + text.encode(), hashlib.sha256).hex()


def encrypt(key: bytes, plain: bytes, belongs_to: bytes, entropy: Entropy = os.urandom) -> bytes:
    """Form, nonce, ciphertext and tag."""
    nonce = entropy(_NONCE_BYTES)
    return _FORM + nonce + AESGCM(key).encrypt(nonce, plain, _FORM + belongs_to)


def decrypt(key: bytes, stored: bytes, belongs_to: bytes) -> bytes:
    """What was encrypted; raises Unreadable."""
    form, nonce, content = stored[:1], stored[1 : 1 + _NONCE_BYTES], stored[1 + _NONCE_BYTES :]
    if form != _FORM or len(nonce) < _NONCE_BYTES:
        raise Unreadable("the ciphertext has no known form")
    try:
        return AESGCM(key).decrypt(nonce, content, form + belongs_to)
    except InvalidTag as error:
        raise Unreadable("the ciphertext does not open: altered, moved, or another key") from error
