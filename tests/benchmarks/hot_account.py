"""One account that has traded for years: a long stream of risk, with hardly anything open."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Final

from adapters.codec import encode
from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent
from domain.ids import (
    PLATFORM,
    AccountId,
    CommandId,
    InstrumentId,
    OrderId,
    StreamId,
    derived,
    instrument_stream,
    risk_stream,
)
from domain.instruments.events import InstrumentListed
from domain.orders.commands import OrderType
from domain.ports import Appended, Batch, CommandRecord
from domain.registry import Event
from domain.risk.commands import Limits
from domain.risk.compared import DecisionInputs
from domain.risk.events import LimitsSet, OrderAdmitted, ReservationReleased
from domain.values import PositionSide, Price, Quantity, Side
from tests.benchmarks import system
from tests.support.trading import RULES

ACCOUNT: Final = AccountId(derived("bench", "hot account"))
INSTRUMENT: Final = InstrumentId(system.INSTRUMENT)
_COMMIT: Final = 2_000
_METADATA: Final = (
    b'{"command_id":"","correlation_id":"","causation_id":"","actor":"","occurred_at":1}'
)
_INPUTS: Final = DecisionInputs(1, 1, None, Decimal(0), Decimal(0), Decimal(0), 0)


async def trade(log: PostgresEventLog, events: int) -> None:
    """List the instrument, set limits, and admit and release orders until there are so many."""
    listed = InstrumentListed(INSTRUMENT, 1, RULES)
    await _append(log, instrument_stream(INSTRUMENT), PLATFORM, 0, [listed], "hot instrument")
    version = 0
    life = _life()
    while batch := list(islice(life, min(_COMMIT, events - version))):
        await _append(log, risk_stream(ACCOUNT), ACCOUNT, version, batch, f"hot {version}")
        version += len(batch)


def _life() -> Iterator[Event]:
    yield LimitsSet(ACCOUNT, 1, Limits(currency="USDT"))
    number = 0
    while True:
        number += 1
        order = OrderId(derived("hot order", str(number)))
        quantity, price = Quantity(Decimal(10)), Price(Decimal("8.125"))
        yield OrderAdmitted(
            account_id=ACCOUNT,
            order_id=order,
            instrument_id=INSTRUMENT,
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=quantity,
            price=price,
            strategy_id=None,
            at=number,
            inputs=_INPUTS,
            position_side=PositionSide.NET,
            limit_price=price,
            trigger=None,
        )
        yield ReservationReleased(ACCOUNT, order, INSTRUMENT, quantity)


async def _append(
    log: PostgresEventLog,
    stream: StreamId,
    account: AccountId,
    version: int,
    events: list[Event],
    name: str,
) -> None:
    new = []
    for number, event in enumerate(events, version + 1):
        type_name, payload = encode(event)
        new.append(NewEvent(stream, number, type_name, account, payload, _METADATA))
    record = CommandRecord(account, CommandId(derived(name)), b"f" * 32, b"{}", tuple(new))
    assert isinstance(await log.append(Batch((record,), {stream: version})), Appended)
