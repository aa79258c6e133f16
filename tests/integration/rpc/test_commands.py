"""Commands over gRPC: durable answers, refusals as statuses, batches in order, overload."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import grpc
import pytest
import pytest_asyncio

from adapters.commands.engine import EngineOptions
from adapters.memory.log import MemoryEventLog
from adapters.proto.v1 import common_pb2, orders_pb2, risk_pb2, venues_pb2
from domain.envelope import RecordedEvent
from domain.ids import PLATFORM, StreamId, risk_stream
from domain.ports import (
    AppendOutcome,
    Batch,
    Conflict,
    LogError,
    LogUnavailable,
    LogUnreadable,
    SnapshotAhead,
)
from domain.reasons import Reason
from tests.support import rpc
from tests.support.rpc import Services
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        yield started


def _batch(*requests: orders_pb2.PlaceOrderRequest) -> orders_pb2.CommandBatch:
    return orders_pb2.CommandBatch(
        commands=[orders_pb2.OrderCommand(place=request) for request in requests]
    )


def _refusal(error: grpc.aio.AioRpcError) -> common_pb2.Refusal:
    return common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])


async def test_a_placed_order_is_in_the_log_when_it_is_answered(running: Services) -> None:
    request = rpc.place()
    [answer] = await running.call("PlaceOrder", request)
    assert answer.command_id == request.command_id
    assert answer.position.number == await running.written()
    assert answer.stream_version == 1
    assert not answer.HasField("refusal")
    events = await running.log.read_all(after=answer.position.number - 2)
    assert [event.type for event in events] == ["risk.order_admitted.v2", "order.placed.v2"]
    assert b'"actor":"tester"' in events[-1].metadata


async def test_the_same_command_twice_and_at_once_has_one_effect(running: Services) -> None:
    request = rpc.place()
    answers = await asyncio.gather(*(running.call("PlaceOrder", request) for _ in range(50)))
    before = await running.written()
    again = await running.call("PlaceOrder", request)
    assert all(answer == again for answer in answers)
    assert await running.written() == before


async def test_the_same_id_with_another_content_is_refused(running: Services) -> None:
    first = rpc.place()
    await running.call("PlaceOrder", first)
    error = await running.refusal("PlaceOrder", rpc.place(command_id=first.command_id))
    assert error.code() is grpc.StatusCode.ALREADY_EXISTS
    assert _refusal(error).reason == Reason.COMMAND_ID_REUSED


async def test_the_same_id_of_another_account_is_another_command(running: Services) -> None:
    first = rpc.place()
    await running.call("PlaceOrder", first)
    other = rpc.place(command_id=first.command_id, account_id=OTHER_ACCOUNT)
    [answer] = await running.call("PlaceOrder", other, token=running.token((OTHER_ACCOUNT,)))
    assert not answer.HasField("refusal")


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"price": ""}, grpc.StatusCode.INVALID_ARGUMENT, Reason.PRICE_MISSING),
        ({"price": "8.0005"}, grpc.StatusCode.INVALID_ARGUMENT, Reason.PRICE_OFF_TICK),
        ({"quantity": "0.1"}, grpc.StatusCode.FAILED_PRECONDITION, Reason.QUANTITY_BELOW_MINIMUM),
        (
            {"instrument": "BINANCE:NOSUCHUSDT"},
            grpc.StatusCode.FAILED_PRECONDITION,
            Reason.INSTRUMENT_UNKNOWN,
        ),
        (
            {"type": common_pb2.ORDER_TYPE_MARKET, "time_in_force": common_pb2.TIME_IN_FORCE_IOC},
            grpc.StatusCode.INVALID_ARGUMENT,
            Reason.PRICE_ON_MARKET_ORDER,
        ),
    ],
)
async def test_a_refusal_is_a_status_with_the_reason_beside_it(
    running: Services, changes: dict[str, str], code: grpc.StatusCode, reason: Reason
) -> None:
    error = await running.refusal("PlaceOrder", rpc.place(**changes))
    refusal = _refusal(error)
    assert (error.code(), refusal.reason, refusal.name) == (code, reason, reason.name)
    assert refusal.detail in (error.details() or "")


async def test_an_order_that_exists_and_one_that_does_not(running: Services) -> None:
    first = rpc.place()
    await running.call("PlaceOrder", first)
    again = await running.refusal("PlaceOrder", rpc.place(order_id=first.order_id))
    assert again.code() is grpc.StatusCode.ALREADY_EXISTS
    unknown = await running.refusal("CancelOrder", rpc.cancel(rpc.fresh()))
    assert unknown.code() is grpc.StatusCode.NOT_FOUND


async def test_a_foreign_order_cannot_be_told_from_an_unknown_one(running: Services) -> None:
    mine = rpc.place()
    await running.call("PlaceOrder", mine)
    other = running.token((OTHER_ACCOUNT,))
    foreign = rpc.cancel(mine.order_id, account_id=OTHER_ACCOUNT)
    unknown = rpc.cancel(rpc.fresh(), account_id=OTHER_ACCOUNT)
    answers = [
        await running.refusal("CancelOrder", request, token=other) for request in (foreign, unknown)
    ]
    assert answers[0].code() is answers[1].code() is grpc.StatusCode.NOT_FOUND
    assert answers[0].details() == answers[1].details()


async def test_an_order_cannot_take_the_place_of_another_stream(running: Services) -> None:
    before = await running.written()
    for name, request in (
        ("PlaceOrder", rpc.place(order_id=risk_stream(OTHER_ACCOUNT))),
        ("CancelOrder", rpc.cancel(risk_stream(ACCOUNT))),
    ):
        error = await running.refusal(name, request)
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await running.written() == before


async def test_batches_are_answered_in_order(running: Services) -> None:
    batches = [_batch(*(rpc.place() for _ in range(20))) for _ in range(30)]
    answers = await running.call("SubmitCommands", *batches)
    asked = [[entry.place.command_id for entry in batch.commands] for batch in batches]
    assert [[result.command_id for result in answer.results] for answer in answers] == asked
    numbers = [result.position.number for answer in answers for result in answer.results]
    assert numbers == sorted(set(numbers))


async def test_a_malformed_command_of_a_batch_is_refused_alone(running: Services) -> None:
    batch = _batch(rpc.place(), rpc.place(quantity="1e3"), rpc.place(price="8.0005"), rpc.place())
    batch.commands.add()
    [answer] = await running.call("SubmitCommands", batch)
    reasons = [result.refusal.reason for result in answer.results]
    assert reasons == [0, Reason.MALFORMED, Reason.PRICE_OFF_TICK, 0, Reason.MALFORMED]
    assert answer.results[1].command_id == batch.commands[1].place.command_id
    assert "quantity" in answer.results[1].refusal.detail


async def test_a_batch_that_is_too_long_is_refused_whole(running: Services) -> None:
    before = await running.written()
    request = rpc.place()
    too_long = _batch(*[request] * 1001)
    error = await running.refusal("SubmitCommands", too_long, too_long)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    reports = venues_pb2.ReportBatch(reports=[rpc.report("accepted")] * 1001)
    error = await running.refusal("RecordReports", reports)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await running.written() == before


async def test_a_malformed_report_fails_the_call_and_records_nothing(running: Services) -> None:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    before = await running.written()
    good, bad = rpc.report("accepted", order.order_id), rpc.report("filled", order.order_id)
    bad.filled.price = "-1"
    error = await running.refusal("RecordReports", venues_pb2.ReportBatch(reports=[good, bad]))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await running.written() == before


async def test_reports_move_the_order_and_are_applied_once(running: Services) -> None:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    kinds = ("accepted", "filled", "cancelled")
    reports = venues_pb2.ReportBatch(reports=[rpc.report(k, order.order_id) for k in kinds])
    [first] = await running.call("RecordReports", reports)
    after = await running.written()
    [again] = await running.call("RecordReports", reports)
    assert first == again
    assert await running.written() == after
    assert [result.refusal.reason for result in first.results] == [0, 0, 0]
    types = [event.type for event in await running.log.read_all()]
    assert types.count("order.filled.v2") == 1


async def test_a_halt_of_the_platform_needs_the_operator(running: Services) -> None:
    halt = risk_pb2.HaltRequest(command_id=rpc.fresh(), reason="drill")
    manager = running.token(("*",), ("risk_manager",))
    refused = await running.refusal("Halt", halt, token=manager)
    assert refused.code() is grpc.StatusCode.PERMISSION_DENIED
    one = running.token((ACCOUNT,), ("operator",))
    assert (await running.refusal("Halt", halt, token=one)).code() is refused.code()
    halt_by_name = risk_pb2.HaltRequest(command_id=rpc.fresh(), account_id=PLATFORM, reason="drill")
    named = await running.refusal("Halt", halt_by_name, token=running.token(("*",)))
    assert named.code() is refused.code()
    await running.call("Halt", halt, token=running.token(("*",), ("operator",)))
    error = await running.refusal("PlaceOrder", rpc.place())
    assert _refusal(error).reason == Reason.PLATFORM_HALTED


async def test_what_binds_others_is_in_the_audit_log(
    running: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "adapters.rpc")
    await running.call("Halt", rpc.examples()["Halt"][0])
    await running.refusal("Halt", rpc.examples()["Halt"][0])
    said = [r.getMessage() for r in caplog.records if getattr(r, "action", "") == "halt"]
    assert said == [f"halt of {ACCOUNT}: done", f"halt of {ACCOUNT}: ALREADY_HALTED"]


class _SlowLog(MemoryEventLog):
    """A log whose appends wait until they are let go, or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False
        self.broken: LogError | None = None
        self.contended = False

    async def append(self, batch: Batch) -> AppendOutcome:
        await self.gate.wait()
        if self.fails:
            raise LogUnavailable
        if self.contended:
            return Conflict({next(iter(batch.expected)): 1_000})
        return await super().append(batch)

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        if self.broken is not None:
            raise self.broken
        return await super().read_stream(stream_id, after=after, limit=limit)


async def test_overload_is_said_at_once_and_nothing_is_lost() -> None:
    log = _SlowLog()
    options = EngineOptions(queue_max=10, batch_max=5)
    async with rpc.services(log=log, engine_options=options) as running:
        await rpc.prepare(running)
        log.gate.clear()
        waiting = [
            asyncio.ensure_future(running.call("PlaceOrder", rpc.place())) for _ in range(30)
        ]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        error = next(iter(done)).exception()
        assert isinstance(error, grpc.aio.AioRpcError)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(rpc.trailing(error)["retry-after-ms"]) > 0
        batch = _batch(*(rpc.place() for _ in range(20)))
        stream = running.open(
            "SubmitCommands", [batch], [("authorization", f"Bearer {running.token()}")]
        )
        answering = asyncio.ensure_future(stream.read())
        log.gate.set()
        answer = await answering
        overloaded = {Reason.OVERLOADED} & {r.refusal.reason for r in answer.results}
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert overloaded or any(isinstance(outcome, list) for outcome in outcomes)
        # What was turned away may be sent again under its own id.
        [again] = await running.call("SubmitCommands", batch)
        assert [result.command_id for result in again.results] == [
            entry.place.command_id for entry in batch.commands
        ]


async def test_reports_that_were_not_recorded_fail_their_call() -> None:
    """A venue forgets what was answered: an answer that is not in the log would lose a fill."""
    log = _SlowLog()
    async with rpc.services(log=log, engine_options=EngineOptions(queue_max=1)) as running:
        await rpc.prepare(running)
        order = rpc.place()
        await running.call("PlaceOrder", order)
        kinds = ("accepted", "filled", "cancelled")
        reports = venues_pb2.ReportBatch(reports=[rpc.report(k, order.order_id) for k in kinds])
        error = await running.refusal("RecordReports", reports)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    log = _SlowLog()
    async with rpc.services(log=log, engine_options=EngineOptions(races_max=1)) as running:
        await rpc.prepare(running)
        await running.call("PlaceOrder", order)
        log.contended = True
        error = await running.refusal("RecordReports", reports)
        assert error.code() is grpc.StatusCode.ABORTED
        log.contended = False
        [answer] = await running.call("RecordReports", reports)
        assert [result.refusal.reason for result in answer.results] == [0, 0, 0]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (LogUnavailable("the server at 10.0.0.1 is away"), "the database does not answer"),
        (LogUnreadable("position 7 cannot be read: secret"), "an event that this service cannot"),
        (SnapshotAhead("a snapshot reflects position 9: secret"), "an older log was restored"),
    ],
)
async def test_what_is_wrong_with_the_log_is_told_as_what_it_is(
    broken: LogError, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = _SlowLog()
    async with rpc.services(log=log, engine_options=EngineOptions(patience=0)) as running:
        log.broken = broken
        error = await running.refusal("PlaceOrder", rpc.place())
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert told in (error.details() or "")
        assert "same command_id" in (error.details() or "")
        # Where it is concerns the operator, who has it in the log of the service.
        assert str(broken) not in (error.details() or "")
        assert str(broken) in caplog.text


async def test_a_log_that_does_not_answer_is_unavailable() -> None:
    log = _SlowLog()
    async with rpc.services(log=log, engine_options=EngineOptions(patience=0)) as running:
        await rpc.prepare(running)
        log.fails = True
        request = rpc.place()
        error = await running.refusal("PlaceOrder", request)
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert "same command_id" in (error.details() or "")
        streamed = await running.refusal("SubmitCommands", _batch(rpc.place()))
        assert streamed.code() is grpc.StatusCode.UNAVAILABLE
        log.fails = False
        await running.call("PlaceOrder", request)
