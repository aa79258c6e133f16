"""Records that cannot be used: set aside, told, and never passed over."""

import orjson
import psycopg
import pytest

from adapters.kafka.partition import PARTITIONS
from adapters.kafka.producer import Headers, Producer
from adapters.kafka.reader import Reader
from projections.catalogue import PROJECTIONS
from streams.deadletter import DeadLetter, list_deadletters, replay_deadletters
from streams.record import Span, record_headers
from streams.topics import EVENTS
from tests.support.streams import Streams, until

pytestmark = pytest.mark.asyncio


async def produce(streams: Streams, partition: int, *records: tuple[bytes, Headers]) -> None:
    producer = Producer(streams.bootstrap, client_id="test")
    producer.start()
    for value, headers in records:
        await (await producer.send(EVENTS, value, partition=partition, headers=headers))
    await producer.close()


async def deadletters(streams: Streams, count: int) -> list[DeadLetter]:
    found: list[DeadLetter] = []

    async def there() -> bool:
        found[:] = await list_deadletters(streams.bootstrap)
        return len(found) >= count

    await until(there, f"{count} dead letters")
    return found


async def test_foreign_records_are_set_aside_and_the_partition_goes_on(streams: Streams) -> None:
    streams.start("relay")
    streams.start("projections")
    await streams.caught_up(await streams.trade(50))
    garbage = [b"\x00\xffnot json", b'{"schema":99}', b'{"schema":1,"shard":0}']
    for value in garbage:
        await produce(streams, 3, (value, [("who", b"a stranger")]))
    head = await streams.trade(50)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)
    letters = await deadletters(streams, 3)
    assert [letter.original.value for letter in letters] == garbage
    assert {letter.original.topic for letter in letters} == {EVENTS}
    assert {letter.original.partition for letter in letters} == {3}
    assert letters[0].original.headers == {"who": b"a stranger"}
    assert "schema 99 is unknown" in letters[1].error


async def test_records_delivered_again_out_of_order_change_nothing(streams: Streams) -> None:
    streams.start("relay")
    streams.start("projections")
    head = await streams.trade(100)
    await streams.caught_up(head)
    reader = Reader(streams.bootstrap, client_id="test")
    records = await reader.everything(EVENTS, range(PARTITIONS))
    await reader.close()
    for partition in range(PARTITIONS):
        again: list[tuple[bytes, Headers]] = [
            (r.value, list(r.headers.items())) for r in records if r.partition == partition
        ]
        await produce(streams, partition, *reversed(again), *again)
    head = await streams.trade(20)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)


async def test_an_event_of_a_newer_release_stops_its_partition_alone(streams: Streams) -> None:
    relay = streams.start("relay")
    streams.start("projections")
    head = await streams.trade(30)
    await streams.caught_up(head)
    await relay.stop()
    event = {
        "position": head + 1, "stream": "s", "version": 1, "type": "order.frozen.v1",
        "account": "a", "data": {}, "meta": {"occurred_at": 1},
    }  # fmt: skip
    span = Span(head, head + 1)
    numbers = {"schema": 1, "shard": 0, "after": head, "through": head + 1}
    value = orjson.dumps({**numbers, "first": head + 1, "last": head + 1, "events": [event]})
    await produce(streams, 2, (value, record_headers(0, span, [])))
    for partition in (0, 1, 3, 4, 5):
        mark = {**numbers, "first": 0, "last": 0, "events": []}
        await produce(streams, partition, (orjson.dumps(mark), record_headers(0, span, [])))
    letters = await deadletters(streams, len(PROJECTIONS))
    assert {letter.consumer for letter in letters} == set(PROJECTIONS)
    assert all("order.frozen.v1" in letter.error for letter in letters)

    async def others_moved() -> bool:
        each = len(PROJECTIONS)
        return sorted(await streams.positions()) == [head] * each + [head + 1] * 5 * each

    await until(others_moved, "the other partitions to go on")


async def test_a_refused_row_stops_its_partition_until_the_record_is_replayed(
    streams: Streams,
) -> None:
    streams.start("relay")
    worker = streams.start("projections")
    await streams.caught_up(await streams.trade(30))
    async with await psycopg.AsyncConnection.connect(streams.admin_read_dsn) as connection:
        await connection.execute(
            "ALTER TABLE model.orders ADD CONSTRAINT no_more_bitcoin "
            "CHECK (instrument <> 'BINANCE:BTCUSDT') NOT VALID"
        )
    head = await streams.trade(60)
    letters = await deadletters(streams, 1)
    assert {letter.consumer for letter in letters} == {"orders"}
    assert "no_more_bitcoin" in letters[0].error

    async def others_at_head() -> bool:
        return min(await streams.positions(["fills", "positions", "risk"])) == head

    await until(others_at_head, "the other read models to go on")

    async def all_told() -> bool:
        told = {each.original.partition for each in await list_deadletters(streams.bootstrap)}
        behind = {p for p, at in enumerate(await streams.positions(["orders"])) if at < head}
        return behind == told

    await until(all_told, "a dead letter for each partition that stands still")
    assert min(await streams.positions(["orders"])) < head
    assert "stands still in partition" in worker.log.read_text()
    async with await psycopg.AsyncConnection.connect(streams.admin_read_dsn) as connection:
        await connection.execute("ALTER TABLE model.orders DROP CONSTRAINT no_more_bitcoin")
    await replay_deadletters(streams.bootstrap)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)


async def test_replaying_a_record_that_is_not_there_is_refused(streams: Streams) -> None:
    streams.start("relay")
    await streams.trade(1)
    await until(lambda: _topic_there(streams), "the topic")
    with pytest.raises(Exception, match="there is no dead letter 0:99"):
        await replay_deadletters(streams.bootstrap, ["0:99"])


async def _topic_there(streams: Streams) -> bool:
    try:
        return await list_deadletters(streams.bootstrap) == []
    except Exception:  # noqa: BLE001  (not there yet)
        return False
