"""Who is calling, and what they may touch: checked before any handler sees a request.

A token is a JWT signed with Ed25519; the algorithm is fixed here, never taken from the token
(RFC 8725). A handler gets a Caller and reaches an account only through it.

    Exception
    ├── AccessError
    │   ├── Unauthenticated     no token, or one that does not hold: get a fresh one
    │   └── PermissionDenied    the token does not allow this; foreign and unknown ids alike
    └── SettingsError
        └── WrongKey            the service's own key is not an Ed25519 public key: fix the setting
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from adapters.rpc.tokens import ALGORITHM, AUDIENCE, ISSUER
from adapters.settings import SettingsError
from domain.ids import PLATFORM, AccountId
from domain.ports import Clock

_TOKEN_MAX: Final = 8_192
_LEEWAY_SECONDS: Final = 30
_TIME_MAX: Final = 253_402_300_799
"""The end of the year 9999; larger numbers are nonsense that overflows somewhere else."""
_KNOWN_MAX: Final = 4_096
"""Verified tokens remembered, so that not every call pays for the signature."""
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


class WrongKey(SettingsError):
    """What should be an Ed25519 public key is none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token."""

    subject: str
    token_id: str
    accounts: frozenset[str]
    roles: frozenset[str]
    expires: int
    """Seconds since 1970, leeway included; long streams end then."""

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
    """Checks tokens against one public key and a list of revoked ones; raises WrongKey."""

    def __init__(
        self,
        public_pem: str,
        clock: Clock,
        *,
        revoked: Callable[[str], bool] = lambda _: False,
    ) -> None:
        try:
            key = load_pem_public_key(public_pem.encode())
        except ValueError as error:
            raise WrongKey("the public key of tokens must be Ed25519, in PEM") from error
        if not isinstance(key, Ed25519PublicKey):
            raise WrongKey("the public key of tokens must be Ed25519, was another kind of key")
        self._key = key
        self._clock = clock
        self._revoked = revoked
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def caller(self, authorization: Sequence[str | bytes]) -> Caller:
        """The caller behind the values of the metadata key `authorization`."""
        token = _bearer(authorization)
        claims = self._known.get(token)
        if claims is None:
            claims = self._claims(token)
            self._known[token] = claims
            if len(self._known) > _KNOWN_MAX:
                self._known.popitem(last=False)
        if max(claims["nbf"], claims["iat"]) > self._now() + _LEEWAY_SECONDS:
            raise Unauthenticated("the token is not valid yet")
        caller = Caller(
            subject=claims["sub"],
            token_id=claims["jti"],
            accounts=frozenset(claims["accounts"]),
            roles=frozenset(claims["roles"]) & ROLES,
            expires=claims["exp"] + _LEEWAY_SECONDS,
        )
        # What time and the operator can change is looked at on every call, remembered or not.
        self.remaining(caller)
        return caller

    def remaining(self, caller: Caller) -> float:
        """Seconds for which the token still holds; raises Unauthenticated when it does not."""
        seconds = caller.expires - self._now()
        if seconds <= 0:
            raise Unauthenticated("the token has expired: get a fresh one")
        if self._revoked(caller.token_id):
            raise Unauthenticated("this token was revoked: get a fresh one")
        return seconds

    def _now(self) -> float:
        return self._clock.now() / 1_000_000

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            refused = _REFUSED_HEADERS & header.keys() or header.get("typ") != "JWT"
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are checked by ourselves, against our own clock and as whole numbers.
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
        for name in ("sub", "jti"):
            if not isinstance(claims[name], str) or not claims[name]:
                raise Unauthenticated("the token does not hold: get a fresh one")
        for name in _TIMES:
            if type(claims[name]) is not int or not 0 <= claims[name] <= _TIME_MAX:
                raise Unauthenticated(f"the token's {name} must be a whole number of seconds")
        accounts = claims.get("accounts", [])
        return {
            **claims,
            "accounts": ["*"] if accounts == "*" else _texts("accounts", accounts),
            "roles": _texts("roles", claims.get("roles", [])),
        }


def _bearer(authorization: Sequence[str | bytes]) -> str:
    header = authorization[0] if len(authorization) == 1 else ""
    scheme, _, token = header.partition(" ") if isinstance(header, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token or len(token) > _TOKEN_MAX:
        raise Unauthenticated("send one metadata entry authorization: Bearer TOKEN")
    return token


def _texts(name: str, values: object) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unauthenticated(f"the token's {name} must be a list of texts")
    return values
