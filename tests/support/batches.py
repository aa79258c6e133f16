"""Small batches for tests of the log: say what matters, the rest is filled in."""

import hashlib
from collections.abc import Mapping

from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, StreamId, derived
from domain.ports import Batch, CommandRecord

ACCOUNT = AccountId(derived("batches", "account"))


def stream(name: str) -> StreamId:
    """The stream of that name."""
    return StreamId(derived("batches", "stream", name))


def event(name: str, version: int, payload: bytes = b"{}") -> NewEvent:
    """An event of the named stream."""
    return NewEvent(stream(name), version, "test.happened.v1", ACCOUNT, payload, b'{"by":"test"}')


def command(name: str, *events: NewEvent, account: AccountId = ACCOUNT) -> CommandRecord:
    """A decided command; its fingerprint and result follow from its name."""
    return CommandRecord(
        account_id=account,
        command_id=CommandId(derived("batches", "command", name)),
        fingerprint=hashlib.sha256(name.encode()).digest(),
        result=f"result of {name}".encode(),
        events=events,
    )


def batch(*commands: CommandRecord, **read: int) -> Batch:
    """Commands on what they need; `read` gives streams that are only read, by name.

    A written stream is expected to be where its first event of the batch continues it.
    """
    expected: dict[StreamId, int] = {}
    for each in commands:
        for new in each.events:
            expected.setdefault(new.stream_id, new.version - 1)
    return Batch(commands, {**expected, **{stream(name): at for name, at in read.items()}})


def only(command_name: str, stream_name: str, version: int) -> Batch:
    """One command with one event."""
    return batch(command(command_name, event(stream_name, version)))


def at(**versions: int) -> Mapping[StreamId, int]:
    """Versions by stream name."""
    return {stream(name): version for name, version in versions.items()}
