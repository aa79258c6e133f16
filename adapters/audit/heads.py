"""Signed heads: what the log was at a moment, in a form that its database cannot take back.

An Ed25519 key signs the shard, position, chain and commit time of the log's head. docs/log.md
describes the bytes and the file; both are contracts.

    Exception
    ├── domain.ports.LogError
    │   └── HeadRefused         a kept head proves nothing
    │       ├── HeadUnreadable  it does not have the form of one: compare it with a copy
    │       ├── UnknownKey      it was signed with a key that is not trusted: --key adds one
    │       └── WrongSignature  it is not what was signed: somebody changed it
    └── adapters.settings.SettingsError
        └── WrongSigningKey     the text is no Ed25519 key in PEM
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from adapters.settings import SettingsError
from domain.ports import LogError

TYPE: Final = "patriot.signed_head.v1"
_CONTEXT: Final = TYPE.encode() + b"\0"
"""Begins what is signed, so that no signature over anything else can be taken for one of a head."""
_CONTENT: Final = Struct("!iq32sq8sq").pack
_POSITIVE_INT64: Final = range(1, 2**63)
_INT32: Final = range(2**31)
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


class HeadRefused(LogError):
    """A kept head proves nothing."""


class HeadUnreadable(HeadRefused):
    """It does not have the form of a signed head."""


class UnknownKey(HeadRefused):
    """It was signed with a key that is not trusted."""


class WrongSignature(HeadRefused):
    """It is not what was signed."""


class WrongSigningKey(SettingsError):
    """The text is no Ed25519 key in PEM."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the log says of its end."""

    shard: int
    position: int
    chain: bytes
    committed_at: int
    """Microseconds since 1970-01-01 UTC, as for all times here."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head, when it was signed, and with which key."""

    shard: int
    position: int
    chain: bytes
    committed_at: int
    key_id: str
    signed_at: int
    signature: bytes


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    """A signed head as a file holds it."""

    type: str
    shard: int
    position: int
    chain: str
    committed_at: int
    key_id: str
    signed_at: int
    signature: str


_DECODER: Final = msgspec.json.Decoder(_Stored)


class SigningKey:
    """The private half; raises WrongSigningKey for anything but an Ed25519 key."""

    def __init__(self, pem: str) -> None:
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError) as error:
            raise WrongSigningKey("the signing key is no private key in PEM") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise WrongSigningKey("the signing key must be an Ed25519 key")
        self._key = key
        public = key.public_key()
        self.id = key_id(public)
        self.public_pem = public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def sign(self, head: Head, *, signed_at: int) -> SignedHead:
        """The head with its signature."""
        content = _content(head, self.id, signed_at)
        return SignedHead(
            head.shard,
            head.position,
            head.chain,
            head.committed_at,
            self.id,
            signed_at,
            self._key.sign(content),
        )


def key_id(key: Ed25519PublicKey) -> str:
    """Name of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def trusted(pems: Iterable[str]) -> dict[str, Ed25519PublicKey]:
    """Public keys by their ids; raises WrongSigningKey."""
    keys = {}
    for pem in pems:
        try:
            key = load_pem_public_key(pem.encode())
        except ValueError as error:
            raise WrongSigningKey("a key of signed heads is no public key in PEM") from error
        if not isinstance(key, Ed25519PublicKey):
            raise WrongSigningKey("a key of signed heads must be an Ed25519 key")
        keys[key_id(key)] = key
    return keys


def encode(signed: SignedHead) -> bytes:
    """The file of a signed head: one line of JSON."""
    stored = _Stored(
        TYPE,
        signed.shard,
        signed.position,
        signed.chain.hex(),
        signed.committed_at,
        signed.key_id,
        signed.signed_at,
        signed.signature.hex(),
    )
    return msgspec.json.encode(stored) + b"\n"


def decode(name: str, content: bytes, keys: Mapping[str, Ed25519PublicKey]) -> SignedHead:
    """The head in a file, its signature checked; raises a HeadRefused that names the file."""
    signed = _parsed(name, content)
    key = keys.get(signed.key_id)
    if key is None:
        raise UnknownKey(
            f"the signed head at {signed.position} ({name}) names the key {signed.key_id}, which "
            "is not trusted"
        )
    head = Head(signed.shard, signed.position, signed.chain, signed.committed_at)
    try:
        key.verify(signed.signature, _content(head, signed.key_id, signed.signed_at))
    except InvalidSignature:
        raise WrongSignature(
            f"the signed head at {signed.position} ({name}) has a wrong signature"
        ) from None
    return signed


def moment(microseconds: int) -> str:
    """A stored time for people."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _content(head: Head, key: str, signed_at: int) -> bytes:
    """What is signed."""
    return _CONTEXT + _CONTENT(
        head.shard, head.position, head.chain, head.committed_at, bytes.fromhex(key), signed_at
    )


def _parsed(name: str, content: bytes) -> SignedHead:
    try:
        stored = _DECODER.decode(content)
        chain, signature = bytes.fromhex(stored.chain), bytes.fromhex(stored.signature)
    except (msgspec.MsgspecError, ValueError) as error:
        raise HeadUnreadable(f"{name} is no signed head: {error}") from error
    fits = (
        stored.type == TYPE
        and stored.shard in _INT32
        and stored.position in _POSITIVE_INT64
        and stored.committed_at in _POSITIVE_INT64
        and stored.signed_at in _POSITIVE_INT64
        and len(chain) == 32  # noqa: PLR2004  (SHA-256)
        and _KEY_ID.fullmatch(stored.key_id) is not None
    )
    if not fits:
        raise HeadUnreadable(f"{name} is no signed head of this version")
    return SignedHead(
        stored.shard,
        stored.position,
        chain,
        stored.committed_at,
        stored.key_id,
        stored.signed_at,
        signature,
    )
