"""Keys and tokens of the embedded run: Ed25519, made here, never a default.

In production an identity provider signs tokens of the same form; this module is then not used.
"""

from dataclasses import dataclass
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.ids import derived

ISSUER: Final = "patriot"
AUDIENCE: Final = "patriot.v1"
ALGORITHM: Final = "EdDSA"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who a token is for and what it allows."""

    subject: str
    accounts: tuple[str, ...]
    """Account ids, or "*" for all (services and operators)."""
    roles: tuple[str, ...]
    """trader, risk_manager, operator, auditor, service."""
    seconds: int
    """For how long."""


def create_key() -> str:
    """A fresh private key, PEM."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(private_pem: str) -> str:
    """The public half of a private key, PEM; all that a service needs."""
    key = load_pem_private_key(private_pem.encode(), password=None)
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def mint(private_pem: str, grant: Grant, *, now: int, jti: str | None = None) -> str:
    """A signed token; `now` in seconds since 1970.

    Its id is a function of what it grants and when: the same grant in the same second is the same
    token, and revoking the one revokes the other.
    """
    identity = derived("token", grant.subject, *grant.roles, *grant.accounts, str(now))
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": grant.subject,
        "iat": now,
        "nbf": now,
        "exp": now + grant.seconds,
        "jti": jti or identity,
        "accounts": list(grant.accounts),
        "roles": list(grant.roles),
    }
    return jwt.encode(claims, private_pem, algorithm=ALGORITHM, headers={"typ": "JWT"})
