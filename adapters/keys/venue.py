"""Secrets of venue API keys: sealed in an envelope, opened by the worker that signs with them.

Each secret has a data key of its own, wrapped by the master key; account, venue and version are
authenticated with both, so neither opens in another row. A secret shows nothing of itself: not as
text, not in a traceback that prints it, not to pickle. It can only sign.

    Exception
    ├── MalformedSecret        the text is no secret of its scheme: the message says what it must be
    └── VenueKeyError
        ├── NoVenueKey         no key of the account can be used: add one
        ├── ShortenedSecret    the stored ciphertext is cut short: restore the row, or rotate
        └── AlteredSecret      the stored ciphertext or its data key was altered, or moved from
                               another row: find out who could write there, and rotate the key
"""

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, NoReturn, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.keys.cipher import KEY_BYTES, Entropy, Unreadable, decrypt, encrypt
from adapters.keys.master import AlteredKey, MasterKey
from domain.accounts.events import KeyScheme
from domain.ids import AccountId

API_KEY: Final = re.compile(r"[\x21-\x7e]{16,128}", re.ASCII)
_HMAC_SECRET: Final = re.compile(r"[\x21-\x7e]{16,256}", re.ASCII)
_PEM_MAX: Final = 8_192
_RSA_BITS_MIN: Final = 2_048
_PADDED_TO: Final = 256
_ENVELOPE_BYTES: Final = 1 + 12 + 16
"""Form, nonce and tag around what is padded."""


class MalformedSecret(Exception):
    """The text is no secret of its scheme; the message never repeats it."""


class VenueKeyError(Exception):
    """A venue's key cannot be used."""


class NoVenueKey(VenueKeyError):
    """The account has no key that is in use."""


class ShortenedSecret(VenueKeyError):
    """The stored ciphertext is cut short."""


class AlteredSecret(VenueKeyError):
    """The stored ciphertext does not open in this row."""


class Slot(NamedTuple):
    """Where a secret belongs; authenticated, so it opens nowhere else."""

    account_id: AccountId
    venue: str
    version: int

    @property
    def bytes(self) -> bytes:
        """Canonical form; the separator occurs in none of the parts."""
        parts = ("patriot", "venue key", self.account_id, self.venue, str(self.version))
        return "\x1f".join(parts).encode()


class Envelope(NamedTuple):
    """A sealed secret as it is stored."""

    wrapped_key: bytes
    ciphertext: bytes


class VenueSecret:
    """An API key with its secret; it can be sealed and it can sign, and nothing else."""

    __slots__ = ("_secret", "_signer", "api_key", "scheme")

    def __init__(self, scheme: KeyScheme, api_key: str, secret: str) -> None:
        """Raises MalformedSecret."""
        if API_KEY.fullmatch(api_key) is None:
            raise MalformedSecret("api_key: expected 16 to 128 printable characters without blanks")
        if secret == api_key:
            raise MalformedSecret("secret: this is the API key, not its secret")
        self.scheme: Final = scheme
        self.api_key: Final = api_key
        self._signer: Final = _signer(scheme, secret)
        self._secret: Final = secret

    @property
    def hint(self) -> str:
        """The last four characters of the public API key."""
        return self.api_key[-4:]

    @property
    def fingerprint(self) -> str:
        """Tells two API keys apart without showing either."""
        return hashlib.sha256(self.api_key.encode()).hexdigest()[:16]

    def sign(self, payload: bytes) -> str:
        """The signature of a payload as the venue expects it: hexadecimal for HMAC, else base64."""
        signer = self._signer
        if isinstance(signer, Ed25519PrivateKey):
            return base64.b64encode(signer.sign(payload)).decode()
        if isinstance(signer, RSAPrivateKey):
            return base64.b64encode(signer.sign(payload, padding.PKCS1v15(), SHA256())).decode()
        return hmac.digest(signer, payload, hashlib.sha256).hex()

    def veiled(self, key: bytes) -> str:
        """A stand-in that tells equal from other to who has the key, for fingerprints."""
        own = hmac.digest(key, b"patriot venue key veil", hashlib.sha256)
        content = f"{self.scheme}\x1f{self.api_key}\x1f{self._secret}".encode()
        return hmac.digest(own, content, hashlib.sha256).hex()

    def sealed(self, master: MasterKey, slot: Slot, entropy: Entropy = os.urandom) -> Envelope:
        """The secret under a fresh data key, which is wrapped by the master key."""
        plain = json.dumps([self.scheme.value, self.api_key, self._secret]).encode()
        padded = plain + b" " * (-len(plain) % _PADDED_TO)
        key = entropy(KEY_BYTES)
        wrapped = master.wrap_for(slot.bytes, key, entropy)
        return Envelope(wrapped, encrypt(key, padded, slot.bytes, entropy))

    def __repr__(self) -> str:
        return f"VenueSecret({self.scheme.value}, …{self.hint})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a venue's secret is not copied to anywhere")


def opened(master: MasterKey, slot: Slot, stored: Envelope) -> VenueSecret:
    """The secret of a row; raises WrongMasterKey, ShortenedSecret or AlteredSecret."""
    which = f"the secret of key {slot.version} of account {slot.account_id}"
    size = len(stored.ciphertext) - _ENVELOPE_BYTES
    if size <= 0 or size % _PADDED_TO:
        raise ShortenedSecret(f"{which} is cut short: restore the row, or rotate the key")
    try:
        key = master.unwrap_for(slot.bytes, stored.wrapped_key)
        plain = decrypt(key, stored.ciphertext, slot.bytes)
    except (AlteredKey, Unreadable):
        raise AlteredSecret(
            f"{which} does not open: it was altered, or moved here from another row; find out who "
            "could write there, and rotate the key"
        ) from None
    scheme, api_key, secret = json.loads(plain)
    return VenueSecret(KeyScheme(scheme), api_key, secret)


class Credential(NamedTuple):
    """A key that can be used."""

    version: int
    venue: str
    secret: VenueSecret


class VenueSecrets(Protocol):
    """Where secrets are put; whoever has it can read none back."""

    async def stage(self, account_id: AccountId, venue: str, secret: VenueSecret) -> int:
        """Keep a sealed secret under a fresh version, which is returned.

        It can be used once the event that names the version is in the log. Raises LogUnavailable.
        """


class VenueCredentials(Protocol):
    """What a venue's adapter signs with; held to by tests/conformance/test_venue_keys.py."""

    async def usable(self, account_id: AccountId) -> Sequence[Credential]:
        """The keys of an account that are in use, the current one first.

        Raises NoVenueKey, ShortenedSecret, AlteredSecret, WrongMasterKey or LogUnavailable.
        """


def _signer(scheme: KeyScheme, secret: str) -> bytes | Ed25519PrivateKey | RSAPrivateKey:
    if scheme is KeyScheme.HMAC_SHA256:
        if _HMAC_SECRET.fullmatch(secret) is None:
            raise MalformedSecret("secret: expected 16 to 256 printable characters without blanks")
        return secret.encode()
    key = _private_key(secret)
    if scheme is KeyScheme.ED25519 and isinstance(key, Ed25519PrivateKey):
        return key
    if scheme is KeyScheme.RSA_SHA256 and isinstance(key, RSAPrivateKey):
        if key.key_size >= _RSA_BITS_MIN:
            return key
        raise MalformedSecret(f"secret: an RSA key must have {_RSA_BITS_MIN} bits or more")
    raise MalformedSecret(f"secret: expected a private key for {scheme.value} in PEM, unencrypted")


def _private_key(secret: str) -> Any:
    """The key behind a PEM text, or None; what the library says of it may repeat it."""
    if len(secret) > _PEM_MAX:
        return None
    try:
        return load_pem_private_key(secret.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
