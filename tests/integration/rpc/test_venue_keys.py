"""Venue keys over gRPC on real databases: stored by an operator, used by a worker, never shown."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
import psycopg
import pytest
import pytest_asyncio

from adapters.codec import decode
from adapters.keys.master import MasterKey, WrongMasterKey, create_master_key
from adapters.keys.venue import AlteredSecret, NoVenueKey, ShortenedSecret
from adapters.postgres.chain import verify_chain
from adapters.postgres.keys import PostgresSubjectKeys
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.rebuild import rebuild
from adapters.postgres.venue_keys import PostgresVenueCredentials, PostgresVenueSecrets
from adapters.proto.v1 import common_pb2, venue_key_queries_pb2, venue_keys_pb2
from adapters.rpc.query_server import read_pool
from domain.accounts.events import VenueKeyAdded
from domain.ids import account_stream
from domain.ports import LogUnavailable
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_users, rpc_venue_keys
from tests.support.rpc import Services
from tests.support.rpc_venue_keys import (
    API_KEY,
    OTHER_API_KEY,
    OTHER_SECRET,
    PAYLOAD,
    SECRET,
    SIGNATURE,
)
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

_MASTER: Final = create_master_key()
_CANARIES: Final = tuple(
    text.encode() for text in (SECRET, API_KEY[:-4], OTHER_SECRET, OTHER_API_KEY[:-4])
)


@dataclass
class Running:
    """The services, and a worker that signs."""

    services: Services
    worker: PostgresVenueCredentials
    log_database: Database
    read_database: Database

    async def do(self, name: str, request: Any) -> common_pb2.CommandResult:
        """A command of an operator that is accepted."""
        [answer] = await self.services.call(name, request, token=self.operator)
        assert isinstance(answer, common_pb2.CommandResult)
        return answer

    async def refused(self, name: str, request: Any) -> tuple[Reason, grpc.StatusCode]:
        """Why a command of an operator is refused."""
        error = await self.services.refusal(name, request, token=self.operator)
        refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
        return Reason(refusal.reason), error.code()

    @property
    def operator(self) -> str:
        """A token for what operators do."""
        return self.services.token(("*",), ("operator",))

    async def signs(self, account: Any = ACCOUNT) -> list[tuple[int, str]]:
        """What the worker would send to the venue, with the current key first."""
        found = await self.worker.usable(account)
        return [(one.version, one.secret.sign(PAYLOAD)) for one in found]

    def execute(self, statement: str, arguments: Sequence[Any] = ()) -> None:
        """Change the log's database as its administrator."""
        with psycopg.connect(self.log_database.admin_url) as connection:
            connection.execute(statement.encode(), arguments)


@pytest_asyncio.fixture
async def running(log_database: Database, plain_read_database: Database) -> AsyncIterator[Running]:
    master = MasterKey(_MASTER)
    keys = PostgresSubjectKeys(log_database.url("patriot_keys"), master)
    secrets = PostgresVenueSecrets(log_database.url("patriot_keys"), master)
    log = PostgresEventLog(log_database.url("patriot_append"))
    worker = PostgresVenueCredentials(log_database.url("patriot_venue"), master)
    for opened in (keys, secrets, log, worker):
        await opened.open()
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(log=log, pool=pool, keys=keys, secrets=secrets) as started,
    ):
        running = Running(started, worker, log_database, plain_read_database)
        await running.do("RegisterUser", rpc_users.register())
        for account in (ACCOUNT, OTHER_ACCOUNT):
            await running.do("OpenAccount", rpc_users.open_account(account_id=account))
        yield running
    for opened in (keys, secrets, log, worker):
        await opened.close()


async def test_a_stored_key_signs_the_request_that_binance_documents(running: Running) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    assert await running.signs() == [(1, SIGNATURE)]
    [credential] = await running.worker.usable(ACCOUNT)
    assert (credential.venue, credential.secret.api_key) == ("BINANCE", API_KEY)


async def test_a_rotation_has_a_time_in_which_both_keys_work(running: Running) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    await running.do("RotateVenueKey", rpc_venue_keys.another())
    (current, _), old = await running.signs()
    assert (current, old) == (2, (1, SIGNATURE))
    await running.do("RevokeVenueKey", rpc_venue_keys.revoke(1))
    assert [version for version, _ in await running.signs()] == [2]
    await running.do("RevokeVenueKey", rpc_venue_keys.revoke(2))
    with pytest.raises(NoVenueKey):
        await running.signs()


async def test_refusals_have_their_numbers_and_statuses(running: Running) -> None:
    failed = grpc.StatusCode.FAILED_PRECONDITION
    another, key = rpc_venue_keys.another, rpc_venue_keys.venue_key
    assert await running.refused("RotateVenueKey", key()) == (Reason.VENUE_KEY_MISSING, failed)
    await running.do("AddVenueKey", key())
    withdraw = [venue_keys_pb2.VENUE_KEY_PERMISSION_WITHDRAW]
    for name, request, answer in (
        ("AddVenueKey", another(), (Reason.VENUE_KEY_EXISTS, grpc.StatusCode.ALREADY_EXISTS)),
        ("RotateVenueKey", key(), (Reason.VENUE_KEY_UNCHANGED, failed)),
        (
            "RotateVenueKey",
            another(venue="BYBIT"),
            (Reason.VENUE_KEY_OF_OTHER_VENUE, failed),
        ),
        (
            "RotateVenueKey",
            another(permissions=withdraw),
            (Reason.VENUE_KEY_CAN_WITHDRAW, failed),
        ),
        (
            "RevokeVenueKey",
            rpc_venue_keys.revoke(7),
            (Reason.VENUE_KEY_NOT_LIVE, grpc.StatusCode.NOT_FOUND),
        ),
        ("CloseAccount", rpc_users.of_account(), (Reason.VENUE_KEYS_LIVE, failed)),
    ):
        assert await running.refused(name, request) == answer, name
    [(version, signature)] = await running.signs()
    assert (version, signature) == (2, SIGNATURE), "what was refused is a gap and is never used"
    await running.do("RotateVenueKey", another())
    third = another(api_key="third-" + API_KEY)
    assert await running.refused("RotateVenueKey", third) == (Reason.VENUE_KEY_ROTATING, failed)


async def test_the_same_key_again_is_one_and_another_content_is_refused(running: Running) -> None:
    first = rpc_venue_keys.venue_key()
    before = await running.services.written()
    answer = await running.do("AddVenueKey", first)
    assert await running.do("AddVenueKey", first) == answer
    assert await running.services.written() == before + 1
    for change in ({"secret": OTHER_SECRET}, {"api_key": OTHER_API_KEY}, {"label": "other"}):
        other = rpc_venue_keys.venue_key(command_id=first.command_id, **change)
        reused = (Reason.COMMAND_ID_REUSED, grpc.StatusCode.ALREADY_EXISTS)
        assert await running.refused("AddVenueKey", other) == reused, change
    assert await running.signs() == [(1, SIGNATURE)]


async def test_keys_are_listed_without_their_secrets(running: Running) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    await running.do("RotateVenueKey", rpc_venue_keys.another(label="desk two"))
    await running.do("RevokeVenueKey", rpc_venue_keys.revoke(1))
    await running.do("RotateVenueKey", rpc_venue_keys.venue_key(label="desk one again"))
    url = running.read_database.url("patriot_project")
    await rebuild(running.services.log, url, PROJECTIONS["venue_keys"])
    token = running.services.token((ACCOUNT,), ("trader",))
    [answer] = await running.services.call("ListVenueKeys", rpc_venue_keys.list_keys(), token=token)
    assert isinstance(answer, venue_key_queries_pb2.VenueKeyList)
    assert [(key.key_version, key.status, key.hint, key.label) for key in answer.keys] == [
        (3, "current", API_KEY[-4:], "desk one again"),
        (2, "grace", OTHER_API_KEY[-4:], "desk two"),
        (1, "revoked", API_KEY[-4:], "desk one"),
    ]
    [newest, _, oldest] = answer.keys
    assert (newest.venue, newest.scheme, list(newest.permissions)) == (
        "BINANCE", "hmac_sha256", ["read", "trade"],
    )  # fmt: skip
    assert newest.fingerprint == oldest.fingerprint
    assert (0 < oldest.added_at <= oldest.revoked_at, newest.revoked_at) == (True, 0)
    assert not [one for one in _CANARIES if one in answer.SerializeToString()]


def _dump(database: Database, *schemas: str) -> bytes:
    """Every row of every table, as text and, where a column is bytes, as these bytes."""
    found: list[bytes] = []
    with psycopg.connect(database.admin_url) as connection:
        tables = connection.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname = ANY(%s)",
            (list(schemas),),
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}".encode()).fetchall():
                found += [
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                ]
    return b"\n".join(found)


async def test_no_secret_is_in_any_table_log_line_or_refusal(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    await running.do("RotateVenueKey", rpc_venue_keys.another())
    for name in ("AddVenueKey", "RotateVenueKey"):
        for request in (
            rpc_venue_keys.venue_key(),
            rpc_venue_keys.venue_key(secret=SECRET + "\n"),
            rpc_venue_keys.venue_key(secret=SECRET * 200),
            rpc_venue_keys.venue_key(scheme=venue_keys_pb2.VENUE_KEY_SCHEME_ED25519),
            rpc_venue_keys.venue_key(api_key=API_KEY + " "),
            rpc_venue_keys.venue_key().SerializeToString()[:-3],
        ):
            error = await running.services.refusal(name, request, token=running.operator)
            said += [str(error.details()), repr(error.trailing_metadata())]
    url = running.read_database.url("patriot_project")
    for name in ("accounts", "users", "venue_keys"):
        await rebuild(running.services.log, url, PROJECTIONS[name])
    dumped = _dump(running.log_database, "log", "keys") + _dump(running.read_database, "model")
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for place in (dumped, "\n".join(said).encode(), logged.encode()):
        assert place
        assert [canary for canary in _CANARIES if canary in place] == []
    assert b"account.venue_key_rotated.v1" in dumped
    assert ACCOUNT in logged
    [event] = [
        decode(recorded.type, recorded.payload)
        for recorded in await running.services.log.read_stream(account_stream(ACCOUNT))
        if recorded.type == "account.venue_key_added.v1"
    ]
    assert isinstance(event, VenueKeyAdded)
    assert event.key.hint == API_KEY[-4:]
    verify_chain(running.log_database.url("patriot_tail"))


async def test_a_service_without_keys_says_so() -> None:
    async with rpc.services(without_keys=True) as bare:
        for name in ("AddVenueKey", "RotateVenueKey"):
            request = rpc_venue_keys.venue_key_examples()[name][0]
            error = await bare.refusal(name, request, token=bare.token(("*",)))
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert "PATRIOT_MASTER_KEY" in (error.details() or "")
        assert await bare.written() == 0


_COPY: Final = """
    UPDATE keys.venue_secrets AS mine SET {columns} FROM keys.venue_secrets AS theirs
     WHERE mine.account_id = %s AND theirs.account_id = %s
"""
_WRAPPED, _SEALED = "wrapped_key = theirs.wrapped_key", "ciphertext = theirs.ciphertext"


@pytest.mark.parametrize("columns", [_WRAPPED, _SEALED, f"{_WRAPPED}, {_SEALED}"])
async def test_a_secret_of_another_account_does_not_open(running: Running, columns: str) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    await running.do("AddVenueKey", rpc_venue_keys.another(account_id=OTHER_ACCOUNT))
    running.execute(_COPY.format(columns=columns), (ACCOUNT, OTHER_ACCOUNT))
    with pytest.raises(AlteredSecret, match="moved here from another row"):
        await running.signs()
    assert len(await running.signs(OTHER_ACCOUNT)) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("venue = 'BYBIT'", AlteredSecret),
        ("key_version = 2", AlteredSecret),
        ("ciphertext = set_byte(ciphertext, 40, get_byte(ciphertext, 40) # 1)", AlteredSecret),
        ("wrapped_key = set_byte(wrapped_key, 40, get_byte(wrapped_key, 40) # 1)", AlteredSecret),
        ("ciphertext = substring(ciphertext FOR length(ciphertext) - 1)", ShortenedSecret),
        ("ciphertext = ''", ShortenedSecret),
        ("wrapped_key = set_byte(wrapped_key, 3, get_byte(wrapped_key, 3) # 1)", WrongMasterKey),
        ("wrapped_key = ''", WrongMasterKey),
    ],
)
async def test_a_row_that_was_altered_is_told_as_what_it_is(
    running: Running, change: str, error: type[Exception]
) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    running.execute(f"UPDATE keys.venue_secrets SET {change}")
    with pytest.raises(error):
        await running.signs()


async def test_a_worker_with_another_master_key_or_without_a_database_says_so(
    running: Running,
) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    for url, master, error in (
        (running.log_database.url("patriot_venue"), create_master_key(), WrongMasterKey),
        ("postgresql://patriot_venue@127.0.0.1:1/x", _MASTER, LogUnavailable),
    ):
        worker = PostgresVenueCredentials(url, MasterKey(master))
        await worker.open()
        with pytest.raises(error):
            await worker.usable(ACCOUNT)
        await worker.close()


async def test_what_was_never_named_by_an_event_goes_after_a_day(running: Running) -> None:
    await running.do("AddVenueKey", rpc_venue_keys.venue_key())
    for _ in range(2):
        await running.refused("AddVenueKey", rpc_venue_keys.another())
    running.execute("UPDATE keys.venue_secrets SET staged_at = now() - interval '25 hours'")
    await running.refused("AddVenueKey", rpc_venue_keys.another())
    with psycopg.connect(running.log_database.admin_url) as connection:
        kept = connection.execute(
            "SELECT key_version FROM keys.venue_secrets WHERE ciphertext IS NOT NULL "
            "ORDER BY key_version"
        ).fetchall()
    assert kept == [(1,), (4,)]
    assert await running.signs() == [(1, SIGNATURE)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        *((role, "SELECT ciphertext FROM keys.venue_secrets") for role in (
            "patriot_append", "patriot_tail", "patriot_keys", "patriot_unlock", "patriot_rekey",
            "patriot_snapshot", "patriot_subscribe",
        )),
        *((role, "SELECT wrapped_key FROM keys.venue_secrets") for role in (
            "patriot_append", "patriot_tail", "patriot_keys", "patriot_unlock",
        )),
        *((role, "SELECT wrapped_key FROM keys.subjects") for role in ("patriot_venue",)),
        *((role, statement) for role in ("patriot_venue", "patriot_rekey", "patriot_keys")
          for statement in (
            "INSERT INTO keys.venue_secrets VALUES (gen_random_uuid(), 1, 'X')",
            "UPDATE keys.venue_secrets SET added_at = now()",
            "DELETE FROM keys.venue_secrets",
            "ALTER TABLE keys.venue_secrets DISABLE TRIGGER ALL",
            "SELECT * FROM log.events",
        )),
        ("patriot_venue", "SELECT keys.stage_venue_secret(gen_random_uuid(), 1, 'X', '', '')"),
        ("patriot_venue", "SELECT keys.rewrap_subject(gen_random_uuid(), '', '')"),
        ("patriot_keys", "SELECT keys.rewrap_venue_secret(gen_random_uuid(), 1, '', '')"),
        ("patriot_rekey", "SELECT keys.ensure(gen_random_uuid(), gen_random_uuid(), '')"),
    ],
)  # fmt: skip
async def test_each_role_may_do_its_own_work_alone(
    log_database: Database, role: str, statement: str
) -> None:
    with (
        psycopg.connect(log_database.url(role), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
