"""The role command-service: the log's writer behind gRPC."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.keys.subjects import SubjectKeys
from adapters.keys.venue import VenueSecrets
from adapters.postgres.keys import subject_keys
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.snapshots import require_not_ahead
from adapters.postgres.venue_keys import venue_secrets
from adapters.proto.v1 import (
    brackets_pb2,
    brackets_pb2_grpc,
    orders_pb2,
    orders_pb2_grpc,
    risk_pb2,
    risk_pb2_grpc,
    settings_pb2,
    settings_pb2_grpc,
    strategies_pb2,
    strategies_pb2_grpc,
    users_pb2,
    users_pb2_grpc,
    venue_keys_pb2,
    venue_keys_pb2_grpc,
    venues_pb2,
    venues_pb2_grpc,
)
from adapters.rpc.bracket_server import BracketCommands
from adapters.rpc.command_server import (
    CommandHandlers,
    InstrumentCommands,
    OrderCommands,
    ReferencePrices,
)
from adapters.rpc.reference_prices import MarketPrices
from adapters.rpc.risk_server import RiskCommands
from adapters.rpc.serving import RpcServer, service_names, verifier, watched
from adapters.rpc.settings_server import AccountSettings
from adapters.rpc.strategy_server import StrategyCommands
from adapters.rpc.user_server import UserCommands
from adapters.rpc.venue_key_server import VenueKeyCommands
from adapters.rpc.venue_server import VenueReports
from adapters.telemetry import metrics
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock, LogError, SnapshotAhead

_GRACE_SECONDS: Final = 10.0
_SERVED: Final = (
    orders_pb2, risk_pb2, venues_pb2, users_pb2, venue_keys_pb2, settings_pb2, strategies_pb2,
    brackets_pb2,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommandServiceOptions:
    """What a command service needs to know."""

    log_url: str
    """Address of the log's database for the role patriot_append."""
    brokers: str
    public_key: str
    """PEM of the key that tokens are signed with."""
    address: str = "127.0.0.1:8004"
    reflection: bool = False
    revoked_tokens: str = ""
    """File with the `jti` of revoked tokens, one a line; empty means that there is none."""
    keys_url: str = ""
    """Address of the log's database for the role patriot_keys; empty means no personal data."""
    master_key: str = field(default="", repr=False)
    second_person: bool = True
    """Whether looser limits and the end of a halt wait for another person's approval."""
    engine: EngineOptions = field(default_factory=EngineOptions)


async def run_command_service(
    options: CommandServiceOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Serve until told to stop; raises LogUnsafe, LogUnavailable or CannotListen at the start.

    Raises SnapshotAhead at any time: on an older log that was restored no command may be decided.
    """
    log = PostgresEventLog(options.log_url)
    prices = MarketPrices(options.brokers)
    engine = CommandEngine(log, clock, options.engine, observe=_observe)
    keys = subject_keys(options.keys_url, options.master_key)
    secrets = venue_secrets(options.keys_url, options.master_key)
    server = build(engine, prices, options, clock, keys, secrets)
    await log.open()
    await require_not_ahead(log)
    prices.start()
    metrics.COMMAND_QUEUE.set_function(lambda: engine.depth)
    try:
        if keys is not None:
            await keys.open()
        if secrets is not None:
            await secrets.open()
        engine.start()
        await server.start(service_names(*_SERVED))
        await watched(lambda: _trouble(log), status, stop)
    finally:
        # Calls first, so that what they wait for is still being committed; then the engine.
        await server.stop(_GRACE_SECONDS)
        await engine.stop()
        prices.stop()
        if keys is not None:
            await keys.close()
        if secrets is not None:
            await secrets.close()
        await log.close()


async def _trouble(log: PostgresEventLog) -> str:
    """Why no command can be recorded now, or an empty text; raises SnapshotAhead."""
    try:
        await require_not_ahead(log)
    except SnapshotAhead:
        raise
    except LogError as error:
        return str(error)
    return ""


def build(
    engine: CommandEngine,
    prices: ReferencePrices,
    options: CommandServiceOptions,
    clock: Clock,
    keys: SubjectKeys | None = None,
    secrets: VenueSecrets | None = None,
) -> RpcServer:
    """The server with its handlers, not yet listening; raises WrongKey."""
    checks = verifier(options.public_key, clock, options.revoked_tokens)
    server = RpcServer(options.address, checks, reflect=options.reflection)
    handlers = CommandHandlers(engine, prices)
    add = (
        (orders_pb2_grpc.add_OrderCommandsServicer_to_server, OrderCommands),
        (risk_pb2_grpc.add_InstrumentCommandsServicer_to_server, InstrumentCommands),
        (venues_pb2_grpc.add_VenueReportsServicer_to_server, VenueReports),
        (strategies_pb2_grpc.add_StrategyCommandsServicer_to_server, StrategyCommands),
        (brackets_pb2_grpc.add_BracketCommandsServicer_to_server, BracketCommands),
    )
    for register, servicer in add:
        register(servicer(handlers), server.server)  # type: ignore[no-untyped-call]
    settings = AccountSettings(handlers)
    settings_pb2_grpc.add_AccountSettingsServicer_to_server(settings, server.server)  # type: ignore[no-untyped-call]
    risk = RiskCommands(handlers, second_person=options.second_person)
    risk_pb2_grpc.add_RiskCommandsServicer_to_server(risk, server.server)  # type: ignore[no-untyped-call]
    users = UserCommands(handlers, keys)
    users_pb2_grpc.add_UserCommandsServicer_to_server(users, server.server)  # type: ignore[no-untyped-call]
    venue_keys = VenueKeyCommands(handlers, keys, secrets)
    venue_keys_pb2_grpc.add_VenueKeyCommandsServicer_to_server(venue_keys, server.server)  # type: ignore[no-untyped-call]
    return server


def _observe(size: int, seconds: float) -> None:
    metrics.COMMIT_COMMANDS.observe(size)
    metrics.COMMIT_SECONDS.observe(seconds)
