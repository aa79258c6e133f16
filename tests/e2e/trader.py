"""A client with a journal: what it sent, what it was told, and what it does not know."""

import asyncio
import random
from dataclasses import dataclass, field
from uuid import UUID

import grpc

from adapters.proto.v1 import common_pb2, orders_pb2, orders_pb2_grpc

PRICES = {
    "BINANCE:SUSHIUSDT": "7.616",
    "BINANCE:AKROUSDT": "0.01733",
    "BINANCE:KEEPUSDT": "0.2467",
    "BINANCE:CTKUSDT": "1.011",
}


@dataclass
class Trader:
    """Sends batches one after the other; a batch without an answer is sent again as it was."""

    address: str
    token: str
    accounts: tuple[str, ...]
    seed: int
    answers: dict[str, common_pb2.CommandResult] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    reconnects: int = 0
    _waiting: orders_pb2.CommandBatch | None = None
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def trade(self, stop: asyncio.Event) -> None:
        """Until told to stop, and then until the last batch is answered."""
        while not stop.is_set() or self._waiting is not None:
            try:
                async with grpc.aio.insecure_channel(self.address) as channel:
                    await self._stream(channel, stop)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError, EOFError):
                # InvalidStateError: the stream ended while nothing was being sent on it.
                await self._pause()
            except asyncio.CancelledError:
                # grpc.aio tells so as well that the other side cancelled the stream.
                if cancelled_by_us():
                    raise
                await self._pause()

    async def _pause(self) -> None:
        self.reconnects += 1
        await asyncio.sleep(0.1)

    async def _stream(self, channel: grpc.aio.Channel, stop: asyncio.Event) -> None:
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        call = stub.SubmitCommands(metadata=(("authorization", f"Bearer {self.token}"),))
        try:
            while not stop.is_set() or self._waiting is not None:
                if self._waiting is None:
                    self._waiting = self._batch()
                await asyncio.wait_for(call.write(self._waiting), 20)
                answer = await asyncio.wait_for(call.read(), 20)
                if answer is grpc.aio.EOF:  # type: ignore[attr-defined]
                    raise EOFError
                for result in answer.results:
                    self.answers[result.command_id] = result
                self._waiting = None
                await asyncio.sleep(0.02)
        finally:
            call.cancel()

    def _batch(self) -> orders_pb2.CommandBatch:
        batch = orders_pb2.CommandBatch()
        for _ in range(5):
            instrument, price = self._dice.choice(sorted(PRICES.items()))
            request = orders_pb2.PlaceOrderRequest(
                command_id=self._uuid(),
                account_id=self._dice.choice(self.accounts),
                order_id=self._uuid(),
                instrument=instrument,
                side=self._dice.choice((common_pb2.SIDE_BUY, common_pb2.SIDE_SELL)),
                type=common_pb2.ORDER_TYPE_LIMIT,
                time_in_force=common_pb2.TIME_IN_FORCE_IOC,
                quantity=str(self._dice.randrange(1000, 2000)),
                price=price,
            )
            self.sent.add(request.command_id)
            batch.commands.add(place=request)
        return batch

    def _uuid(self) -> str:
        return str(UUID(int=self._dice.getrandbits(128), version=4))


def cancelled_by_us() -> bool:
    """Whether a CancelledError is this task's own, or a call's that the other side cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
