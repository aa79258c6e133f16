"""Write a read model anew from the log, in one transaction.

Readers see the old rows until the new ones are complete; a rebuild that is killed leaves no trace.
A live worker waits meanwhile, and then goes on from where the rebuild ended.
"""

from collections.abc import Callable, Sequence

from adapters.codec import read_recorded
from adapters.kafka.partition import PARTITIONS, partition_of
from adapters.postgres.readmodel import ReadModel, Transaction, connect
from domain.envelope import RecordedEvent
from domain.ports import EventLog
from domain.registry import Unknown, readable
from projections.replay import fact_of
from projections.tables import Fact, Projection, instant

_PAGE = 5_000
_ROWS_MAX = 200_000


async def rebuild(
    log: EventLog,
    read_dsn: str,
    projection: Projection,
    report: Callable[[int, int], None] | None = None,
    *,
    unknown: Unknown = Unknown.STOP,
) -> int:
    """Rebuild up to the head as it is now and return its position.

    `report` is told the position reached and the head. Raises LogError, UnknownEventType or
    psycopg.Error, with nothing changed.
    """
    head = (await log.head()).number
    connection = await connect(read_dsn, f"patriot-rebuild-{projection.name}")
    try:
        await connection.execute("SET statement_timeout = 0")
        model = ReadModel(connection, projection)
        async with model.transaction(range(PARTITIONS)) as transaction:
            await model.clear()
            times: dict[int, int] = {}
            position = 0
            while position < head:
                page = await log.read_all(after=position, limit=min(_PAGE, head - position))
                await _fold(page, projection, transaction, times, unknown)
                position = page[-1].position.number
                if report is not None:
                    report(position, head)
            await transaction.write(
                {
                    partition: (head, instant(times[partition]) if partition in times else None)
                    for partition in range(PARTITIONS)
                }
            )
    finally:
        await connection.close()
    return head


async def _fold(
    page: Sequence[RecordedEvent],
    projection: Projection,
    transaction: Transaction,
    times: dict[int, int],
    unknown: Unknown,
) -> None:
    facts: list[Fact] = []
    for recorded in page:
        readable(recorded.type, recorded.position.number, unknown)
        if recorded.type in projection.types:
            fact = fact_of(recorded, read_recorded)
            facts.append(fact)
            times[partition_of(recorded.account_id)] = fact.at
    await transaction.load([need for fact in facts for need in projection.needs(fact)])
    for fact in facts:
        projection.fold(fact, transaction)
    await transaction.flush()
    transaction.trim(_ROWS_MAX)
