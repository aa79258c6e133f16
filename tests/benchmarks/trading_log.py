"""A log full of real events: seeded trading, copied under fresh ids until it is large enough."""

from typing import Final

from adapters.codec import decode
from adapters.memory.log import MemoryEventLog
from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent, RecordedEvent
from domain.funding.events import FundingRecorded
from domain.ids import (
    PLATFORM,
    AccountId,
    CommandId,
    OrderId,
    StreamId,
    account_stream,
    client_order_id,
    derived,
    funding_stream,
    position_stream,
    risk_stream,
)
from domain.orders.events import OrderDenied, OrderPlaced
from domain.ports import Appended, Batch, CommandRecord
from tests.support.logs import everything, traded_log
from tests.support.workload import Workload

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
    """The same trading by other accounts, as true as the first: streams follow from the new names.

    What belongs to nobody, the listing of instruments, is in the log once.
    """
    fresh = _fresh_names(source, copy)
    return [
        NewEvent(
            StreamId(_fresh(event.stream_id, fresh)),
            event.version,
            event.type,
            AccountId(_fresh(event.account_id, fresh)),
            _replaced(event.payload, fresh),
            event.metadata,
        )
        for event in source
        if not copy or event.account_id != PLATFORM
    ]


def _fresh_names(source: list[RecordedEvent], copy: int) -> dict[bytes, bytes]:
    """Accounts and orders of another copy, and all that is named after them."""
    names: dict[str, str] = {}
    for order in {event.stream_id for event in source if event.type.startswith("order.")}:
        old, new = OrderId(order), OrderId(derived("copy", str(copy), order))
        names |= {old: new, client_order_id(old): client_order_id(new)}
    for old_account in {event.account_id for event in source} - {PLATFORM}:
        account = AccountId(derived("copy", str(copy), old_account))
        names |= {
            old_account: account,
            risk_stream(old_account): risk_stream(account),
            account_stream(old_account): account_stream(account),
        }
        for instrument in Workload(0).instruments:
            stream = position_stream(account, instrument)
            names[position_stream(old_account, instrument)] = stream
    for recorded in source:
        event = decode(recorded.type, recorded.payload)
        if isinstance(event, FundingRecorded):
            names[recorded.stream_id] = funding_stream(
                AccountId(names[event.account_id]),
                event.instrument_id,
                event.position_side,
                event.funding_id,
            )
        elif isinstance(event, OrderPlaced | OrderDenied) and event.strategy_id is not None:
            # The platform's stream stays as it is, and with it the strategies that it stopped.
            strategy = event.strategy_id
            names[strategy] = derived("copy", str(copy), strategy)
    # Streams that no decision of an order reads may be called anything, as long as it is new.
    for recorded in source:
        if recorded.account_id != PLATFORM:
            old_stream = recorded.stream_id
            names.setdefault(old_stream, derived("copy", str(copy), old_stream))
    return {name.encode(): new.encode() for name, new in names.items()}


def _fresh(name: str, fresh: dict[bytes, bytes]) -> str:
    known = name.encode()
    return fresh.get(known, known).decode()


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
