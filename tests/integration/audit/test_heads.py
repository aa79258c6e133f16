"""Signed heads show what the tables alone cannot: each kind of tampering by its name and place."""

import asyncio
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from adapters.audit.heads import SignedHead
from adapters.audit.signer import HeadSigner, run_head_signer
from adapters.audit.store import HeadFolder, HeadKept, HeadStoreError
from adapters.cli.main import cli, run
from adapters.clock import SystemClock
from adapters.postgres.chain import verify_chain
from adapters.rpc.tokens import create_key, public_key
from adapters.telemetry.status import RoleStatus
from tests.support.audit import LAST, criminal, options, rewrite_chain, signed, write
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio
CLOCK = SystemClock()
KEY = create_key()


@pytest_asyncio.fixture
async def heads(log_database: Database, tmp_path: Path) -> Path:
    """Heads at 4 and 7, signed while the log grew."""
    signer = HeadSigner(options(log_database, tmp_path / "heads", KEY), CLOCK)
    assert await signer.turn() == ""
    await write(log_database, slice(2))
    assert await signer.turn() == ""
    assert await signer.turn() == ""
    await write(log_database, slice(2, None))
    assert await signer.turn() == ""
    return tmp_path / "heads"


def _verify(database: Database, *arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database.url("patriot_tail"))
        return run(cli, ["log", "verify", *arguments])


async def test_heads_are_signed_as_the_log_grows(log_database: Database, heads: Path) -> None:
    found = signed(heads)
    assert [head.position for head in found] == [4, LAST]
    with psycopg.connect(log_database.admin_url) as connection:
        rows = connection.execute(
            "SELECT last_position, chain, (extract(epoch FROM committed_at) * 1000000)::bigint "
            "FROM log.commits WHERE last_position IN (4, 7) ORDER BY 1"
        ).fetchall()
    assert rows == [(head.position, head.chain, head.committed_at) for head in found]
    assert verify_chain(log_database.url("patriot_tail"), found).signed == found[-1]


async def test_an_untouched_log_fits_its_heads(
    log_database: Database, heads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _verify(log_database, "--heads", str(heads)) == 0
    assert capsys.readouterr().out == (
        "the log is what was appended, up to position 7, and fits the signed heads up to 7\n"
    )
    assert _verify(log_database, "--heads", str(heads), "--json") == 0
    assert capsys.readouterr().out == '{"ok":true,"position":7,"heads":2,"signed":7}\n'


_HEAD_BACK = """
    UPDATE log.head SET (position, chain) =
           (SELECT last_position, chain FROM log.commits ORDER BY last_position DESC LIMIT 1)
"""
_CUT = (
    "DELETE FROM log.events WHERE position >= 5",
    "DELETE FROM log.commits WHERE last_position >= 5",
    "DELETE FROM log.commands WHERE last_position >= 5",
    _HEAD_BACK,
)
_ONE_COMMIT_ON = """
    INSERT INTO log.commits SELECT 5, 5, committed_at, chain FROM log.commits
     WHERE last_position = 4
"""
_ONE_EVENT_ON = """
    INSERT INTO log.events SELECT 5, stream_id, 9, type, account_id, payload, metadata
      FROM log.events WHERE position = 4
"""
_FORGED = "UPDATE log.events SET payload = '{\"x\":1}' WHERE position = {}"


@pytest.mark.parametrize(
    ("crime", "rewrite", "told"),
    [
        pytest.param([_FORGED.replace("{}", "4")], False, "event 4 was altered", id="payload"),
        pytest.param(
            ["UPDATE log.events SET metadata = '{}' WHERE position = 6"],
            False,
            "an event from 5 to 6 was altered",
            id="metadata",
        ),
        pytest.param(
            ["DELETE FROM log.events WHERE position = 5"], False, "event 5 is missing", id="missing"
        ),
        pytest.param(
            ["DELETE FROM log.events WHERE position >= 6"],
            False,
            "the log was cut off after 5: its commits go on",
            id="tail of events",
        ),
        pytest.param(
            _CUT, False, "the log was cut off after 4: a head at 7 was signed at ", id="cut tail"
        ),
        pytest.param(
            [_FORGED.replace("{}", "2")],
            True,
            "the chain was rewritten somewhere from its beginning: at 4 it is not what was signed",
            id="rewritten from the start",
        ),
        pytest.param(
            [_FORGED.replace("{}", "6")],
            True,
            "the chain was rewritten somewhere after 4: at 7 it is not what was signed",
            id="rewritten after a head",
        ),
        pytest.param(
            [
                "DELETE FROM log.commits WHERE last_position = 4",
                "UPDATE log.commits SET first_position = 4 WHERE last_position = 6",
            ],
            True,
            "the chain was rewritten somewhere from its beginning: at 4 it is not what was signed",
            id="a signed commit merged into another",
        ),
        pytest.param(
            (*_CUT, _ONE_COMMIT_ON, _ONE_EVENT_ON),
            True,
            "the log was cut off after 5: a head at 7 was signed at ",
            id="cut and written on",
        ),
    ],
)  # fmt: skip
async def test_each_kind_of_tampering_is_told_with_its_place(
    log_database: Database,
    heads: Path,
    capsys: pytest.CaptureFixture[str],
    crime: list[str],
    *,
    rewrite: bool,
    told: str,
) -> None:
    with criminal(log_database) as connection:
        for statement in crime:
            connection.execute(statement.encode())
        if rewrite:
            rewrite_chain(connection)
            # Without the heads nothing is to be seen: this is what they are for.
            assert verify_chain(log_database.url("patriot_tail")).position in {5, LAST}
    assert _verify(log_database, "--heads", str(heads)) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"patriot: {told}")
    assert shown.err.count("\n") == 1


async def test_forged_heads_are_told(
    log_database: Database, heads: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = heads / "heads-0000" / "00000000000000000007.json"
    right = file.read_bytes()
    other = tmp_path / "other.pem"
    other.write_text(public_key(create_key()))
    for content, told in (
        (right.replace(b'"signed_at":', b'"signed_at":1'), "at 7 (heads-0000/"),
        (right.replace(b'"position":7', b'"position":8'), "at 8 (heads-0000/"),
        (right[:-20], "is no signed head"),
        (b"\xff\x00garbage", "is no signed head"),
        (b"", "is no signed head"),
        (right.replace(b"head.v1", b"head.v2"), "is no signed head of this version"),
        (right.replace(b'"chain":"', b'"chain":"00'), "is no signed head of this version"),
        ((heads / "heads-0000/00000000000000000004.json").read_bytes(), "of another place"),
    ):
        assert content != right
        file.write_bytes(content)
        assert _verify(log_database, "--heads", str(heads)) == 1
        assert told in capsys.readouterr().err
    file.write_bytes(right)
    (heads / "heads-0000" / "x.json").write_bytes(right)
    assert _verify(log_database, "--heads", str(heads)) == 1
    assert "does not have the name of a signed head" in capsys.readouterr().err
    (heads / "heads-0000" / "x.json").unlink()
    assert _verify(log_database, "--heads", str(heads), "--key", str(other)) == 1
    assert "which is not trusted" in capsys.readouterr().err
    assert _verify(log_database, "--heads", str(tmp_path / "nothing")) == 1
    assert "there are no signed heads in" in capsys.readouterr().err
    assert _verify(log_database, "--heads", str(heads)) == 0


async def test_a_head_signed_with_another_key_is_only_good_if_that_key_is_trusted(
    log_database: Database, heads: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A new key goes on beside the old heads; whoever pins keys names both."""
    fresh = create_key()
    for name, pem in (("old", KEY), ("new", fresh)):
        (tmp_path / name).write_text(public_key(pem))
    with criminal(log_database) as connection:
        connection.execute(
            "INSERT INTO log.events SELECT 8, stream_id, 9, type, account_id, payload, metadata "
            "FROM log.events WHERE position = 7"
        )
        connection.execute(
            "INSERT INTO log.commits SELECT 8, 8, committed_at, chain FROM log.commits "
            "WHERE last_position = 7"
        )
        rewrite_chain(connection)
    assert await HeadSigner(options(log_database, heads, fresh), CLOCK).turn() == ""
    assert [head.position for head in signed(heads)] == [4, LAST, 8]
    old, new = ["--key", str(tmp_path / "old")], ["--key", str(tmp_path / "new")]
    assert _verify(log_database, "--heads", str(heads), *old, *new) == 0
    capsys.readouterr()
    assert _verify(log_database, "--heads", str(heads), *old) == 1
    assert "the signed head at 8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("crime", "told"),
    [
        (_CUT, "the log was cut off after 4"),
        ([_FORGED.replace("{}", "2")], "the chain was rewritten: at 7"),
    ],
)
async def test_a_log_that_was_tampered_with_is_not_signed_again(
    log_database: Database, heads: Path, crime: list[str], told: str
) -> None:
    failures = _refused()
    with criminal(log_database) as connection:
        for statement in crime:
            connection.execute(statement.encode())
        rewrite_chain(connection)
    signer = HeadSigner(options(log_database, heads, KEY), CLOCK)
    assert told in await signer.turn()
    assert told in await signer.turn()
    assert signer.known_at == 0
    assert len(signed(heads)) == 2
    assert _refused() == failures + 2


def _refused() -> float:
    labels = {"reason": "refused"}
    return REGISTRY.get_sample_value("patriot_audit_failures_total", labels) or 0


async def test_a_head_that_is_not_its_commit_is_not_signed(
    log_database: Database, heads: Path
) -> None:
    with criminal(log_database) as connection:
        connection.execute("UPDATE log.head SET position = 8, chain = sha256('x')")
    signer = HeadSigner(options(log_database, heads, KEY), CLOCK)
    assert "event 8 was altered, or its commit was" in await signer.turn()


async def test_the_role_signs_until_it_is_stopped(log_database: Database, tmp_path: Path) -> None:
    stop, status = asyncio.Event(), RoleStatus()
    role = asyncio.ensure_future(
        run_head_signer(options(log_database, tmp_path, KEY), CLOCK, stop, status)
    )
    await write(log_database, slice(1))
    async with asyncio.timeout(30):
        while not signed(tmp_path):  # noqa: ASYNC110  (what it waits for is a file)
            await asyncio.sleep(0.02)
    assert status.ready
    # What is appended while it stops is signed in its last turn.
    await write(log_database, slice(1, 2))
    stop.set()
    await role
    assert signed(tmp_path)[-1].position == 4
    assert REGISTRY.get_sample_value("patriot_audit_signed_position") == 4
    age = REGISTRY.get_sample_value("patriot_audit_signed_age_seconds")
    assert age is not None
    assert age >= 0


async def test_a_log_or_a_store_that_is_not_there_is_told_and_waited_for(
    log_database: Database, tmp_path: Path
) -> None:
    await write(log_database)
    blocked = tmp_path / "heads"
    blocked.write_text("a file where the folder should be")
    signer = HeadSigner(options(log_database, blocked, KEY), CLOCK)
    assert "a signed head cannot be kept" in await signer.turn()
    blocked.unlink()
    assert await signer.turn() == ""
    (blocked / "keys" / "junk").write_text("no key")
    other = HeadSigner(options(log_database, blocked, KEY), CLOCK)
    assert "is no public key in PEM" in await other.turn()
    (blocked / "keys" / "junk").unlink()
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    assert (
        "the log cannot be read now"
        in await HeadSigner(options(nowhere, blocked, KEY), CLOCK).turn()
    )


async def test_two_signers_agree(log_database: Database, tmp_path: Path) -> None:
    await write(log_database, slice(1))
    first = HeadSigner(options(log_database, tmp_path, KEY), CLOCK)
    second = HeadSigner(options(log_database, tmp_path, KEY), CLOCK)
    assert await first.turn() == ""
    assert await second.turn() == ""
    await write(log_database, slice(1, 2))
    assert await first.turn() == ""
    assert "says something else" in await second.turn()
    assert await second.turn() == ""
    assert [head.position for head in signed(tmp_path)] == [3, 4]


async def test_what_is_kept_is_never_replaced(tmp_path: Path) -> None:
    store = HeadFolder(tmp_path)
    store.put("group/one", b"first")
    store.put("group/one", b"first")
    with pytest.raises(HeadKept):
        store.put("group/one", b"second")
    assert store.get("group/one") == b"first"
    assert store.names("group") == ["group/one"]
    assert store.names("nothing") == []
    assert [path.name for path in (tmp_path / "group").iterdir()] == ["one"]
    with pytest.raises(HeadStoreError):
        store.get("group/two")


async def test_heads_of_other_shards_are_not_compared(log_database: Database, heads: Path) -> None:
    head = signed(heads)[0]
    assert isinstance(head, SignedHead)
    assert head.shard == 0
    (heads / "heads-0001").mkdir()
    (heads / "heads-0001" / "junk").write_bytes(b"")
    assert _verify(log_database, "--heads", str(heads)) == 0
