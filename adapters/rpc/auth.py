"""Who is calling, and what they may touch: checked before any handler sees a request.

A token is a JWT signed with Ed25519; the algorithm is fixed here, never taken from the token
(RFC 8725). A handler gets a Caller and reaches an account only through it.

    Exception
    └── AccessError
        ├── Unauthenticated     no token, or one that does not hold: get a fresh one
        └── PermissionDenied    the token does not allow this; foreign and unknown ids alike
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from adapters.rpc.tokens import ALGORITHM, AUDIENCE, ISSUER
from domain.ids import PLATFORM, AccountId

_TOKEN_MAX: Final = 8_192
_LEEWAY_SECONDS: Final = 30
_REQUIRED: Final = ("iss", "aud", "sub", "exp", "nbf", "iat", "jti")
_TIMES: Final = ("exp", "nbf", "iat")
# Headers by which a token would bring its own key, or ask for rules that we do not know.
_REFUSED_HEADERS: Final = frozenset({"jku", "x5u", "jwk", "x5c", "x5t", "x5t#S256", "crit"})
ROLES: Final = frozenset({"trader", "risk_manager", "operator", "auditor", "service"})


class AccessError(Exception):
    """The call is not allowed."""


class Unauthenticated(AccessError):
    """There is no token that holds."""


class PermissionDenied(AccessError):
    """The token does not allow this."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token."""

    subject: str
    accounts: frozenset[str]
    roles: frozenset[str]
    expires: int
    """Seconds since 1970; long streams end then."""

    def account(self, account_id: str) -> AccountId:
        """The account, if the token is for it; raises PermissionDenied."""
        allowed = account_id in self.accounts or "*" in self.accounts
        if not allowed or account_id == PLATFORM:
            raise PermissionDenied("this token gives no access to this account")
        return AccountId(account_id)

    def every_account(self) -> None:
        """Raise PermissionDenied unless the token is for all accounts."""
        if "*" not in self.accounts:
            raise PermissionDenied("this token gives no access to all accounts")

    def require(self, roles: Collection[str]) -> None:
        """Raise PermissionDenied unless the caller has one of these roles."""
        if self.roles.isdisjoint(roles):
            raise PermissionDenied(f"one of these roles is needed: {', '.join(sorted(roles))}")


class Verifier:
    """Checks tokens against one public key and a list of revoked ones."""

    def __init__(
        self,
        public_pem: str,
        *,
        revoked: Callable[[str], bool] = lambda jti: False,  # noqa: ARG005
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key = load_pem_public_key(public_pem.encode())
        self._revoked = revoked
        self._now = now

    def caller(self, authorization: Sequence[str]) -> Caller:
        """The caller behind the values of the metadata key `authorization`."""
        if len(authorization) != 1:
            raise Unauthenticated("send one metadata entry authorization: Bearer TOKEN")
        scheme, _, token = authorization[0].partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_MAX:
            raise Unauthenticated("send one metadata entry authorization: Bearer TOKEN")
        claims = self._claims(token)
        if self._revoked(claims["jti"]):
            raise Unauthenticated("this token was revoked: get a fresh one")
        return Caller(
            subject=claims["sub"],
            accounts=frozenset(_texts(claims, "accounts")),
            roles=frozenset(_texts(claims, "roles")) & ROLES,
            expires=claims["exp"],
        )

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            refused = _REFUSED_HEADERS & header.keys() or header.get("typ", "JWT") != "JWT"
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,  # type: ignore[arg-type]  # loaded from our own setting
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are checked below, against our own clock and as whole numbers.
                options={
                    "require": list(_REQUIRED),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "strict_aud": True,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthenticated("the token does not hold: get a fresh one") from error
        if refused:
            raise Unauthenticated("this kind of token is not accepted")
        self._check_times(claims)
        for name in ("sub", "jti"):
            if not isinstance(claims[name], str) or not claims[name]:
                raise Unauthenticated("the token does not hold: get a fresh one")
        return claims

    def _check_times(self, claims: dict[str, Any]) -> None:
        for name in _TIMES:
            if type(claims[name]) is not int:
                raise Unauthenticated(f"the token's {name} must be a whole number of seconds")
        now = self._now()
        if claims["exp"] <= now - _LEEWAY_SECONDS:
            raise Unauthenticated("the token has expired: get a fresh one")
        if claims["nbf"] > now + _LEEWAY_SECONDS or claims["iat"] > now + _LEEWAY_SECONDS:
            raise Unauthenticated("the token is not valid yet")


def _texts(claims: dict[str, Any], name: str) -> list[str]:
    values = claims.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unauthenticated(f"the token's {name} must be a list of texts")
    return values
