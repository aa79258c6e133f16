"""A client that enters brackets by single calls, and the call that cancels whatever is open."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import (
    brackets_pb2,
    brackets_pb2_grpc,
    common_pb2,
    orders_pb2,
    orders_pb2_grpc,
)
from domain.reasons import Reason
from tests.e2e.journal import Journal, uuid
from tests.support.rpc import trailing

INSTRUMENT: Final = "BINANCE:SUSHIUSDT"
_REFUSAL: Final = "patriot-refusal-bin"
_Call: TypeAlias = Callable[[grpc.aio.Channel], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices of the brackets of one side: the entry takes, a far exit stays, a near one trades."""

    side: common_pb2.Side
    entry: str
    stop: str
    far: str
    near: str


BUY: Final = Terms(common_pb2.SIDE_BUY, "7.620", "3.800", "11.400", "7.617")
SELL: Final = Terms(common_pb2.SIDE_SELL, "7.606", "11.400", "3.800", "7.612")


@dataclass
class BracketTrader:
    """Sends one bracket after the other; one without an answer is sent again as it was."""

    address: str
    token: str
    accounts: tuple[str, ...]
    seed: int
    journal: Journal
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def trade(self, stop: asyncio.Event) -> None:
        """Until told to stop, and then until the last bracket is answered."""
        while not stop.is_set():
            request = self._request()
            self.journal.sent.add(request.command_id)
            self.journal.learn(await self._until_answered(partial(self._place, request)))
            await asyncio.sleep(0.1)

    async def cancel_all(self) -> None:
        """Cancel what is open on every account, the exits of brackets too."""
        for account_id in self.accounts:
            request = orders_pb2.CancelAllOrdersRequest(
                command_id=uuid(self._dice), account_id=account_id
            )
            await self._until_answered(partial(self._cancel, request))

    async def _until_answered(self, call: _Call) -> Any:
        while True:
            # A channel that lost its server waits ever longer before it connects again.
            async with (
                self.journal.losing(),
                grpc.aio.insecure_channel(self.address) as channel,
            ):
                return await call(channel)

    async def _place(
        self, request: brackets_pb2.PlaceBracketRequest, channel: grpc.aio.Channel
    ) -> common_pb2.CommandResult:
        """The answer, a refusal too; whatever else a call ends with is none."""
        stub = brackets_pb2_grpc.BracketCommandsStub(channel)  # type: ignore[no-untyped-call]
        try:
            answer = await stub.PlaceBracket(request, metadata=self._metadata, timeout=20)
        except grpc.aio.AioRpcError as error:
            told = trailing(error).get(_REFUSAL)
            if not isinstance(told, bytes):
                raise
            refusal = common_pb2.Refusal.FromString(told)
            if refusal.reason == Reason.CONCURRENT_CHANGE:
                raise  # nothing was decided
            return common_pb2.CommandResult(command_id=request.command_id, refusal=refusal)
        assert isinstance(answer, common_pb2.CommandResult)
        return answer

    async def _cancel(
        self, request: orders_pb2.CancelAllOrdersRequest, channel: grpc.aio.Channel
    ) -> None:
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        await stub.CancelAllOrders(request, metadata=self._metadata, timeout=60)

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)

    def _request(self) -> brackets_pb2.PlaceBracketRequest:
        """Every account has its side, so that no bracket takes out what another one protects."""
        account = self._dice.randrange(len(self.accounts))
        terms = (BUY, SELL)[account % 2]
        target = self._dice.choice((terms.far, terms.far, terms.far, terms.near))
        return brackets_pb2.PlaceBracketRequest(
            command_id=uuid(self._dice),
            account_id=self.accounts[account],
            order_id=uuid(self._dice),
            instrument=INSTRUMENT,
            side=terms.side,
            type=common_pb2.ORDER_TYPE_LIMIT,
            time_in_force=common_pb2.TIME_IN_FORCE_IOC,
            quantity=str(self._dice.randrange(1, 6)),
            price=terms.entry,
            stop=brackets_pb2.BracketExit(
                type=common_pb2.ORDER_TYPE_STOP_MARKET, trigger_price=terms.stop
            ),
            target=brackets_pb2.BracketExit(type=common_pb2.ORDER_TYPE_LIMIT, price=target),
        )
