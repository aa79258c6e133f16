"""Requests about venue keys, with the key and secret that Binance's documentation signs with."""

from typing import Any, Final
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import venue_key_queries_pb2, venue_keys_pb2
from tests.support.trading import ACCOUNT

# "SIGNED Endpoint Examples for POST /api/v3/order", HMAC keys: an account that never was.
API_KEY: Final = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET: Final = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
PAYLOAD: Final = (
    b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
    b"&timestamp=1499827319559"
)
SIGNATURE: Final = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
OTHER_API_KEY: Final = "second-" + API_KEY[7:60] + "abcd"
OTHER_SECRET: Final = "second-" + SECRET[7:]


def venue_key(**changes: Any) -> venue_keys_pb2.VenueKeyRequest:
    """A key to add or to rotate to."""
    fields: dict[str, Any] = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "venue": "BINANCE",
        "scheme": venue_keys_pb2.VENUE_KEY_SCHEME_HMAC_SHA256,
        "api_key": API_KEY,
        "secret": SECRET,
        "label": "desk one",
        "permissions": [
            venue_keys_pb2.VENUE_KEY_PERMISSION_TRADE,
            venue_keys_pb2.VENUE_KEY_PERMISSION_READ,
        ],
    }
    return venue_keys_pb2.VenueKeyRequest(**{**fields, **changes})


def another(**changes: Any) -> venue_keys_pb2.VenueKeyRequest:
    """A second key."""
    return venue_key(**{"api_key": OTHER_API_KEY, "secret": OTHER_SECRET, **changes})


def revoke(version: int = 1, **changes: Any) -> venue_keys_pb2.RevokeVenueKeyRequest:
    """A key's end."""
    fields: dict[str, Any] = {"command_id": str(uuid4()), "account_id": ACCOUNT}
    return venue_keys_pb2.RevokeVenueKeyRequest(**{**fields, "key_version": version, **changes})


def list_keys(account: str = ACCOUNT) -> venue_key_queries_pb2.ListVenueKeysRequest:
    """A question about an account's keys."""
    return venue_key_queries_pb2.ListVenueKeysRequest(account_id=account)


def venue_key_examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC about venue keys."""
    return {
        "AddVenueKey": [venue_key(account_id=account)],
        "RotateVenueKey": [another(account_id=account)],
        "RevokeVenueKey": [revoke(account_id=account)],
        "ListVenueKeys": [list_keys(account)],
    }
