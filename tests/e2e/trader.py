"""A client with a journal: what it sent, what it was told, and what it does not know.

Most of its orders are immediate ones. Some rest, far from the market or close to it, and are
replaced again and again.
"""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Final

import grpc

from adapters.proto.v1 import common_pb2, orders_pb2, orders_pb2_grpc
from domain.reasons import Reason
from tests.e2e.journal import Journal, uuid

# SUSHI for so much is above the limit of an order: the brackets alone hold any.
PRICES: Final = {
    "BINANCE:SUSHIUSDT": "7.616",
    "BINANCE:AKROUSDT": "0.01733",
    "BINANCE:KEEPUSDT": "0.2467",
    "BINANCE:CTKUSDT": "1.011",
}
# Three prices that the market does not reach, and one that it touches now and then.
RESTING: Final = {
    ("BINANCE:AKROUSDT", common_pb2.SIDE_BUY): ("0.01665", "0.01670", "0.01675", "0.01733"),
    ("BINANCE:AKROUSDT", common_pb2.SIDE_SELL): ("0.01800", "0.01795", "0.01790", "0.01733"),
    ("BINANCE:KEEPUSDT", common_pb2.SIDE_BUY): ("0.2370", "0.2375", "0.2380", "0.2465"),
    ("BINANCE:KEEPUSDT", common_pb2.SIDE_SELL): ("0.2560", "0.2555", "0.2550", "0.2466"),
}
_OVER: Final = frozenset(
    {
        Reason.ORDER_UNKNOWN,
        Reason.ORDER_NOT_OPEN,
        Reason.CANCEL_ALREADY_REQUESTED,
        Reason.AMEND_BELOW_FILLED,
    }
)
"""Refusals of a replacement after which another order is placed instead."""


@dataclass
class Slot:
    """A place for one resting order, which is replaced for as long as it rests."""

    account_id: str
    instrument: str = ""
    side: common_pb2.Side = common_pb2.SIDE_BUY
    order_id: str = ""
    """Empty while nothing rests."""


@dataclass
class Trader:
    """Sends batches one after the other; a batch without an answer is sent again as it was."""

    address: str
    token: str
    accounts: tuple[str, ...]
    seed: int
    journal: Journal
    _waiting: orders_pb2.CommandBatch | None = None
    _dice: random.Random = field(init=False)
    _slots: tuple[Slot, ...] = field(init=False)
    _asked: dict[str, tuple[Slot, str]] = field(default_factory=dict)
    """By command id: the slot and the order that will rest in it if the command is not refused."""

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._slots = tuple(Slot(account_id) for account_id in self.accounts for _ in range(2))

    async def trade(self, stop: asyncio.Event) -> None:
        """Until told to stop, and then until the last batch is answered."""
        while not stop.is_set() or self._waiting is not None:
            async with (
                self.journal.losing(),
                grpc.aio.insecure_channel(self.address) as channel,
            ):
                await self._stream(channel, stop)

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
                    self.journal.learn(result)
                    self._learn(result)
                self._waiting = None
                await asyncio.sleep(0.05)
        finally:
            call.cancel()

    def _learn(self, result: common_pb2.CommandResult) -> None:
        """What rests in a slot after an answer about it."""
        if result.command_id not in self._asked:
            return
        slot, order_id = self._asked.pop(result.command_id)
        if not result.HasField("refusal"):
            slot.order_id = order_id
        elif result.refusal.reason in _OVER:
            slot.order_id = ""

    def _batch(self) -> orders_pb2.CommandBatch:
        batch = orders_pb2.CommandBatch()
        for _ in range(2):
            instrument, price = self._dice.choice(sorted(PRICES.items()))
            request = self._place(self._dice.choice(self.accounts), instrument, price)
            request.side = self._dice.choice((common_pb2.SIDE_BUY, common_pb2.SIDE_SELL))
            request.time_in_force = common_pb2.TIME_IN_FORCE_IOC
            batch.commands.add(place=request)
        batch.commands.extend(self._resting(slot) for slot in self._dice.sample(self._slots, 2))
        return batch

    def _resting(self, slot: Slot) -> orders_pb2.OrderCommand:
        """An order that rests in a free slot, or a replacement of the one that does."""
        if not slot.order_id:
            slot.instrument, slot.side = self._dice.choice(sorted(RESTING))
        price = self._dice.choice(RESTING[slot.instrument, slot.side])
        placed = self._place(slot.account_id, slot.instrument, price)
        self._asked[placed.command_id] = slot, placed.order_id
        if not slot.order_id:
            placed.side, placed.time_in_force = slot.side, common_pb2.TIME_IN_FORCE_GTC
            return orders_pb2.OrderCommand(place=placed)
        self.journal.replacements.add(placed.command_id)
        request = orders_pb2.ReplaceOrderRequest(
            command_id=placed.command_id,
            account_id=placed.account_id,
            order_id=slot.order_id,
            replacement_id=placed.order_id,
            instrument=placed.instrument,
            type=placed.type,
            time_in_force=common_pb2.TIME_IN_FORCE_GTC,
            quantity=placed.quantity,
            price=placed.price,
        )
        return orders_pb2.OrderCommand(replace=request)

    def _place(self, account_id: str, instrument: str, price: str) -> orders_pb2.PlaceOrderRequest:
        request = orders_pb2.PlaceOrderRequest(
            command_id=uuid(self._dice),
            account_id=account_id,
            order_id=uuid(self._dice),
            instrument=instrument,
            type=common_pb2.ORDER_TYPE_LIMIT,
            quantity=str(self._dice.randrange(1000, 2000)),
            price=price,
        )
        self.journal.sent.add(request.command_id)
        return request
