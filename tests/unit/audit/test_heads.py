"""A signed head by the book and by bytes that were kept: contracts with other verifiers."""

import hashlib
import json
from struct import pack
from typing import Final

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from adapters.audit import heads
from adapters.audit.chain import ChainRewritten, EventAltered, TailCut
from adapters.audit.heads import (
    Head,
    HeadUnreadable,
    SignedHead,
    SigningKey,
    UnknownKey,
    WrongSignature,
    WrongSigningKey,
)
from adapters.audit.signer import to_sign
from adapters.postgres.head import ToldHead

_SEED: Final = bytes(range(32))
_PEM: Final = (
    Ed25519PrivateKey.from_private_bytes(_SEED)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
_CHAIN: Final = hashlib.sha256(b"chain").digest()
_HEAD: Final = Head(shard=3, position=42, chain=_CHAIN, committed_at=1_626_912_000_000_001)
_SIGNED_AT: Final = 1_626_912_060_000_000
_GOLDEN: Final = (
    b'{"type":"patriot.signed_head.v1","shard":3,"position":42,'
    b'"chain":"9414886b1ebf025db067a4cbd13a0903fbd9733a5372bba1b58bd72c1699b798",'
    b'"committed_at":1626912000000001,"key_id":"56475aa75463474c","signed_at":1626912060000000,'
    b'"signature":"4069a0a18a4b395010a6cd8793385ac5540e34cf99ee590fe248ff43d640c9ea'
    b'39d786dc3fb195560e617c724f58063e5d88fd46ae42ff1b0b9c44850ef6900b"}\n'
)


def _signed() -> SignedHead:
    return SigningKey(_PEM).sign(_HEAD, signed_at=_SIGNED_AT)


def test_the_stored_bytes_never_change() -> None:
    """Ed25519 signatures are a function of key and content, so the whole file is."""
    assert heads.encode(_signed()) == _GOLDEN


def test_a_signature_can_be_checked_by_the_book() -> None:
    """docs/log.md with a JSON reader and Ed25519, without our code."""
    stored = json.loads(_GOLDEN)
    key = load_pem_public_key(SigningKey(_PEM).public_pem.encode())
    assert isinstance(key, Ed25519PublicKey)
    assert hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16] == stored["key_id"]
    content = (
        b"patriot.signed_head.v1\0"
        + pack(">iq", stored["shard"], stored["position"])
        + bytes.fromhex(stored["chain"])
        + pack(">q", stored["committed_at"])
        + bytes.fromhex(stored["key_id"])
        + pack(">q", stored["signed_at"])
    )
    key.verify(bytes.fromhex(stored["signature"]), content)
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(stored["signature"]), content + b"\0")


def test_every_field_is_signed() -> None:
    keys = heads.trusted([SigningKey(_PEM).public_pem])
    assert heads.decode("it", _GOLDEN, keys) == _signed()
    stored = json.loads(_GOLDEN)
    for name in ("shard", "position", "committed_at", "signed_at"):
        forged = json.dumps({**stored, name: stored[name] + 1}).encode()
        with pytest.raises(WrongSignature, match="has a wrong signature"):
            heads.decode("it", forged, keys)
    for name in ("chain", "signature"):
        other = "0" if stored[name][0] != "0" else "1"
        forged = json.dumps({**stored, name: other + stored[name][1:]}).encode()
        with pytest.raises(WrongSignature):
            heads.decode("it", forged, keys)
    with pytest.raises(UnknownKey, match="names the key 0123456789abcdef"):
        heads.decode("it", json.dumps({**stored, "key_id": "0123456789abcdef"}).encode(), keys)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "patriot.signed_head.v2"},
        {"position": 0},
        {"position": 2**63},
        {"position": "42"},
        {"shard": -1},
        {"chain": "00"},
        {"chain": "xx"},
        {"key_id": "0123456789ABCDEF"},
        {"key_id": "../../etc/passwd"},
        {"more": 1},
    ],
)
def test_what_is_no_signed_head_is_told(change: dict[str, object]) -> None:
    keys = heads.trusted([SigningKey(_PEM).public_pem])
    with pytest.raises(HeadUnreadable, match="it is no signed head"):
        heads.decode("it", json.dumps({**json.loads(_GOLDEN), **change}).encode(), keys)


def test_only_ed25519_keys_sign_and_are_trusted() -> None:
    rsa = generate_private_key(65537, 2048)
    private = rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for pem in ("no key", private, SigningKey(_PEM).public_pem):
        with pytest.raises(WrongSigningKey):
            SigningKey(pem)
    for pem in ("no key", public.decode(), _PEM):
        with pytest.raises(WrongSigningKey):
            heads.trusted([pem])


def _told(position: int, **changes: object) -> ToldHead:
    usual = {
        "position": position,
        "chain": _CHAIN,
        "committed_at": 5,
        "commit_chain": _CHAIN,
        "earlier_chain": _CHAIN,
    }
    return ToldHead(**{**usual, **changes})  # type: ignore[arg-type]


def test_what_is_signed_next() -> None:
    last = _signed()
    nothing = _told(0, committed_at=None, commit_chain=None, earlier_chain=None)
    assert to_sign(0, nothing, None) is None
    assert to_sign(0, _told(1, earlier_chain=None), None) == Head(0, 1, _CHAIN, 5)
    assert to_sign(0, _told(42), last) is None
    assert to_sign(3, _told(43), last) == Head(3, 43, _CHAIN, 5)
    with pytest.raises(TailCut):
        to_sign(0, _told(41), last)
    with pytest.raises(TailCut):
        to_sign(0, nothing, last)
    for earlier in (None, b"other"):
        with pytest.raises(ChainRewritten):
            to_sign(0, _told(43, earlier_chain=earlier), last)
        with pytest.raises(ChainRewritten):
            to_sign(0, _told(42, earlier_chain=earlier), last)
    with pytest.raises(EventAltered):
        to_sign(0, _told(43, commit_chain=b"other"), last)
    with pytest.raises(EventAltered):
        to_sign(0, _told(43, committed_at=None, commit_chain=None), None)
