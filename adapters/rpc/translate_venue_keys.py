"""Requests about venue keys become commands; the secret is parted from them here.

No message of an error repeats a key or a secret, whatever is wrong with it.
"""

from typing import Any, Final

from adapters.keys.venue import MalformedSecret, VenueSecret
from adapters.proto.v1 import venue_keys_pb2
from adapters.rpc.translate import InvalidRequest, account, choice_of, text, uuid
from adapters.rpc.translate_users import venue
from domain.accounts.commands import RevokeVenueKey
from domain.accounts.events import KeyPermission, KeyScheme, VenueKey

_LABEL_MAX: Final = 64
_VERSION_MAX: Final = 2**31 - 1
_SCHEMES: Final[dict[int, KeyScheme]] = {
    venue_keys_pb2.VENUE_KEY_SCHEME_HMAC_SHA256: KeyScheme.HMAC_SHA256,
    venue_keys_pb2.VENUE_KEY_SCHEME_ED25519: KeyScheme.ED25519,
    venue_keys_pb2.VENUE_KEY_SCHEME_RSA_SHA256: KeyScheme.RSA_SHA256,
}
_PERMISSIONS: Final[dict[int, KeyPermission]] = {
    venue_keys_pb2.VENUE_KEY_PERMISSION_READ: KeyPermission.READ,
    venue_keys_pb2.VENUE_KEY_PERMISSION_TRADE: KeyPermission.TRADE,
    venue_keys_pb2.VENUE_KEY_PERMISSION_WITHDRAW: KeyPermission.WITHDRAW,
}


def secret_of(request: venue_keys_pb2.VenueKeyRequest) -> VenueSecret:
    """The secret of a request whose whole form is right; raises InvalidRequest."""
    uuid("command_id", request.command_id)
    account(request.account_id)
    venue(request.venue)
    text("label", request.label, _LABEL_MAX)
    _permissions(request.permissions)
    scheme = choice_of("scheme", _SCHEMES, request.scheme)
    try:
        return VenueSecret(scheme, request.api_key, request.secret)
    except MalformedSecret as error:
        raise InvalidRequest(str(error)) from None


def venue_key(
    request: venue_keys_pb2.VenueKeyRequest, secret: VenueSecret, version: int
) -> VenueKey:
    """What everybody may see of the key."""
    return VenueKey(
        version=version,
        venue=venue(request.venue),
        scheme=secret.scheme,
        hint=secret.hint,
        fingerprint=secret.fingerprint,
        label=request.label,
        permissions=_permissions(request.permissions),
    )


def veiled(
    request: venue_keys_pb2.VenueKeyRequest, secret: VenueSecret, key: bytes
) -> venue_keys_pb2.VenueKeyRequest:
    """The request without its secret, for the fingerprint that the log keeps for ever."""
    copy = venue_keys_pb2.VenueKeyRequest()
    copy.CopyFrom(request)
    copy.api_key = secret.fingerprint
    copy.secret = secret.veiled(key)
    return copy


def revoke_venue_key(request: venue_keys_pb2.RevokeVenueKeyRequest) -> RevokeVenueKey:
    """A key's end; raises InvalidRequest."""
    if not 1 <= request.key_version <= _VERSION_MAX:
        raise InvalidRequest(f"key_version: expected 1 to {_VERSION_MAX}")
    return RevokeVenueKey(account(request.account_id), request.key_version)


def _permissions(given: Any) -> tuple[KeyPermission, ...]:
    found = [
        choice_of("permissions", _PERMISSIONS, value) for value in given[: len(_PERMISSIONS) + 1]
    ]
    if not found or len(set(found)) != len(given):
        raise InvalidRequest("permissions: expected at least one, each once")
    return tuple(sorted(found))
