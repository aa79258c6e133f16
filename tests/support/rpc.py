"""Both gRPC services on real ports of this machine, and short words for calling them.

The log is the one in memory; the read models are whatever pool a test brings. Methods and their
messages come from the descriptors, so that a test over "every RPC" cannot forget a new one.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.keys.subjects import SubjectKeys
from adapters.keys.venue import VenueSecrets
from adapters.memory.keys import MemorySubjectKeys
from adapters.memory.log import MemoryEventLog
from adapters.memory.venue_keys import MemoryVenueKeys
from adapters.proto.v1 import (
    bracket_queries_pb2,
    brackets_pb2,
    common_pb2,
    instrument_queries_pb2,
    log_pb2,
    orders_pb2,
    queries_pb2,
    risk_pb2,
    risk_queries_pb2,
    settings_pb2,
    strategies_pb2,
    strategy_queries_pb2,
    subscriptions_pb2,
    user_queries_pb2,
    users_pb2,
    venue_key_queries_pb2,
    venue_keys_pb2,
    venues_pb2,
)
from adapters.rpc import command_service, query_service
from adapters.rpc.command_service import CommandServiceOptions
from adapters.rpc.query_server import Pool, read_pool
from adapters.rpc.query_service import Followed, QueryServiceOptions
from adapters.rpc.serving import RpcServer, service_names
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from domain.ports import EventLog
from tests.support import rpc_margin
from tests.support.rpc_brackets import bracket_examples
from tests.support.rpc_governance import governance_examples
from tests.support.rpc_life import CONTENTS, external, life_batches, life_examples
from tests.support.rpc_strategies import strategy_examples
from tests.support.rpc_time import TIME, FixedPrices, MovableClock
from tests.support.rpc_users import membership_examples
from tests.support.rpc_venue_keys import venue_key_examples
from tests.support.subscription_examples import subscription_examples
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, SUSHI

COMMANDS: Final = (
    orders_pb2, risk_pb2, venues_pb2, users_pb2, venue_keys_pb2, settings_pb2, strategies_pb2,
    brackets_pb2,
)  # fmt: skip
QUERIES: Final = (
    queries_pb2, log_pb2, subscriptions_pb2, user_queries_pb2, instrument_queries_pb2,
    venue_key_queries_pb2, strategy_queries_pb2, risk_queries_pb2, bracket_queries_pb2,
)  # fmt: skip
EVERY_ROLE: Final = ("trader", "risk_manager", "operator", "auditor", "service")
list_instrument: Final = rpc_margin.list_instrument
ORDER: Final = "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11"


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC as its descriptor tells it."""

    path: str
    descriptor: MethodDescriptor

    @property
    def name(self) -> str:
        """For example PlaceOrder."""
        return str(self.descriptor.name)

    @property
    def request(self) -> type[Message]:
        """Class of the request."""
        return GetMessageClass(self.descriptor.input_type)

    @property
    def response(self) -> type[Message]:
        """Class of the response."""
        return GetMessageClass(self.descriptor.output_type)


def _methods(modules: Sequence[ModuleType]) -> dict[str, Method]:
    return {
        method.name: Method(f"/{service.full_name}/{method.name}", method)
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


METHODS: Final = _methods((*COMMANDS, *QUERIES))
_OF_COMMANDS: Final = frozenset(_methods(COMMANDS))


@dataclass
class Services:
    """Both services, running."""

    log: EventLog
    engine: CommandEngine
    clock: MovableClock
    private_key: str
    commands: RpcServer
    queries: RpcServer
    channels: dict[int, grpc.aio.Channel] = field(default_factory=dict)

    def token(
        self,
        accounts: Sequence[str] = (ACCOUNT,),
        roles: Sequence[str] = EVERY_ROLE,
        seconds: int = 3600,
        subject: str = "tester",
        **extra: Any,
    ) -> str:
        """A token that holds."""
        grant = Grant(subject, tuple(accounts), tuple(roles), seconds)
        return mint(self.private_key, grant, now=self.clock.now() // 1_000_000, **extra)

    def port_of(self, method: str) -> int:
        """Where an RPC is served."""
        return self.commands.port if method in _OF_COMMANDS else self.queries.port

    def channel(self, method: str) -> grpc.aio.Channel:
        """A channel to the service of an RPC, opened once."""
        port = self.port_of(method)
        if port not in self.channels:
            self.channels[port] = grpc.aio.insecure_channel(
                f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)]
            )
        return self.channels[port]

    def open(
        self,
        name: str,
        requests: Sequence[Message | bytes],
        metadata: Sequence[tuple[str, str | bytes]],
        *,
        timeout: float | None = 10,
    ) -> Any:
        """A call on its way, of whatever kind the RPC is."""
        method = METHODS[name]
        channel = self.channel(name)
        streams_in = method.descriptor.client_streaming
        streams_out = method.descriptor.server_streaming
        make: Any = {
            (False, False): channel.unary_unary,
            (False, True): channel.unary_stream,
            (True, True): channel.stream_stream,
        }[streams_in, streams_out]
        start = make(
            method.path,
            request_serializer=lambda sent: (
                sent if isinstance(sent, bytes) else sent.SerializeToString()
            ),
            response_deserializer=method.response.FromString,
        )
        sent: Any = iter(requests) if streams_in else requests[0]
        return start(sent, metadata=tuple(metadata), timeout=timeout)

    def open_stream(self, token: str) -> Any:
        """A stream of batches that stays open; write() batches, read() answers."""
        method = METHODS["SubmitCommands"]
        start: Any = self.channel(method.name).stream_stream(
            method.path, method.request.SerializeToString, method.response.FromString
        )
        return start(metadata=(("authorization", f"Bearer {token}"),))

    async def call(
        self,
        name: str,
        *requests: Message | bytes,
        token: str | None = None,
        metadata: Sequence[tuple[str, str | bytes]] | None = None,
    ) -> list[Any]:
        """All answers of one call; raises grpc.aio.AioRpcError."""
        if metadata is None:
            metadata = [("authorization", f"Bearer {token or self.token()}")]
        under_way = self.open(name, requests, metadata)
        if METHODS[name].descriptor.server_streaming:
            return [answer async for answer in under_way]
        return [await under_way]

    async def refusal(
        self,
        name: str,
        *requests: Message | bytes,
        token: str | None = None,
        metadata: Sequence[tuple[str, str | bytes]] | None = None,
    ) -> grpc.aio.AioRpcError:
        """The error of a call that must fail."""
        try:
            answers = await self.call(name, *requests, token=token, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError(f"{name} was answered: {answers}")

    async def written(self) -> int:
        """Events in the log."""
        return (await self.log.head()).number


@asynccontextmanager
async def services(
    *,
    log: EventLog | None = None,
    pool: "Pool | None" = None,
    engine_options: EngineOptions | None = None,
    reflection: bool = False,
    revoked_tokens: str = "",
    keys: SubjectKeys | None = None,
    secrets: VenueSecrets | None = None,
    without_keys: bool = False,
    second_person: bool = False,
) -> AsyncIterator[Services]:
    """Both services for one test; what needs a database without one is only refused."""
    if log is None:
        log = memory = MemoryEventLog()
        keys = None if without_keys else MemorySubjectKeys(memory)
        secrets = None if without_keys else secrets or MemoryVenueKeys(memory)
    clock = MovableClock()
    key = create_key()
    engine = CommandEngine(log, clock, engine_options)
    here = "127.0.0.1:0"
    commands = command_service.build(
        engine,
        FixedPrices(),
        CommandServiceOptions(
            "",
            "",
            public_key(key),
            here,
            reflection=reflection,
            revoked_tokens=revoked_tokens,
            second_person=second_person,
        ),
        clock,
        keys,
        secrets,
    )
    queries = query_service.build(
        log,
        pool or read_pool(""),
        QueryServiceOptions("", "", public_key(key), here, reflection=reflection),
        clock,
        followed=Followed.to("", ""),
        keys=keys,
    )
    engine.start()
    await commands.start(service_names(*COMMANDS))
    await queries.start(service_names(*QUERIES))
    running = Services(log, engine, clock, key, commands, queries)
    try:
        yield running
    finally:
        for channel in running.channels.values():
            await channel.close(None)
        await commands.stop(0)
        await queries.stop(0)
        await engine.stop()


def trailing(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    """The metadata that came with an error."""
    found: Any = error.trailing_metadata() or ()
    return dict(found)


def fresh() -> str:
    """A command id or order id that was never used."""
    return str(uuid4())


def place(**changes: Any) -> orders_pb2.PlaceOrderRequest:
    """An order that is admitted once limits and the instrument are known."""
    fields: dict[str, Any] = {
        "command_id": fresh(),
        "account_id": ACCOUNT,
        "order_id": fresh(),
        "instrument": SUSHI,
        "side": common_pb2.SIDE_BUY,
        "type": common_pb2.ORDER_TYPE_LIMIT,
        "time_in_force": common_pb2.TIME_IN_FORCE_GTC,
        "quantity": "10",
        "price": "8",
    }
    return orders_pb2.PlaceOrderRequest(**{**fields, **changes})


def cancel(order_id: str, **changes: Any) -> orders_pb2.CancelOrderRequest:
    """A cancel."""
    fields = {"command_id": fresh(), "account_id": ACCOUNT, "order_id": order_id}
    return orders_pb2.CancelOrderRequest(**{**fields, **changes})


def set_limits(**changes: Any) -> risk_pb2.SetLimitsRequest:
    """Limits that stop nothing."""
    fields: dict[str, Any] = {
        "command_id": fresh(),
        "account_id": ACCOUNT,
        "limits": risk_pb2.Limits(currency="USDT", open_orders=100_000),
    }
    return risk_pb2.SetLimitsRequest(**{**fields, **changes})


def report(kind: str, order_id: str = ORDER, account: str = ACCOUNT) -> venues_pb2.Report:
    """A venue's report of one kind."""
    content: dict[str, Message] = {
        "accepted": venues_pb2.Acceptance(venue_order_id="v-1"),
        "rejected": venues_pb2.Rejection(reason="no margin"),
        "filled": venues_pb2.Fill(
            execution_id="e-1",
            side=common_pb2.SIDE_BUY,
            price="8",
            quantity="1",
            fee="0.01",
            fee_currency="USDT",
            liquidity=venues_pb2.LIQUIDITY_TAKER,
            kind=venues_pb2.EXECUTION_KIND_TRADE,
            position_side=common_pb2.POSITION_SIDE_NET,
        ),
        "cancelled": venues_pb2.Cancellation(),
        "cancel_rejected": venues_pb2.CancelRejection(reason="unknown order"),
        "expired": venues_pb2.Expiry(reason="immediate or cancel"),
        "triggered": venues_pb2.Triggering(price="7.5"),
        **CONTENTS,
    }
    made = venues_pb2.Report(
        command_id=fresh(), account_id=account, order_id=order_id, instrument=SUSHI, venue_time=TIME
    )
    getattr(made, kind).CopyFrom(content[kind])
    return made


REPORTS: Final = (
    "accepted", "rejected", "filled", "cancelled", "cancel_rejected", "expired", "triggered",
    *CONTENTS,
)  # fmt: skip


def examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC, each optional part in one of them."""
    at_start = common_pb2.Position(shard=0, number=0)
    placing = place(account_id=account, strategy_id=fresh())
    cancelling = cancel(ORDER, account_id=account)
    batch = [
        orders_pb2.CommandBatch(commands=[orders_pb2.OrderCommand(place=placing)]),
        orders_pb2.CommandBatch(commands=[orders_pb2.OrderCommand(cancel=cancelling)]),
    ]
    batch += life_batches(ORDER, account)
    reports = [*(report(kind, account=account) for kind in REPORTS), external(account)]
    return {
        "PlaceOrder": [placing],
        "CancelOrder": [cancelling],
        "SubmitCommands": [*batch],
        **governance_examples(account),
        **life_examples(ORDER, account),
        "ListInstrument": [list_instrument()],
        **rpc_margin.margin_examples(account),
        "RecordReports": [venues_pb2.ReportBatch(reports=[one]) for one in reports],
        "ListOrders": [queries_pb2.ListOrdersRequest(account_id=account)],
        "ListPositions": [queries_pb2.AccountRequest(account_id=account)],
        "ListVirtualPositions": [queries_pb2.AccountRequest(account_id=account)],
        "ListCash": [queries_pb2.AccountRequest(account_id=account)],
        "GetRisk": [queries_pb2.AccountRequest(account_id=account)],
        **membership_examples(account),
        **venue_key_examples(account),
        **strategy_examples(account),
        **bracket_examples(ORDER, account),
        "ReadStream": [log_pb2.ReadStreamRequest(account_id=account, stream_id=ORDER)],
        "ReadAll": [log_pb2.ReadAllRequest(account_id=account, after=at_start)],
        "Subscribe": [log_pb2.SubscribeRequest(account_id=account, after=at_start)],
        **subscription_examples(account),
    }


async def prepare(running: Services) -> None:
    """Make the instrument and the limits of both accounts known."""
    everything = running.token(("*",))
    await running.call("ListInstrument", list_instrument(), token=everything)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        await running.call("SetLimits", set_limits(account_id=account), token=everything)
