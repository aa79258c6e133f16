"""Clients with a journal: what they asked, what they were told, and what they do not know.

A command without a recorded answer is sent again with the same id until it has one, as every
sender must. Cancels, repeats of old commands and repeats at the same time are part of the load.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import grpc

from adapters.proto.v1 import common_pb2, orders_pb2
from domain.ids import derived
from domain.reasons import Reason
from tests.e2e.journal import cancelled_by_us
from tests.faults.core import Core, caller
from tests.support import rpc

RETRIED: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.ABORTED,
    }
)
"""After these a sender knows nothing and asks again; any other failure would be a defect."""
_OF_THE_CLIENT: Final = "Internal error from Core"
"""How grpc.aio tells that it could not write on a connection that broke; no server said so."""
NOT_RECORDED: Final = frozenset({Reason.CONCURRENT_CHANGE, Reason.OVERLOADED})
_ORDERS_AN_ACCOUNT: Final = 300
_BATCHES_AN_ACCOUNT: Final = 20
_CALL_SECONDS: Final = 15.0
_REMEMBERED: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """An answer; a refusal by status carries no position."""

    position: int
    reason: int = 0


@dataclass
class Journal:
    """Commands by id; shared by the clients of one run."""

    answers: dict[str, Told] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    """Sent, and not known to be recorded."""
    unknown: Counter[str] = field(default_factory=Counter)
    """How often a command's fate was unknown, by what was said."""
    broken: list[str] = field(default_factory=list)
    """What may never be told."""

    def sent(self, command_id: str) -> None:
        if command_id not in self.answers:
            self.open.add(command_id)

    def lost(self, error: grpc.aio.AioRpcError, what: str) -> None:
        """No answer; that is no defect as long as the sender is told to ask again."""
        name = error.code().name
        # A defect of the service, or of the connection when its other end was killed: told as such.
        told = f"{name} ({error.details()})" if error.code() is grpc.StatusCode.INTERNAL else name
        self.unknown[told] += 1
        if error.code() not in RETRIED and error.details() != _OF_THE_CLIENT:
            self.broken.append(f"{what}: {error.code().name} {error.details()}")

    def told(self, command_id: str, told: Told) -> None:
        """Keep the answer; a repeat must get the first one."""
        if told.reason == Reason.COMMAND_ID_REUSED:
            self.broken.append(f"{command_id}: told to be another command")
        first = self.answers.setdefault(command_id, told)
        if first != told:
            self.broken.append(f"{command_id}: first told {first}, then {told}")
        self.open.discard(command_id)


@dataclass
class _Client:
    """One sender: its dice, its account, and asking until there is an answer."""

    core: Core
    journal: Journal
    name: str
    seed: int
    _dice: random.Random = field(init=False)
    _account: str = ""
    _accounts: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(f"{self.seed} {self.name}")

    async def _until_answered(self, channel: grpc.aio.Channel, name: str, request: Any) -> None:
        self.journal.sent(request.command_id)
        while (told := await self._ask(channel, name, request)) is None:  # noqa: ASYNC110
            await asyncio.sleep(self._dice.uniform(0.02, 0.2))
        self.journal.told(request.command_id, told)

    async def _ask(self, channel: grpc.aio.Channel, name: str, request: Any) -> Told | None:
        call = caller(channel, name)(request, metadata=self.core.metadata, timeout=_CALL_SECONDS)
        if self._dice.random() < 0.03:
            asyncio.get_running_loop().call_later(self._dice.uniform(0, 0.02), call.cancel)
        try:
            return Told((await call).position.number)
        except asyncio.CancelledError:
            if cancelled_by_us():
                raise
            self.journal.unknown["cancelled"] += 1
            return None
        except grpc.aio.AioRpcError as error:
            told = _told(error)
            if told is None:
                self.journal.lost(error, request.command_id)
            return told

    async def _open_account(self, channel: grpc.aio.Channel) -> None:
        """A fresh account: histories stay as short as real ones are between snapshots."""
        self._accounts += 1
        self._account = derived("faults", str(self.seed), self.name, str(self._accounts))
        request = rpc.set_limits(account_id=self._account, command_id=self._uuid())
        await self._until_answered(channel, "SetLimits", request)

    def _uuid(self) -> str:
        return str(UUID(int=self._dice.getrandbits(128), version=4))


@dataclass
class UnaryClient(_Client):
    """Places and cancels orders one after the other."""

    _orders: list[str] = field(default_factory=list)
    _old: list[tuple[str, Any]] = field(default_factory=list)

    async def trade(self, stop: asyncio.Event) -> None:
        """Until told to stop, and then until the last command is answered."""
        async with self.core.channel() as channel:
            while not stop.is_set():
                if not self._account or len(self._orders) >= _ORDERS_AN_ACCOUNT:
                    await self._open_account(channel)
                    self._orders.clear()
                asked = self._next()
                # A sender in a hurry asks twice at once.
                twice = 2 if self._dice.random() < 0.03 else 1
                await asyncio.gather(*(self._until_answered(channel, *asked) for _ in range(twice)))
                self._old = [*self._old[-_REMEMBERED:], asked]
                if self._dice.random() < 0.03:
                    await self._until_answered(channel, *self._dice.choice(self._old))

    def _next(self) -> tuple[str, Any]:
        if self._orders and self._dice.random() < 0.25:
            order, account = self._dice.choice(self._orders), self._account
            return "CancelOrder", rpc.cancel(order, account_id=account, command_id=self._uuid())
        self._orders.append(self._uuid())
        return "PlaceOrder", order_of(self._account, self._orders[-1], self._uuid())


@dataclass
class StreamClient(_Client):
    """Sends batches on one stream; a batch without an answer is sent again as it was."""

    batch: int = 20
    _waiting: orders_pb2.CommandBatch | None = None
    _batches: int = 0

    async def trade(self, stop: asyncio.Event) -> None:
        """Until told to stop, and then until the last batch is answered."""
        while not stop.is_set() or self._waiting is not None:
            try:
                async with self.core.channel() as channel:
                    await self._stream(channel, stop)
            except grpc.aio.AioRpcError as error:
                self.journal.lost(error, "a stream")
            except (asyncio.InvalidStateError, TimeoutError, EOFError) as error:
                # InvalidStateError: the stream ended while nothing was being sent on it.
                self.journal.unknown[type(error).__name__] += 1
            except asyncio.CancelledError:
                if cancelled_by_us():
                    raise
                self.journal.unknown["cancelled stream"] += 1
            await asyncio.sleep(self._dice.uniform(0.02, 0.2))

    async def _stream(self, channel: grpc.aio.Channel, stop: asyncio.Event) -> None:
        method = rpc.METHODS["SubmitCommands"]
        start: Any = channel.stream_stream(
            method.path, method.request.SerializeToString, method.response.FromString
        )
        call = start(metadata=self.core.metadata)
        try:
            while not stop.is_set() or self._waiting is not None:
                if self._waiting is None:
                    if self._batches % _BATCHES_AN_ACCOUNT == 0:
                        await self._open_account(channel)
                    self._waiting = self._next()
                for each in self._waiting.commands:
                    self.journal.sent(each.place.command_id)
                await asyncio.wait_for(call.write(self._waiting), 20)
                answer = await asyncio.wait_for(call.read(), 20)
                if answer is grpc.aio.EOF:  # type: ignore[attr-defined]
                    raise EOFError
                recorded = [self._note(result) for result in answer.results]
                if all(recorded):
                    self._waiting = None
        finally:
            call.cancel()

    def _note(self, result: common_pb2.CommandResult) -> bool:
        if result.refusal.reason in NOT_RECORDED:
            self.journal.unknown[result.refusal.name] += 1
            return False
        told = Told(result.position.number, result.refusal.reason)
        self.journal.told(result.command_id, told)
        return True

    def _next(self) -> orders_pb2.CommandBatch:
        self._batches += 1
        batch = orders_pb2.CommandBatch()
        for _ in range(self.batch):
            batch.commands.add(place=order_of(self._account, self._uuid(), self._uuid()))
        return batch


def order_of(account: str, order: str, command_id: str) -> orders_pb2.PlaceOrderRequest:
    """A limit order that rests."""
    return rpc.place(account_id=account, order_id=order, command_id=command_id)


def _told(error: grpc.aio.AioRpcError) -> Told | None:
    """The recorded refusal that came with an error, or None when nothing is known."""
    stored = rpc.trailing(error).get("patriot-refusal-bin")
    if stored is None:
        return None
    refusal = common_pb2.Refusal.FromString(stored)
    return None if refusal.reason in NOT_RECORDED else Told(-1, refusal.reason)
