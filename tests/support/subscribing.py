"""A query service over a real log with named subscriptions, and a consumer that talks to it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import grpc

from adapters.postgres.log import PostgresEventLog
from adapters.proto.v1 import subscriptions_pb2 as pb
from adapters.proto.v1 import subscriptions_pb2_grpc
from adapters.rpc import query_service
from adapters.rpc.query_server import read_pool
from adapters.rpc.query_service import Followed, QueryServiceOptions
from adapters.rpc.serving import RpcServer
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.ports import Appended, Batch, CommandRecord
from tests.support.rpc import EVERY_ROLE
from tests.support.rpc_time import MovableClock
from tests.support.servers import Database
from tests.support.trading import ACCOUNT

FILLED: Final = "order.filled.v2"
PLACED: Final = "order.placed.v2"
PATIENCE: Final = 20.0


@dataclass
class Consumer:
    """One Consume stream; what it was told is kept in order."""

    call: Any
    seen: list[tuple[int, int]] = field(default_factory=list)
    """Position and attempt of every delivery."""
    replayed: list[int] = field(default_factory=list)
    checkpoint: int = -1

    async def read(self) -> pb.ConsumeResponse:
        """The next message; raises grpc.aio.AioRpcError, or EOFError at the end."""
        async with asyncio.timeout(PATIENCE):
            message: Any = await self.call.read()
        if message is grpc.aio.EOF:  # type: ignore[attr-defined]
            raise EOFError
        for delivery in message.deliveries:
            self.seen.append((delivery.event.position.number, delivery.attempt))
            if delivery.replayed:
                self.replayed.append(delivery.event.position.number)
        if message.HasField("checkpoint"):
            self.checkpoint = message.checkpoint.number
        return message  # type: ignore[no-any-return]

    async def until(self, count: int) -> list[tuple[int, int]]:
        """All deliveries so far, once there are this many."""
        while len(self.seen) < count:
            await self.read()
        return self.seen

    async def settled(self, checkpoint: int) -> None:
        """Until the service says that everything up to here is durable."""
        while self.checkpoint < checkpoint:
            await self.read()

    async def acknowledge(self, *positions: int) -> None:
        """These are handled."""
        await self.call.write(pb.ConsumeRequest(acknowledged=positions))

    async def refuse(self, position: int, reason: str = "no such customer") -> None:
        """This one could not be handled."""
        refused = [pb.RefusedEvent(position=position, reason=reason)]
        await self.call.write(pb.ConsumeRequest(refused=refused))

    async def leave(self) -> None:
        """Say no more and wait for the end."""
        await self.call.done_writing()
        with suppress(EOFError):
            while True:
                await self.read()

    async def error(self) -> grpc.aio.AioRpcError:
        """The error that ends the stream."""
        try:
            while True:
                await self.read()
        except grpc.aio.AioRpcError as error:
            return error


@dataclass
class Serving:
    """A query service that runs; serve it again with `again()`."""

    database: Database
    log: PostgresEventLog
    key: str
    clock: MovableClock
    server: RpcServer
    channel: grpc.aio.Channel
    stub: Any
    _commands: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def header(
        self, accounts: Sequence[str] = (ACCOUNT,), roles: Sequence[str] = EVERY_ROLE
    ) -> Any:
        """Metadata of a caller."""
        grant = Grant("tester", tuple(accounts), tuple(roles), 3600)
        token = mint(self.key, grant, now=self.clock.now() // 1_000_000)
        return (("authorization", f"Bearer {token}"),)

    async def create(self, name: str = "billing", **fields: Any) -> pb.Subscription:
        """A subscription to the account's events, unless other fields are given."""
        fields = {"account_id": ACCOUNT, **fields}
        request = pb.CreateSubscriptionRequest(name=name, **fields)
        header = self.header(("*", ACCOUNT))
        return await self.stub.Create(request, metadata=header, timeout=10)  # type: ignore[no-any-return]

    async def get(self, name: str = "billing", account: str = ACCOUNT) -> pb.Subscription:
        """What is known of a subscription."""
        request = pb.SubscriptionRequest(account_id=account, name=name)
        header = self.header(("*", ACCOUNT))
        return await self.stub.Get(request, metadata=header, timeout=10)  # type: ignore[no-any-return]

    async def parked(self, name: str = "billing") -> list[tuple[int, int, str]]:
        """Position, attempts and reason of what is parked."""
        request = pb.ListParkedRequest(account_id=ACCOUNT, name=name)
        page = await self.stub.ListParked(request, metadata=self.header(), timeout=10)
        return [(each.position, each.attempts, each.reason) for each in page.events]

    async def consume(
        self, name: str = "billing", *, account: str = ACCOUNT, window: int = 0
    ) -> Consumer:
        """A consumer on its way; whether it is let in is told by its first message."""
        call = self.stub.Consume(metadata=self.header(("*", ACCOUNT)))
        # A call that is refused at once may be over before this is written.
        with suppress(asyncio.InvalidStateError, grpc.aio.AioRpcError):
            await call.write(pb.ConsumeRequest(account_id=account, name=name, window=window))
        return Consumer(call)

    async def let_in(self, name: str = "billing", **options: Any) -> Consumer:
        """A consumer that was let in; tries again while the one before is still known."""
        async with asyncio.timeout(PATIENCE):
            while True:
                consumer = await self.consume(name, **options)
                try:
                    await consumer.read()
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                        raise
                else:
                    return consumer

    async def append(
        self, count: int, *, type_: str = FILLED, account: str = ACCOUNT, payload: bytes = b"{}"
    ) -> int:
        """Events in one commit; the last position."""
        number = next(self._commands)
        stream = StreamId(f"{number:08x}-0000-4000-8000-000000000001")
        events = tuple(
            NewEvent(stream, version, type_, AccountId(account), payload, b"{}")
            for version in range(1, count + 1)
        )
        command = CommandRecord(
            AccountId(account),
            CommandId(f"{number:08x}-0000-4000-8000-000000000002"),
            b"f" * 32,
            b"",
            events,
        )
        outcome = await self.log.append(Batch((command,), {stream: 0}))
        assert isinstance(outcome, Appended)
        return outcome.commands[0].last.number


@asynccontextmanager
async def serving(
    database: Database, *, key: str = "", numbers: "itertools.count[int] | None" = None
) -> AsyncIterator[Serving]:
    """A query service without read models on a port of its own."""
    key = key or create_key()
    clock = MovableClock()
    writer = PostgresEventLog(database.url("patriot_append"))
    reader = PostgresEventLog(database.url("patriot_tail"))
    followed = Followed.to(database.url("patriot_tail"), database.url("patriot_subscribe"))
    options = QueryServiceOptions("", "", public_key(key), "127.0.0.1:0")
    server = query_service.build(
        reader, read_pool(""), options, clock, news=followed.news, followed=followed
    )
    await writer.open()
    await reader.open()
    await followed.store.open()
    news = asyncio.create_task(followed.news.run())
    await server.start([])
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
    stub = subscriptions_pb2_grpc.SubscriptionsStub(channel)  # type: ignore[no-untyped-call]
    made = Serving(database, writer, key, clock, server, channel, stub)
    if numbers is not None:
        made._commands = numbers
    try:
        yield made
    finally:
        await channel.close(None)
        await server.stop(0)
        news.cancel()
        await asyncio.gather(news, return_exceptions=True)
        await followed.store.close()
        await reader.close()
        await writer.close()
