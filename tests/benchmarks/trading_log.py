"""A log full of real events: seeded trading, copied under fresh ids until it is large enough."""

from typing import Final

from adapters.memory.log import MemoryEventLog
from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent, RecordedEvent
from domain.ids import AccountId, CommandId, StreamId, derived
from domain.ports import Appended, Batch, CommandRecord
from tests.support.logs import everything, traded_log

_ORDERS: Final = 2_000
_ACCOUNTS: Final = 60
_COMMIT: Final = 400
"""Events in one commit, as a busy engine makes them."""


async def pattern() -> list[RecordedEvent]:
    """Trading of one copy: about nine events an order."""
    log: MemoryEventLog = await traded_log(1, orders=_ORDERS, accounts=_ACCOUNTS)
    return await everything(log)


async def fill(log: PostgresEventLog, events: int, *, commit: int = _COMMIT) -> int:
    """Append copies until the log has so many events at least; returns how many it has.

    May be called again to go on: what the log holds before names the copies that follow.
    """
    source = await pattern()
    head = (await log.head()).number
    while head < events:
        renamed = _renamed(source, head)
        for start in range(0, len(renamed), commit):
            await _append(log, renamed[start : start + commit], f"{head}-{start}")
        head = (await log.head()).number
    return head


def _renamed(source: list[RecordedEvent], copy: int) -> list[NewEvent]:
    """The same events under the ids of another copy, also inside the payloads."""
    names = {id_ for event in source for id_ in (str(event.stream_id), str(event.account_id))}
    fresh = {name.encode(): derived("copy", str(copy), name).encode() for name in names}
    return [
        NewEvent(
            StreamId(fresh[event.stream_id.encode()].decode()),
            event.version,
            event.type,
            AccountId(fresh[event.account_id.encode()].decode()),
            _replaced(event.payload, fresh),
            event.metadata,
        )
        for event in source
    ]


def _replaced(payload: bytes, fresh: dict[bytes, bytes]) -> bytes:
    """Ids stand in quotes, so a payload is split there and put together again."""
    return b'"'.join(fresh.get(part, part) for part in payload.split(b'"'))


async def _append(log: PostgresEventLog, events: list[NewEvent], name: str) -> None:
    expected: dict[StreamId, int] = {}
    for event in events:
        expected.setdefault(event.stream_id, event.version - 1)
    record = CommandRecord(
        events[0].account_id, CommandId(derived("fill", name)), b"f" * 32, b"{}", tuple(events)
    )
    outcome = await log.append(Batch((record,), expected))
    assert isinstance(outcome, Appended)
