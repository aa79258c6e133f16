"""One command for each role: read the environment, run until SIGTERM, answer health checks."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import click
import uvloop

from adapters import collector
from adapters.clock import SystemClock
from adapters.rpc.command_service import CommandServiceOptions, run_command_service
from adapters.rpc.query_service import QueryServiceOptions, run_query_service
from adapters.settings import Environment, SettingsError
from adapters.telemetry import logs
from adapters.telemetry.http import Health, HealthServer
from adapters.telemetry.status import RoleStatus
from domain.ids import AccountId, parse_instrument, parse_uuid
from domain.ports import Clock
from domain.registry import Unknown

Work = Callable[[Clock, asyncio.Event, RoleStatus], Awaitable[None]]

_APPROVALS: Final = ("second_person", "none")
_WORKERS: Final = ("projections", "market", "execution")


@click.command()
def command_service() -> None:
    """Commands over gRPC.

    DATABASE_URL, KAFKA_BROKERS, JWT_PUBLIC_KEY, PATRIOT_GRPC_HOST and _PORT, PATRIOT_HTTP_PORT,
    PATRIOT_REVOKED_TOKENS; for personal data KEYS_DATABASE_URL and PATRIOT_MASTER_KEY;
    PATRIOT_APPROVALS: second_person (if not given) or none.
    """
    environment = _environment()
    options = CommandServiceOptions(
        log_url=environment.text("DATABASE_URL"),
        brokers=environment.text("KAFKA_BROKERS"),
        public_key=environment.text("JWT_PUBLIC_KEY"),
        address=_address(environment, 8004),
        reflection=environment.switch("PATRIOT_REFLECTION", default=False),
        revoked_tokens=environment.text("PATRIOT_REVOKED_TOKENS", ""),
        keys_url=environment.text("KEYS_DATABASE_URL", ""),
        master_key=environment.text("PATRIOT_MASTER_KEY", ""),
        second_person=environment.choice("PATRIOT_APPROVALS", _APPROVALS) == _APPROVALS[0],
    )
    collector.spare()
    serve(
        "command-service",
        environment,
        lambda clock, stop, status: run_command_service(options, clock, stop, status),
    )


@click.command()
def query_service() -> None:
    """Read models and the log over gRPC.

    DATABASE_URL, DATABASE_READONLY_URL, SUBSCRIPTION_DATABASE_URL, JWT_PUBLIC_KEY,
    PATRIOT_GRPC_HOST and _PORT, PATRIOT_HTTP_PORT, PATRIOT_REVOKED_TOKENS.
    """
    environment = _environment()
    options = QueryServiceOptions(
        log_url=environment.text("DATABASE_URL"),
        read_url=environment.text("DATABASE_READONLY_URL"),
        public_key=environment.text("JWT_PUBLIC_KEY"),
        address=_address(environment, 8002),
        reflection=environment.switch("PATRIOT_REFLECTION", default=False),
        revoked_tokens=environment.text("PATRIOT_REVOKED_TOKENS", ""),
        subscriptions_url=environment.text("SUBSCRIPTION_DATABASE_URL", ""),
        keys_url=environment.text("KEYS_DATABASE_URL", ""),
        master_key=environment.text("PATRIOT_MASTER_KEY", ""),
    )
    serve(
        "query-service",
        environment,
        lambda clock, stop, status: run_query_service(options, clock, stop, status),
    )


@click.command()
def head_signer() -> None:
    """Sign the log's head on a schedule, and keep it outside the database.

    DATABASE_URL (role patriot_tail), PATRIOT_SIGNING_KEY (Ed25519, PEM), PATRIOT_HEADS (a folder),
    PATRIOT_SIGN_SECONDS, PATRIOT_HTTP_PORT.
    """
    from adapters.audit.heads import SigningKey  # noqa: PLC0415
    from adapters.audit.signer import HeadSignerOptions, run_head_signer  # noqa: PLC0415
    from adapters.audit.store import HeadFolder  # noqa: PLC0415

    environment = _environment()
    options = HeadSignerOptions(
        log_url=environment.text("DATABASE_URL"),
        key=SigningKey(environment.secret("PATRIOT_SIGNING_KEY")),
        store=HeadFolder(Path(environment.text("PATRIOT_HEADS"))),
        seconds=environment.number("PATRIOT_SIGN_SECONDS", 60, least=1, most=86_400),
    )
    serve(
        "head-signer",
        environment,
        lambda clock, stop, status: run_head_signer(options, clock, stop, status),
    )


@click.command()
def relay() -> None:
    """Carry the log to Kafka; of several, one works and the others wait.

    DATABASE_URL, KAFKA_BROKERS, PATRIOT_HTTP_PORT.
    """
    from streams.relay_role import RelayOptions, run_relay  # noqa: PLC0415

    environment = _environment()
    options = RelayOptions(environment.text("DATABASE_URL"), environment.text("KAFKA_BROKERS"))
    serve("relay", environment, lambda clock, stop, status: run_relay(options, clock, stop, status))


@click.command()
@click.argument("kind", type=click.Choice(_WORKERS))
def worker(kind: str) -> None:
    """Faust agents of one KIND.

    PROJECTION_DATABASE_URL, KAFKA_BROKERS, PATRIOT_HTTP_PORT; market and execution:
    COMMAND_SERVICE_ADDRESS and SERVICE_TOKEN; execution: VENUE_ADDRESS; projections:
    PATRIOT_UNKNOWN_EVENTS=skip in the old colour of a blue/green release, to pass by what only the
    new one knows (stop is the default).
    """
    from streams.kinds import WorkerKind, WorkerOptions  # noqa: PLC0415
    from streams.worker import run_worker  # noqa: PLC0415

    environment = _environment()
    options = WorkerOptions(
        kind=WorkerKind(kind),
        bootstrap=environment.text("KAFKA_BROKERS"),
        read_dsn=environment.text("PROJECTION_DATABASE_URL"),
        command_address=environment.text("COMMAND_SERVICE_ADDRESS", ""),
        venue_address=environment.text("VENUE_ADDRESS", ""),
        service_token=lambda: environment.text("SERVICE_TOKEN", ""),
        unknown=_unknown(environment),
    )
    serve(
        f"worker-{kind}",
        environment,
        lambda clock, stop, status: run_worker(options, clock, stop, status),
    )


@click.command()
def market_data() -> None:
    """Replay recorded market data.

    KAFKA_BROKERS, PATRIOT_MARKET_SPEED (1 is as recorded), PATRIOT_HTTP_PORT.
    """
    from streams.ingest import IngestOptions, run_market_data  # noqa: PLC0415

    environment = _environment()
    options = IngestOptions(
        brokers=environment.text("KAFKA_BROKERS"),
        speed=environment.number("PATRIOT_MARKET_SPEED", 1, least=1, most=1000),
    )
    serve(
        "market-data",
        environment,
        lambda clock, stop, status: run_market_data(options, clock, stop, status),
    )


@click.command()
def simulated_venue() -> None:
    """The simulated exchange.

    KAFKA_BROKERS, COMMAND_SERVICE_ADDRESS, SERVICE_TOKEN, PATRIOT_VENUE_STORE, PATRIOT_GRPC_HOST
    and _PORT, PATRIOT_HTTP_PORT.
    """
    from adapters.simulated.role import VenueOptions, run_simulated_venue  # noqa: PLC0415

    environment = _environment()
    options = VenueOptions(
        brokers=environment.text("KAFKA_BROKERS"),
        command_address=environment.text("COMMAND_SERVICE_ADDRESS"),
        token=environment.secret("SERVICE_TOKEN"),
        store=environment.text("PATRIOT_VENUE_STORE"),
        address=_address(environment, 8010),
    )
    serve(
        "simulated-venue",
        environment,
        lambda clock, stop, status: run_simulated_venue(options, clock, stop, status),
    )


@click.command()
def follow() -> None:
    """Copies strategies for their followers; of several, the first to ask makes a copy.

    DATABASE_URL (role patriot_follow), COMMAND_SERVICE_ADDRESS, SERVICE_TOKEN,
    PATRIOT_FOLLOW_NAME, PATRIOT_HTTP_PORT.
    """
    from adapters.following.worker import FollowOptions, run_follow  # noqa: PLC0415

    environment = _environment()
    options = FollowOptions(
        log_url=environment.text("DATABASE_URL"),
        command_address=environment.text("COMMAND_SERVICE_ADDRESS"),
        token=environment.secret("SERVICE_TOKEN"),
        name=environment.text("PATRIOT_FOLLOW_NAME", "follow"),
    )
    serve(
        "follow", environment, lambda clock, stop, status: run_follow(options, clock, stop, status)
    )


@click.command()
def strategy() -> None:
    """The demonstration strategy.

    KAFKA_BROKERS, COMMAND_SERVICE_ADDRESS, STRATEGY_TOKEN, PATRIOT_ACCOUNTS, PATRIOT_INSTRUMENTS,
    PATRIOT_HTTP_PORT.
    """
    from adapters.strategy.runner import StrategyOptions, run_strategy  # noqa: PLC0415

    environment = _environment()
    accounts = environment.text("PATRIOT_ACCOUNTS").split(",")
    instruments = environment.text("PATRIOT_INSTRUMENTS").split(",")
    options = StrategyOptions(
        brokers=environment.text("KAFKA_BROKERS"),
        command_address=environment.text("COMMAND_SERVICE_ADDRESS"),
        token=environment.secret("STRATEGY_TOKEN"),
        accounts=tuple(AccountId(parse_uuid(text)) for text in accounts),
        instruments=tuple(parse_instrument(text) for text in instruments),
        seed=environment.number("PATRIOT_SEED", 1),
    )
    serve(
        "strategy",
        environment,
        lambda clock, stop, status: run_strategy(options, clock, stop, status),
    )


def _environment() -> Environment:
    return Environment(dict(os.environ))


def _address(environment: Environment, port: int) -> str:
    host = environment.text("PATRIOT_GRPC_HOST", "127.0.0.1")
    return f"{host}:{environment.port('PATRIOT_GRPC_PORT', port)}"


def _unknown(environment: Environment) -> Unknown:
    text = environment.text("PATRIOT_UNKNOWN_EVENTS", Unknown.STOP.value)
    try:
        return Unknown(text)
    except ValueError:
        message = f"PATRIOT_UNKNOWN_EVENTS must be stop or skip, was {text!r}"
        raise SettingsError(message) from None


def serve(name: str, environment: Environment, work: Work) -> None:
    """Run a role with its logs, health and signals; the first SIGTERM or Ctrl-C asks it to end."""
    logs.configure(name, name, environment.text("LOG_LEVEL", "INFO").upper())
    uvloop.run(_until_stopped(environment, work))


async def _until_stopped(environment: Environment, work: Work) -> None:
    status = RoleStatus()
    health = Health(dead=lambda: status.dead, unready=lambda: status.unready)
    host = environment.text("PATRIOT_HTTP_HOST", "127.0.0.1")
    server = HealthServer(host, environment.port("PATRIOT_HTTP_PORT", 9100), health)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    beating = asyncio.create_task(health.beat())
    try:
        await work(SystemClock(), stop, status)
    finally:
        beating.cancel()
        server.close()
