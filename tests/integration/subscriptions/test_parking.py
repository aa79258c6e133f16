"""What a consumer refuses comes again, is parked after so many times, and stays until handled."""

from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio

from adapters.proto.v1 import common_pb2
from adapters.proto.v1 import subscriptions_pb2 as pb
from tests.support.servers import Database
from tests.support.subscribing import Consumer, Serving, serving
from tests.support.trading import ACCOUNT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def service(log_database: Database) -> AsyncIterator[Serving]:
    async with serving(log_database) as running:
        yield running


async def _with_one_parked(service: Serving, position: int = 2) -> Consumer:
    await service.append(4)
    await service.create(max_attempts=2)
    consumer = await service.let_in()
    await consumer.until(4)
    await consumer.refuse(position)
    await consumer.until(5)
    await consumer.refuse(position, "still no such customer")
    await consumer.acknowledge(*(other for other in range(1, 5) if other != position))
    await consumer.settled(4)
    return consumer


def _parked(**fields: object) -> pb.ParkedRequest:
    return pb.ParkedRequest(account_id=ACCOUNT, name="billing", **fields)  # type: ignore[arg-type]


async def test_a_refused_event_comes_again_before_anything_new(service: Serving) -> None:
    await service.append(6)
    await service.create(window=1)
    consumer = await service.let_in()
    await consumer.until(1)
    await consumer.acknowledge(1)
    await consumer.until(2)
    for attempt in (1, 2, 3):
        assert consumer.seen[-1] == (2, attempt)
        await consumer.refuse(2)
        await consumer.until(attempt + 2)
    await consumer.acknowledge(2)
    assert (await consumer.until(6))[-2:] == [(2, 4), (3, 1)]
    await consumer.settled(2)
    assert await service.parked() == []


async def test_after_the_last_attempt_it_is_parked_and_the_rest_goes_on(service: Serving) -> None:
    consumer = await _with_one_parked(service)
    assert consumer.seen == [(1, 1), (2, 1), (3, 1), (4, 1), (2, 2)]
    assert await service.parked() == [(2, 2, "still no such customer")]
    kept = await service.get()
    assert (kept.checkpoint.number, kept.parked) == (4, 1)
    await service.append(1)
    assert (await consumer.until(6))[-1] == (5, 1)


async def test_a_refusal_is_remembered_over_a_crash(service: Serving) -> None:
    await service.append(3)
    await service.create(max_attempts=3, retry_delay_ms=60_000)
    consumer = await service.let_in()
    await consumer.until(3)
    await consumer.acknowledge(1)
    await consumer.refuse(2)
    await consumer.settled(1)
    await consumer.refuse(3, "later")
    consumer.call.cancel()
    again = await service.let_in()
    found = await again.until(2)
    # Whether the second refusal arrived before the crash is the network's affair.
    assert found in ([(2, 2), (3, 2)], [(2, 2), (3, 1)])


async def test_a_parked_event_is_replayed_and_gone_once_it_is_handled(service: Serving) -> None:
    consumer = await _with_one_parked(service)
    asked = await service.stub.ReplayParked(_parked(positions=[2]), metadata=service.header())
    assert asked.events == 1
    assert (await consumer.until(6))[-1] == (2, 1)
    assert consumer.replayed == [2]
    assert await service.parked() != [], "it stays until it is handled"
    await consumer.acknowledge(2)
    await service.append(1)
    await consumer.until(7)
    await consumer.acknowledge(5)
    await consumer.settled(5)
    assert await service.parked() == []


async def test_a_replay_waits_for_the_next_consumer_and_survives_its_crash(
    service: Serving,
) -> None:
    consumer = await _with_one_parked(service)
    await consumer.leave()
    await service.stub.ReplayParked(_parked(all=True), metadata=service.header())
    for _ in range(2):
        crashing = await service.let_in()
        assert await crashing.until(1) == [(2, 1)]
        crashing.call.cancel()
    last = await service.let_in()
    await last.until(1)
    await last.acknowledge(2)
    await last.leave()
    assert await service.parked() == []
    assert (await service.get()).checkpoint.number == 4


async def test_a_replay_that_is_refused_again_is_parked_again(service: Serving) -> None:
    consumer = await _with_one_parked(service)
    await service.stub.ReplayParked(_parked(all=True), metadata=service.header())
    await consumer.until(6)
    await consumer.refuse(2, "not yet")
    assert (await consumer.until(7))[-1] == (2, 2)
    await consumer.refuse(2, "never")
    await consumer.leave()
    assert await service.parked() == [(2, 2, "never")]
    fresh = await service.let_in()
    await service.append(1)
    assert await fresh.until(1) == [(5, 1)], "it is not replayed without being asked"


async def test_parked_events_are_dropped_by_name_and_counted(service: Serving) -> None:
    await _with_one_parked(service)
    dropped = await service.stub.DropParked(_parked(positions=[1, 3]), metadata=service.header())
    assert dropped.events == 0
    dropped = await service.stub.DropParked(_parked(positions=[1, 2]), metadata=service.header())
    assert dropped.events == 1
    assert await service.parked() == []


async def test_parked_events_are_paged(service: Serving) -> None:
    await service.append(7)
    await service.create(max_attempts=1)
    consumer = await service.let_in()
    await consumer.until(7)
    for position in range(1, 8):
        await consumer.refuse(position)
    await consumer.settled(7)
    pages, after = [], 0
    while True:
        request = pb.ListParkedRequest(
            account_id=ACCOUNT, name="billing", after_position=after, page_size=3
        )
        page = await service.stub.ListParked(request, metadata=service.header())
        if not page.events:
            break
        pages.append([event.position for event in page.events])
        after = pages[-1][-1]
    assert pages == [[1, 2, 3], [4, 5, 6], [7]]


async def test_a_reset_to_before_a_parked_event_delivers_it_in_its_turn(service: Serving) -> None:
    consumer = await _with_one_parked(service)
    reset = pb.ResetSubscriptionRequest(
        account_id=ACCOUNT, name="billing", after=common_pb2.Position(number=1)
    )
    await service.stub.Reset(reset, metadata=service.header())
    assert (await consumer.error()).code() is grpc.StatusCode.ABORTED
    assert await service.parked() == []
    again = await service.let_in()
    assert await again.until(3) == [(2, 1), (3, 1), (4, 1)]


@pytest.mark.parametrize(
    "answer",
    [
        pb.ConsumeRequest(acknowledged=[5]),
        pb.ConsumeRequest(acknowledged=[1, 2**63 - 1]),
        pb.ConsumeRequest(acknowledged=[2**64 - 1]),
        pb.ConsumeRequest(acknowledged=[0]),
        pb.ConsumeRequest(acknowledged=[1, 1]),
        pb.ConsumeRequest(acknowledged=list(range(1, 1002))),
        pb.ConsumeRequest(refused=[pb.RefusedEvent(position=5, reason="x")]),
        pb.ConsumeRequest(refused=[pb.RefusedEvent(position=1, reason="")]),
        pb.ConsumeRequest(refused=[pb.RefusedEvent(position=1, reason="\x1b[2J")]),
        pb.ConsumeRequest(acknowledged=[1], refused=[pb.RefusedEvent(position=1, reason="x")]),
        pb.ConsumeRequest(name="billing"),
        pb.ConsumeRequest(window=5),
    ],
)
async def test_an_answer_that_makes_no_sense_ends_the_stream_and_writes_nothing(
    service: Serving, answer: pb.ConsumeRequest
) -> None:
    await service.append(4)
    await service.create()
    consumer = await service.let_in()
    await consumer.until(4)
    await consumer.call.write(answer)
    assert (await consumer.error()).code() is grpc.StatusCode.INVALID_ARGUMENT
    kept = await service.get()
    assert (kept.checkpoint.number, kept.parked) == (0, 0)
    assert await (await service.let_in()).until(4) == [(n, 1) for n in range(1, 5)]
