"""Nobody gets past the door without a token, a role and the account: every RPC, every attack."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import grpc
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa
from google.protobuf.message import Message

from adapters.rpc import guard
from adapters.rpc.auth import ROLES
from adapters.rpc.rules import RULES
from adapters.rpc.tokens import create_key, public_key
from domain.ids import PLATFORM
from tests.support import rpc
from tests.support.rpc import METHODS, Services
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

_DENIED: Final = grpc.StatusCode.PERMISSION_DENIED
_UNKNOWN: Final = grpc.StatusCode.UNAUTHENTICATED
_WITHOUT_ACCOUNT: Final = frozenset(
    {
        "ListInstrument", "RegisterUser", "GrantRole", "RevokeRole", "SuspendUser", "ReinstateUser",
        "EraseUser", "GetUser", "SetWiderLimit", "ListWiderLimits",
    }
)  # fmt: skip
_THE_SAME_FOR_ALL: Final = frozenset({"ListInstruments"})
"""What shows nothing of any account."""


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        yield started


def _claims(running: Services, **changes: Any) -> dict[str, Any]:
    now = running.clock.now() // 1_000_000
    claims = {
        "iss": "patriot",
        "aud": "patriot.v1",
        "sub": "tester",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "jti": "t-1",
        "accounts": [ACCOUNT],
        "roles": list(rpc.EVERY_ROLE),
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def _signed(running: Services, headers: dict[str, Any] | None = None, **changes: Any) -> str:
    # Not jwt.encode, which refuses some of the nonsense that is sent here.
    content = json.dumps(_claims(running, **changes)).encode()
    return jwt.PyJWS().encode(content, running.private_key, algorithm="EdDSA", headers=headers)


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _unsigned(running: Services, algorithm: str) -> str:
    header = _part({"alg": algorithm, "typ": "JWT"})
    return f"{header}.{_part(_claims(running))}."


def _hmac_with_public_key(running: Services) -> str:
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(_claims(running))}"
    secret = public_key(running.private_key).encode()
    tag = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


def _rsa(running: Services) -> str:
    key = rsa.generate_private_key(65_537, 2048)
    return jwt.encode(_claims(running), key, algorithm="RS256")


def _now(running: Services) -> int:
    return running.clock.now() // 1_000_000


_NO_TIMES: Final[tuple[Any, ...]] = (
    ..., "9999999999", 9999999999.5, 1e308, True, None, [], 10**400, -1,
)  # fmt: skip
_HEADERS: Final[tuple[tuple[str, Any], ...]] = (
    ("jku", "http://127.0.0.1:1/keys"),
    ("x5u", "http://127.0.0.1:1/keys"),
    ("jwk", {"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
    ("x5c", ["AA"]),
    ("x5t", "AA"),
    ("crit", ["unknown"]),
    ("typ", "at+jwt"),
)
_CLAIMS: Final[dict[str, tuple[Any, ...]]] = {
    "aud": (..., "other", ["patriot.v1", "other"], ["patriot.v1"], "patriot.v", None),
    "iss": (..., "patrio", "patriots", "other", ["patriot"], None),
    "sub": (..., "", 7, None, ["a"]),
    "jti": (..., "", 7, None),
    "accounts": ("everything", [7], {"*": 1}, None, 5),
    "roles": ("trader", [7], None),
}
ATTACKS: Final[dict[str, Callable[[Services], str]]] = {
    "alg none": lambda r: _unsigned(r, "none"),
    "alg None": lambda r: _unsigned(r, "None"),
    "alg nOnE": lambda r: _unsigned(r, "nOnE"),
    "no signature": lambda r: _unsigned(r, "EdDSA"),
    "hmac with our public key": _hmac_with_public_key,
    "rsa": _rsa,
    "another key": lambda r: jwt.encode(_claims(r), create_key(), algorithm="EdDSA"),
    "expired": lambda r: _signed(r, exp=_now(r) - 31),
    "not yet": lambda r: _signed(r, nbf=_now(r) + 60),
    "issued in the future": lambda r: _signed(r, iat=_now(r) + 60),
    **{
        f"{name} {value!r}": lambda r, n=name, v=value: _signed(r, **{n: v})  # type: ignore[misc]
        for name in ("exp", "nbf", "iat")
        for value in _NO_TIMES
    },
    **{
        f"{name} {value!r}": lambda r, n=name, v=value: _signed(r, **{n: v})  # type: ignore[misc]
        for name, values in _CLAIMS.items()
        for value in values
    },
    **{
        f"header {name}": lambda r, n=name, v=value: _signed(r, {n: v})  # type: ignore[misc]
        for name, value in _HEADERS
    },
    "no type": lambda r: _signed(r, {"typ": None}),
    "larger than 8 kB": lambda r: _signed(r, padding="x" * 8_192),
    "junk": lambda _: "a.b.c",
    "half a token": lambda r: _signed(r)[:-20],
    "payload exchanged": lambda r: _exchanged(_signed(r), _claims(r, accounts=["*"])),
    "deep": lambda _: f"{_part({'alg': 'EdDSA'})}.{'W' * 4000}.AA",
}


def _exchanged(token: str, claims: dict[str, Any]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{_part(claims)}.{signature}"


@pytest.mark.parametrize("attack", sorted(ATTACKS))
async def test_a_token_that_does_not_hold_is_refused(running: Services, attack: str) -> None:
    error = await running.refusal("PlaceOrder", rpc.place(), token=ATTACKS[attack](running))
    assert error.code() is _UNKNOWN, error.details()
    assert await running.written() == 0


async def test_the_claims_that_the_attacks_change_do_hold(running: Services) -> None:
    await rpc.prepare(running)
    hostile_kid = {"kid": "../../etc/passwd' OR 1=1"}
    for token in (
        _signed(running),
        _signed(running, hostile_kid),
        _signed(running, accounts="*"),
        _signed(running, exp=_now(running) - 10),
    ):
        await running.call("PlaceOrder", rpc.place(), token=token)


async def test_the_header_must_be_one_bearer_token(running: Services) -> None:
    token = running.token()
    headers: list[list[tuple[str, str | bytes]]] = [
        [],
        [("authorization", "")],
        [("authorization", "Bearer ")],
        [("authorization", "Bearer")],
        [("authorization", f"Basic {token}")],
        [("authorization", token)],
        [("authorization", f"Bearer {token}")] * 2,
        [("authorization", f"Bearer {token} {token}")],
        [("authorization-bin", token.encode())],
        [("x-user-id", "root"), ("x-account-id", ACCOUNT)],
    ]
    for metadata in headers:
        error = await running.refusal("PlaceOrder", rpc.place(), metadata=metadata)
        assert error.code() is _UNKNOWN, metadata


async def test_metadata_of_clients_gives_no_rights(running: Services) -> None:
    metadata: list[tuple[str, str | bytes]] = [
        ("authorization", f"Bearer {running.token((OTHER_ACCOUNT,))}"),
        ("x-user-id", "root"),
        ("x-account-id", ACCOUNT),
        ("x-forwarded-for", "127.0.0.1"),
        ("junk-bin", b"\x00\xff"),
        ("traceparent", "00-zz- "),
    ]
    error = await running.refusal("PlaceOrder", rpc.place(), metadata=metadata)
    assert error.code() is _DENIED


async def test_too_much_metadata_is_turned_away(running: Services) -> None:
    metadata = [
        ("authorization", f"Bearer {running.token()}"),
        *((f"x-{number}", "y" * 50) for number in range(1000)),
    ]
    error = await running.refusal("PlaceOrder", rpc.place(), metadata=metadata)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_every_rpc_has_a_rule_and_every_rule_an_rpc() -> None:
    assert {method.path for method in METHODS.values()} == RULES.keys()
    assert all(roles and roles <= ROLES for roles in RULES.values())


@pytest.mark.parametrize("name", sorted(METHODS))
async def test_no_rpc_answers_without_a_token(running: Services, name: str) -> None:
    for request in rpc.examples()[name]:
        error = await running.refusal(name, request, metadata=[])
        assert error.code() is _UNKNOWN
        junk = await running.refusal(name, b"\xff\xff", metadata=[])
        assert junk.code() is _UNKNOWN, "the token is looked at before the request"


@pytest.mark.parametrize("name", sorted(METHODS))
async def test_no_rpc_answers_to_a_role_that_has_no_rule(running: Services, name: str) -> None:
    allowed = RULES[METHODS[name].path]
    for role in {*ROLES, "admin", "*", ""} - allowed:
        token = running.token(("*",), (role,))
        error = await running.refusal(name, rpc.examples()[name][0], token=token)
        assert error.code() is _DENIED, role
    nobody = await running.refusal(name, rpc.examples()[name][0], token=running.token(("*",), ()))
    assert nobody.code() is _DENIED
    assert await running.written() == 0


@pytest.mark.parametrize("account", [OTHER_ACCOUNT, rpc.ORDER, PLATFORM])
@pytest.mark.parametrize("name", sorted(METHODS.keys() - _THE_SAME_FOR_ALL))
async def test_no_rpc_touches_a_foreign_account(running: Services, name: str, account: str) -> None:
    """Known accounts of others, accounts that never were and the platform's answer alike."""
    await rpc.prepare(running)
    before = await running.written()
    for request in rpc.examples(account)[name]:
        if name in _WITHOUT_ACCOUNT:
            error = await running.refusal(name, request)
        else:
            assert account.encode() in request.SerializeToString()
            error = await running.refusal(name, request)
        assert error.code() is _DENIED, error.details()
        assert account not in (error.details() or "")
    assert await running.written() == before


@pytest.mark.parametrize("name", ["ReadAll", "Subscribe"])
async def test_everything_is_read_by_auditors_of_every_account_alone(
    running: Services, name: str
) -> None:
    request = METHODS[name].request()
    for token in (
        running.token((ACCOUNT,)),
        running.token(("*",), ("trader",)),
        running.token(("*",), ("risk_manager",)),
        running.token((PLATFORM,)),
    ):
        error = await running.refusal(name, request, token=token)
        assert error.code() is _DENIED


async def test_a_revoked_token_is_refused_at_once(tmp_path: Path) -> None:
    revoked = tmp_path / "revoked"
    revoked.write_text("another\n")
    async with rpc.services(revoked_tokens=str(revoked)) as running:
        await rpc.prepare(running)
        token = running.token(jti="stolen")
        await running.call("PlaceOrder", rpc.place(), token=token)
        revoked.write_text("another\nstolen\n")
        error = await running.refusal("PlaceOrder", rpc.place(), token=token)
        assert error.code() is _UNKNOWN
        revoked.unlink()
        assert (await running.refusal("PlaceOrder", rpc.place(), token=token)).code() is _UNKNOWN
        await running.call("PlaceOrder", rpc.place())


async def _first_batch(running: Services, token: str) -> Any:
    request: Message = rpc.examples()["Subscribe"][0]
    stream = running.open(
        "Subscribe", [request], [("authorization", f"Bearer {token}")], timeout=None
    )
    await stream.read()
    return stream


async def _end(stream: Any) -> grpc.aio.AioRpcError:
    async def read_all() -> None:
        while await stream.read() is not grpc.aio.EOF:  # type: ignore[attr-defined]
            pass

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read_all()
    return caught.value


async def test_a_stream_ends_with_its_token(
    running: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_RECHECK_SECONDS", 0.02)
    await rpc.prepare(running)
    stream = await _first_batch(running, running.token(seconds=600))
    running.clock.offset = 629
    lasting = await _first_batch(running, running.token(seconds=600))
    running.clock.offset = 631
    assert (await _end(stream)).code() is _UNKNOWN
    async with asyncio.timeout(20):
        await running.call("PlaceOrder", rpc.place())
        await lasting.read()
    lasting.cancel()


async def test_a_stream_of_commands_ends_with_its_token(
    running: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_RECHECK_SECONDS", 0.02)
    await rpc.prepare(running)
    stream = running.open_stream(running.token(seconds=600))
    [first, *_] = rpc.examples()["SubmitCommands"]
    await stream.write(first)
    answer: Any = await stream.read()
    assert len(answer.results) == 1
    running.clock.offset = 631
    assert (await _end(stream)).code() is _UNKNOWN
