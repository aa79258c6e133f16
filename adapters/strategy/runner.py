"""The role strategy: quotes in, commands out, over the same stream that any client uses.

A batch whose answer was lost is sent again with the same command ids after reconnecting; the core
answers it from its log.
"""

import asyncio
import heapq
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import grpc

from adapters.binance.recording import instruments
from adapters.kafka.follower import TopicFollower
from adapters.proto.v1 import common_pb2, orders_pb2, orders_pb2_grpc
from adapters.strategy.demo import Demo, Wish
from adapters.telemetry import metrics
from adapters.telemetry.status import RoleStatus
from domain.ids import AccountId, InstrumentId, StrategyId, derived
from domain.orders.commands import OrderType, TimeInForce
from domain.ports import Clock
from domain.values import Side, plain
from projections.market import InvalidRecord, Quote, decode

_logger: Final = logging.getLogger(__name__)

STRATEGY: Final = StrategyId(derived("strategy", "demo"))

_MARKET: Final = "patriot.market.v1"
_PAUSE_FIRST: Final = 0.2
_PAUSE_MAX: Final = 5.0
_ANSWER_SECONDS: Final = 15.0
_CONNECT_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class StrategyOptions:
    """What the strategy needs to know."""

    brokers: str
    command_address: str
    token: str
    accounts: tuple[AccountId, ...]
    instruments: tuple[InstrumentId, ...]
    seed: int = 1
    pause: float = 0.1
    """Seconds between two batches."""


class _Disconnected(Exception):
    """The stream of commands ended; its batch is sent again on the next one."""


@dataclass(slots=True)
class _Desk:
    """What the strategy knows: quotes, and resting orders to cancel later."""

    quotes: dict[InstrumentId, Quote] = field(default_factory=dict)
    cancels: list[tuple[float, str, AccountId]] = field(default_factory=list)
    pause: float = _PAUSE_FIRST
    """Seconds before the next connection, longer after each that was of no use."""

    def note(self, value: bytes) -> None:
        """Called by the follower's thread."""
        with suppress(InvalidRecord):
            record = decode(value)
            if isinstance(record, Quote):
                self.quotes[record.instrument_id] = record


async def run_strategy(
    options: StrategyOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Trade until told to stop; reconnects for as long as that takes."""
    desk = _Desk()
    known = instruments()
    demo = Demo(options.accounts, {name: known[name] for name in options.instruments}, options.seed)
    follower = TopicFollower(options.brokers, _MARKET, desk.note)
    follower.start()
    unanswered: list[orders_pb2.CommandBatch] = []
    try:
        while not stop.is_set():
            try:
                await _trade(options, clock, stop, status, (desk, demo), unanswered)
            except (grpc.aio.AioRpcError, TimeoutError, _Disconnected) as error:
                told = error.details() if isinstance(error, grpc.aio.AioRpcError) else str(error)
                reason = told or "no answer in time"
                status.unready = f"commands are not taken: {reason}"
                _logger.warning("%s", status.unready)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), desk.pause)
                desk.pause = min(desk.pause * 2, _PAUSE_MAX)
    finally:
        await asyncio.to_thread(follower.stop)


async def _trade(
    options: StrategyOptions,
    clock: Clock,
    stop: asyncio.Event,
    status: RoleStatus,
    minds: tuple[_Desk, Demo],
    unanswered: list[orders_pb2.CommandBatch],
) -> None:
    """One connection: a batch, its answer, a pause, the next batch."""
    desk, demo = minds
    metadata = (("authorization", f"Bearer {options.token}"),)
    outbox: asyncio.Queue[orders_pb2.CommandBatch | None] = asyncio.Queue()

    async def requests() -> AsyncIterator[orders_pb2.CommandBatch]:
        while (batch := await outbox.get()) is not None:
            yield batch

    async with grpc.aio.insecure_channel(options.command_address) as channel:
        await asyncio.wait_for(channel.channel_ready(), _CONNECT_SECONDS)
        status.unready = ""
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        call = stub.SubmitCommands(requests(), metadata=metadata)
        while not stop.is_set():
            if not unanswered:
                unanswered.append(_batch(options, clock, desk, demo))
            if unanswered[0].commands:
                await outbox.put(unanswered[0])
                answer = await asyncio.wait_for(call.read(), _ANSWER_SECONDS)
                if not isinstance(answer, orders_pb2.ResultBatch):
                    raise _Disconnected("the stream ended")
                _note_refusals(answer)
                desk.pause = _PAUSE_FIRST
            unanswered.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), options.pause)
        await outbox.put(None)


def _batch(
    options: StrategyOptions, clock: Clock, desk: _Desk, demo: Demo
) -> orders_pb2.CommandBatch:
    """Cancels that are due, and one new order for each instrument with a quote."""
    batch = orders_pb2.CommandBatch()
    now = clock.monotonic()
    while desk.cancels and desk.cancels[0][0] <= now:
        _, order_id, account = heapq.heappop(desk.cancels)
        batch.commands.add(
            cancel=orders_pb2.CancelOrderRequest(
                command_id=clock.new_uuid(), account_id=account, order_id=order_id
            )
        )
    for name in options.instruments:
        quote = desk.quotes.get(name)
        wish = demo.wish(quote) if quote is not None else None
        if wish is None:
            continue
        request = _place(wish, clock)
        metrics.STRATEGY_SIGNALS.labels(STRATEGY, name, wish.side.value).inc()
        if wish.cancel_after:
            due = now + wish.cancel_after
            heapq.heappush(desk.cancels, (due, request.order_id, wish.account_id))
        batch.commands.add(place=request)
    return batch


def _place(wish: Wish, clock: Clock) -> orders_pb2.PlaceOrderRequest:
    return orders_pb2.PlaceOrderRequest(
        command_id=clock.new_uuid(),
        account_id=wish.account_id,
        order_id=clock.new_uuid(),
        instrument=wish.instrument_id,
        side=common_pb2.SIDE_BUY if wish.side is Side.BUY else common_pb2.SIDE_SELL,
        type=(
            common_pb2.ORDER_TYPE_LIMIT
            if wish.type is OrderType.LIMIT
            else common_pb2.ORDER_TYPE_MARKET
        ),
        time_in_force=(
            common_pb2.TIME_IN_FORCE_GTC
            if wish.time_in_force is TimeInForce.GTC
            else common_pb2.TIME_IN_FORCE_IOC
        ),
        quantity=plain(wish.quantity),
        price="" if wish.price is None else plain(wish.price),
        strategy_id=STRATEGY,
    )


def _note_refusals(answer: orders_pb2.ResultBatch) -> None:
    for result in answer.results:
        if result.refusal.reason:
            _logger.info("refused: %s %s", result.refusal.name, result.refusal.detail)
