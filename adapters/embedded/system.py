"""The whole system on this machine: two servers, every role, one order of starting and stopping.

Servers first, then migrations and passwords, then the roles from the log outwards; stopping goes
the other way round, so nothing is cut off from what it writes to.
"""

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.embedded import paths
from adapters.embedded.downloads import Servers, fetch
from adapters.embedded.folder import DataFolder, opened
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import free_port, require_free
from adapters.embedded.seed import ACCOUNTS, INSTRUMENTS, seed
from adapters.embedded.supervisor import Role, Supervisor
from adapters.keys.master import create_master_key
from adapters.postgres.migrate import migrate, set_role_password
from adapters.rpc.tokens import Grant, create_key, mint, public_key

LOG_DATABASE: Final = "patriot_log"
READ_DATABASE: Final = "patriot_read"
_LOG_ROLES: Final = (
    "patriot_append",
    "patriot_tail",
    "patriot_snapshot",
    "patriot_subscribe",
    "patriot_follow",
    "patriot_keys",
    "patriot_unlock",
    "patriot_venue",
    "patriot_rekey",
)
_READ_ROLES: Final = ("patriot_project", "patriot_read")
_SERVICE_SECONDS: Final = 365 * 86_400
_TRADER_SECONDS: Final = 86_400
_SIGNING_KEY: Final = "audit_key.pem"
_SIGN_SECONDS: Final = "10"

# In the order of starting: each needs only what stands before it.
_ORDER: Final = (
    "command-service",
    "head-signer",
    "snapshots",
    "query-service",
    "relay",
    "worker-projections",
    "worker-market",
    "market-data",
    "simulated-venue",
    "worker-execution",
    "follow",
    "strategy",
)
_ARGUMENTS: Final[dict[str, Sequence[str]]] = {
    "snapshots": ("snapshots", "follow"),
    "worker-projections": ("worker", "projections"),
    "worker-market": ("worker", "market"),
    "worker-execution": ("worker", "execution"),
}
"""What comes behind `patriot` to start a role, where that is not its name."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the embedded system; each can be set by its variable."""

    postgres: int = 15_432
    kafka: int = 19_092
    kafka_controller: int = 19_093
    command: int = 8_004
    query: int = 8_002
    venue: int = 8_010
    http: int = 9_100
    """First of the ports for health and metrics, one a role."""

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody uses at this moment, for tests."""
        return cls(
            postgres=free_port(),
            kafka=free_port(),
            kafka_controller=free_port(),
            command=free_port(),
            query=free_port(),
            venue=free_port(),
            http=_free_range(len(_ORDER)),
        )


def _free_range(count: int) -> int:
    """The first of `count` neighbouring ports that are all free."""
    found: list[int] = []
    while len(found) < count:
        port = free_port()
        found = [*found, port] if found and port == found[-1] + 1 else [port]
    return found[0]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who starts the system can choose."""

    data: Path
    cache: Path
    ports: Ports = field(default_factory=Ports)
    speed: str = "1"
    """Of the market replay; 1 is as recorded."""
    log_level: str = "INFO"
    extra: Mapping[str, str] = field(default_factory=dict)
    """Variables for every role, such as faults for the venue."""


class EmbeddedSystem:
    """start() it, use `addresses`, restart() what was killed, stop() it."""

    def __init__(self, choices: Choices, report: Callable[[str], None]) -> None:
        self.choices = choices
        self._report = report
        self._owned = ExitStack()
        self.supervisor = Supervisor(choices.data / "logs", report)
        self._roles: dict[str, Role] = {}
        self._private_key = ""
        self._password = ""
        self.postgres: EmbeddedPostgres | None = None
        self.kafka: EmbeddedKafka | None = None

    async def start(self, *, without: frozenset[str] = frozenset()) -> None:
        """Start everything but the roles in `without`; raises an EmbeddedError."""
        programs = await asyncio.to_thread(fetch, paths.POM, self.choices.cache, self._report)
        folder = self._owned.enter_context(opened(self.choices.data))
        self._require_ports()
        self._password = folder.secret("postgres", lambda: secrets.token_urlsafe(24))
        self._private_key = folder.secret("token_key.pem", create_key)
        folder.secret(_SIGNING_KEY, create_key)
        folder.secret("master_key", create_master_key)
        await self._start_servers(programs)
        await self._prepare_databases()
        self._roles = {role.name: role for role in self._plan(folder)}
        for name in _ORDER:
            if name not in without:
                await self.supervisor.start(self._roles[name])
            if name == "command-service":
                self._report("listing instruments and setting limits")
                address = f"127.0.0.1:{self.choices.ports.command}"
                await seed(address, self.token("operator"), self.token("second_operator"))

    async def restart(self, name: str) -> None:
        """Start a role or a server again that has ended."""
        if name == "PostgreSQL" and self.postgres is not None:
            await self.postgres.start()
            self.supervisor.add(self.postgres.child)
        elif name == "Kafka" and self.kafka is not None:
            await self.kafka.start()
            self.supervisor.add(self.kafka.child)
        else:
            await self.supervisor.start(self._roles[name])

    async def stop(self) -> None:
        """Stop in order; the data stays for the next start."""
        await self.supervisor.stop()
        self._owned.close()

    def token(self, kind: str) -> str:
        """A bearer token signed with this folder's key: a trader, either operator, a service."""
        grants = {
            "trader": Grant("demo-trader", tuple(ACCOUNTS), ("trader",), _TRADER_SECONDS),
            "operator": Grant(
                "operator", ("*",), ("operator", "risk_manager", "auditor"), _TRADER_SECONDS
            ),
            "second_operator": Grant(
                "second-operator", ("*",), ("operator", "risk_manager"), _TRADER_SECONDS
            ),
            "service": Grant("service", ("*",), ("service",), _SERVICE_SECONDS),
            "trader_of_all": Grant("trader-of-all", ("*",), ("trader",), _TRADER_SECONDS),
            "strategy": Grant("demo-strategy", tuple(ACCOUNTS), ("trader",), _SERVICE_SECONDS),
        }
        return mint(self._private_key, grants[kind], now=int(time.time()))

    def log_url(self, role: str = "patriot_tail") -> str:
        """Address of the log's database for a service role."""
        assert self.postgres is not None
        return self.postgres.url(LOG_DATABASE, role, self._password)

    def read_url(self, role: str = "patriot_read") -> str:
        """Address of the read models' database for a service role."""
        assert self.postgres is not None
        return self.postgres.url(READ_DATABASE, role, self._password)

    @property
    def heads(self) -> Path:
        """Where the signed heads of the log are kept."""
        return self.choices.data / "audit"

    @property
    def http_ports(self) -> range:
        """Ports for health and metrics, in the order of starting."""
        return range(self.choices.ports.http, self.choices.ports.http + len(_ORDER))

    def role(self, name: str) -> Role:
        """What is known of a role after start()."""
        return self._roles[name]

    def _require_ports(self) -> None:
        ports = self.choices.ports
        require_free(ports.command, "the command service", "PATRIOT_COMMAND_PORT")
        require_free(ports.query, "the query service", "PATRIOT_QUERY_PORT")
        require_free(ports.venue, "the simulated venue", "PATRIOT_VENUE_PORT")
        for number in self.http_ports:
            require_free(number, "health and metrics", "PATRIOT_HTTP_PORT")

    async def _start_servers(self, programs: Servers) -> None:
        ports, data = self.choices.ports, self.choices.data
        self._report("starting PostgreSQL")
        self.postgres = EmbeddedPostgres(
            programs.postgres, data / "postgres", ports.postgres, self._password
        )
        await self.postgres.start()
        self.supervisor.add(self.postgres.child)
        self._report("starting Kafka")
        self.kafka = EmbeddedKafka(programs, data / "kafka", ports.kafka, ports.kafka_controller)
        await self.kafka.start()
        self.supervisor.add(self.kafka.child)

    async def _prepare_databases(self) -> None:
        assert self.postgres is not None
        for name, migrations, roles in (
            (LOG_DATABASE, "eventlog", _LOG_ROLES),
            (READ_DATABASE, "readmodel", _READ_ROLES),
        ):
            await self.postgres.create_database(name)
            applied = await migrate(self.postgres.url(name), paths.MIGRATIONS / migrations)
            if applied:
                self._report(f"applied {len(applied)} migrations to {name}")
            for role in roles:
                await set_role_password(self.postgres.url(name), role, self._password)

    def _plan(self, folder: DataFolder) -> list[Role]:
        """Every role with its environment; secrets go by file, never by argument."""
        common, own = self._common(folder), self._own(folder)
        service = {
            "SERVICE_TOKEN_FILE": str(folder.write_secret("service.token", self.token("service")))
        }
        worker = {**service, "PROJECTION_DATABASE_URL": self.read_url("patriot_project")}
        own["simulated-venue"].update(service)
        roles = []
        for number, name in enumerate(_ORDER):
            arguments = _ARGUMENTS.get(name, (name,))
            http = self.choices.ports.http + number
            environment = {**common, "PATRIOT_HTTP_PORT": str(http), **own.get(name, worker)}
            roles.append(Role(name, arguments, environment, http))
        return roles

    def _common(self, folder: DataFolder) -> dict[str, str]:
        """What every role is told."""
        ports = self.choices.ports
        public = folder.write_secret("token_public.pem", public_key(self._private_key))
        assert self.kafka is not None
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C.UTF-8",
            "PYTHONSAFEPATH": "1",
            "KAFKA_BROKERS": self.kafka.brokers,
            "LOG_LEVEL": self.choices.log_level,
            "JWT_PUBLIC_KEY_FILE": str(public),
            "COMMAND_SERVICE_ADDRESS": f"127.0.0.1:{ports.command}",
            "VENUE_ADDRESS": f"127.0.0.1:{ports.venue}",
            "PATRIOT_REFLECTION": "true",
            **self.choices.extra,
        }

    def _own(self, folder: DataFolder) -> dict[str, dict[str, str]]:
        """What one role alone is told; the workers have no more than their tokens and database."""
        ports = self.choices.ports
        strategy = folder.write_secret("strategy.token", self.token("strategy"))
        service = folder.write_secret("follow.token", self.token("service"))
        master = {"PATRIOT_MASTER_KEY_FILE": str(folder.path / "secrets" / "master_key")}
        return {
            "command-service": {
                **master,
                "DATABASE_URL": self.log_url("patriot_append"),
                "KEYS_DATABASE_URL": self.log_url("patriot_keys"),
                "PATRIOT_GRPC_PORT": str(ports.command),
            },
            "query-service": {
                **master,
                "DATABASE_URL": self.log_url(),
                "KEYS_DATABASE_URL": self.log_url("patriot_unlock"),
                "DATABASE_READONLY_URL": self.read_url(),
                "SUBSCRIPTION_DATABASE_URL": self.log_url("patriot_subscribe"),
                "PATRIOT_GRPC_PORT": str(ports.query),
            },
            "head-signer": {
                "DATABASE_URL": self.log_url(),
                "PATRIOT_SIGNING_KEY_FILE": str(folder.path / "secrets" / _SIGNING_KEY),
                "PATRIOT_HEADS": str(self.heads),
                "PATRIOT_SIGN_SECONDS": _SIGN_SECONDS,
            },
            "snapshots": {"DATABASE_URL": self.log_url("patriot_snapshot")},
            "relay": {"DATABASE_URL": self.log_url()},
            "market-data": {"PATRIOT_MARKET_SPEED": self.choices.speed},
            "simulated-venue": {
                "PATRIOT_GRPC_PORT": str(ports.venue),
                "PATRIOT_VENUE_STORE": str(self.choices.data / "venue.sqlite"),
            },
            "follow": {
                "DATABASE_URL": self.log_url("patriot_follow"),
                "SERVICE_TOKEN_FILE": str(service),
            },
            "strategy": {
                "STRATEGY_TOKEN_FILE": str(strategy),
                "PATRIOT_ACCOUNTS": ",".join(ACCOUNTS),
                "PATRIOT_INSTRUMENTS": ",".join(INSTRUMENTS),
            },
        }
