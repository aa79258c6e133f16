"""Secrets of venues sign as documented, open in their own row alone, and show nothing."""

import base64
import copy
import pickle
import traceback
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from adapters.keys.cipher import KEY_BYTES
from adapters.keys.master import MasterKey, WrongMasterKey, create_master_key
from adapters.keys.venue import (
    AlteredSecret,
    Envelope,
    MalformedSecret,
    ShortenedSecret,
    Slot,
    VenueSecret,
    opened,
)
from domain.accounts.events import KeyScheme
from tests.support.rpc_venue_keys import API_KEY, PAYLOAD, SECRET, SIGNATURE
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

SLOT: Final = Slot(ACCOUNT, "BINANCE", 1)
MASTER: Final = MasterKey(create_master_key())
BINANCE: Final = VenueSecret(KeyScheme.HMAC_SHA256, API_KEY, SECRET)
ED25519: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RSA: Final = generate_private_key(65_537, 2_048)
_GOLDEN_WRAPPED: Final = (
    "02cff2f0abd35236fa010202020202020202020202029a2918bab8d8305aca84a3f93278db121de8"
    "ae6d955579f0435fd002766a48c370808545008f196ee5f35ec49bbe6a13"
)
_GOLDEN_CIPHERTEXT: Final = (
    "01030303030303030303030303a3437cf79ee7681ac59dd452fa3b08889a45cc1dd2958784c16684"
    "15ee7fd03d6e8f4c"
)


def _pem(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_a_request_is_signed_as_binance_documents_it() -> None:
    assert BINANCE.sign(PAYLOAD) == SIGNATURE


def test_a_request_is_signed_with_private_keys() -> None:
    signed = VenueSecret(KeyScheme.ED25519, API_KEY, _pem(ED25519)).sign(PAYLOAD)
    ED25519.public_key().verify(base64.b64decode(signed), PAYLOAD)
    signed = VenueSecret(KeyScheme.RSA_SHA256, API_KEY, _pem(RSA)).sign(PAYLOAD)
    RSA.public_key().verify(base64.b64decode(signed), PAYLOAD, padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("scheme", KeyScheme)
def test_a_sealed_secret_goes_round(scheme: KeyScheme) -> None:
    text = {KeyScheme.ED25519: _pem(ED25519), KeyScheme.RSA_SHA256: _pem(RSA)}.get(scheme, SECRET)
    secret = VenueSecret(scheme, API_KEY, text)
    again = opened(MASTER, SLOT, secret.sealed(MASTER, SLOT))
    assert (again.scheme, again.api_key, again.sign(PAYLOAD)) == (
        scheme, API_KEY, secret.sign(PAYLOAD),
    )  # fmt: skip


def test_the_form_is_stored_and_never_changes() -> None:
    """Golden: bytes that a database of a released version holds."""
    numbers = iter(range(1, 100))
    master = MasterKey(base64.b64encode(bytes(range(KEY_BYTES))).decode())
    sealed = BINANCE.sealed(master, SLOT, lambda count: bytes([next(numbers)]) * count)
    assert sealed.wrapped_key.hex() == _GOLDEN_WRAPPED
    assert sealed.ciphertext.hex()[:96] == _GOLDEN_CIPHERTEXT
    assert opened(master, SLOT, sealed).sign(PAYLOAD) == SIGNATURE


def test_every_sealing_has_its_own_data_key_and_nonces() -> None:
    sealed = [BINANCE.sealed(MASTER, SLOT) for _ in range(100)]
    assert len({one.wrapped_key for one in sealed}) == 100
    assert len({one.ciphertext[1:13] for one in sealed}) == 100
    assert {len(one.ciphertext) for one in sealed} == {256 + 29}


@pytest.mark.parametrize(
    "slot",
    [
        SLOT._replace(account_id=OTHER_ACCOUNT),
        SLOT._replace(venue="BYBIT"),
        SLOT._replace(version=2),
    ],
)
def test_a_row_that_was_copied_elsewhere_does_not_open(slot: Slot) -> None:
    mine, theirs = BINANCE.sealed(MASTER, SLOT), BINANCE.sealed(MASTER, slot)
    for stored in (
        mine,
        Envelope(theirs.wrapped_key, mine.ciphertext),
        Envelope(mine.wrapped_key, theirs.ciphertext),
    ):
        with pytest.raises(AlteredSecret, match="altered, or moved here from another row"):
            opened(MASTER, slot, stored)


def test_every_altered_byte_is_noticed() -> None:
    sealed = BINANCE.sealed(MASTER, SLOT)
    for part in Envelope._fields:
        stored = getattr(sealed, part)
        for place in range(len(stored)):
            altered = bytearray(stored)
            altered[place] ^= 1
            with pytest.raises((AlteredSecret, WrongMasterKey)):
                opened(MASTER, SLOT, sealed._replace(**{part: bytes(altered)}))


@pytest.mark.parametrize("left", [0, 1, 12, 13, 28, 29, 200, 256 + 28])
def test_a_ciphertext_that_was_cut_short_is_told_as_that(left: int) -> None:
    sealed = BINANCE.sealed(MASTER, SLOT)
    with pytest.raises(ShortenedSecret, match="is cut short"):
        opened(MASTER, SLOT, sealed._replace(ciphertext=sealed.ciphertext[:left]))
    if left < len(sealed.wrapped_key):
        with pytest.raises((AlteredSecret, WrongMasterKey)):
            opened(MASTER, SLOT, sealed._replace(wrapped_key=sealed.wrapped_key[:left]))


def test_another_master_key_is_told_by_its_name() -> None:
    other = MasterKey(create_master_key())
    with pytest.raises(WrongMasterKey, match=f"{MASTER.id.hex()}.*{other.id.hex()}.*bring back"):
        opened(other, SLOT, BINANCE.sealed(MASTER, SLOT))


def test_a_secret_shows_nothing_of_itself() -> None:
    shown = f"{BINANCE!r} {BINANCE} {[BINANCE]}"
    assert SECRET not in shown
    assert API_KEY not in shown
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied to anywhere"):
            copied(BINANCE)
    with pytest.raises(AlteredSecret) as caught:
        opened(MASTER, SLOT._replace(version=9), BINANCE.sealed(MASTER, SLOT))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


_LOCKED = ED25519.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass")
).decode()


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        *((KeyScheme.HMAC_SHA256, text) for text in (
            "", "short", "x" * 257, "x" * 15, " " + SECRET, SECRET + "\n", "a\x00" * 10,
            "\N{EURO SIGN}" * 20, "\x7f" * 20,
        )),
        *((scheme, text) for scheme in (KeyScheme.ED25519, KeyScheme.RSA_SHA256) for text in (
            "", SECRET, _LOCKED, "x" * 100_000, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END",
            "\N{EURO SIGN}",
        )),
        (KeyScheme.ED25519, _pem(RSA)),
        (KeyScheme.RSA_SHA256, _pem(ED25519)),
        (KeyScheme.RSA_SHA256, _pem(generate_private_key(65_537, 1_024))),
    ],
)  # fmt: skip
def test_what_is_no_secret_is_told_without_being_shown(scheme: KeyScheme, secret: str) -> None:
    with pytest.raises(MalformedSecret, match=r"^secret: ") as caught:
        VenueSecret(scheme, API_KEY, secret)
    assert not secret.strip() or secret.strip() not in str(caught.value)


@pytest.mark.parametrize("api_key", ["", "x" * 15, "x" * 129, "a b" * 8, "\N{EURO SIGN}" * 20])
def test_what_is_no_api_key_is_told_without_being_shown(api_key: str) -> None:
    with pytest.raises(MalformedSecret, match=r"^api_key: ") as caught:
        VenueSecret(KeyScheme.HMAC_SHA256, api_key, SECRET)
    assert not api_key or api_key not in str(caught.value)


def test_the_api_key_is_not_taken_for_its_secret() -> None:
    with pytest.raises(MalformedSecret, match="this is the API key"):
        VenueSecret(KeyScheme.HMAC_SHA256, API_KEY, API_KEY)


def test_a_veil_tells_equal_from_other_and_needs_the_key() -> None:
    key, other = bytes(range(32)), bytes(reversed(range(32)))
    veils = {
        BINANCE.veiled(key),
        BINANCE.veiled(other),
        VenueSecret(KeyScheme.HMAC_SHA256, API_KEY, SECRET[::-1]).veiled(key),
        VenueSecret(KeyScheme.HMAC_SHA256, API_KEY[::-1], SECRET).veiled(key),
    }
    assert len(veils) == 4
    assert BINANCE.veiled(key) in veils
    assert all(SECRET not in veil for veil in veils)
