"""A command service as it runs, on a PostgreSQL of its own, with a chaos proxy in between.

No Kafka: commands need none, and a price that is missing stops only orders with a price collar.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import grpc
import psycopg

from adapters.embedded.errors import EmbeddedError
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import Child, free_port
from adapters.embedded.supervisor import Role, Supervisor
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from tests.faults import processes
from tests.support import rpc
from tests.support.chaos_proxy import ChaosProxy, before
from tests.support.servers import Database, DatabaseServer

SERVICE: Final = "command-service"
_START_SECONDS: Final = 60.0


@dataclass
class Core:
    """Both processes; the service reaches the database through the proxy alone."""

    postgres: EmbeddedPostgres
    database: Database
    proxy: ChaosProxy
    log_url: str
    """Of the role patriot_append, through the proxy."""
    role: Role
    supervisor: Supervisor
    token: str
    port: int
    ended: list[str] = field(default_factory=list)
    """What the service said when it ended although nobody had asked it to."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def service(self) -> Child:
        return self.supervisor.children[SERVICE]

    @property
    def tail_url(self) -> str:
        """Of the role patriot_tail, through the proxy."""
        return self.log_url.replace("patriot_append:", "patriot_tail:", 1)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)

    async def start(self) -> float:
        """Start the service, again and again as an orchestrator would; gives the seconds."""
        began = time.monotonic()
        while True:
            try:
                await self.supervisor.start(self.role)
            except EmbeddedError:
                if time.monotonic() - began > _START_SECONDS:
                    raise
                continue
            return time.monotonic() - began

    async def kill_service(self) -> float:
        """SIGKILL and a new start; gives the seconds until it was ready again."""
        await processes.kill(self.service)
        return await self.start()

    async def kill_postgres(self) -> int:
        """SIGKILL of every process of the server, and a new start; gives their number."""
        count = await processes.kill(self.postgres.child)
        await self.postgres.start()
        return count

    async def revive(self) -> None:
        """Start what ended by itself, and remember that it did."""
        if not self.service.running:
            self.ended.append(str(self.service.died()))
            await self.start()

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[grpc.aio.Channel]:
        """A new connection to the service."""
        options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(self.address, options=options) as channel:
            yield channel

    async def call(self, name: str, request: Any, *, seconds: float = 15) -> Any:
        """One call on a connection of its own; raises grpc.aio.AioRpcError."""
        async with self.channel() as channel:
            return await caller(channel, name)(request, metadata=self.metadata, timeout=seconds)

    async def prepare(self) -> None:
        """Make the example's instrument and the limits of its account known."""
        await self.call("ListInstrument", rpc.list_instrument())
        await self.call("SetLimits", rpc.set_limits())

    async def unready(self) -> str:
        """Why the service says that it is not ready; empty when it is."""
        status, text = await asyncio.to_thread(_get, self.role.ready_url)
        return "" if status == HTTPStatus.OK else text

    async def metric(self, name: str) -> float:
        """A metric without labels."""
        _, text = await asyncio.to_thread(_get, self.role.metrics_url)
        (line,) = (each for each in text.splitlines() if each.startswith(f"{name} "))
        return float(line.split()[1])

    def sessions(self) -> dict[str, int]:
        """The service's sessions in the database, by state."""
        query = "SELECT state, count(*) FROM pg_stat_activity WHERE usename = %s AND datname = %s"
        name = urlsplit(self.database.admin_url).path.lstrip("/")
        return dict(self.rows(f"{query} GROUP BY state", "patriot_append", name))

    @contextmanager
    def holding(self, statement: str) -> Iterator[None]:
        """Somebody else's transaction, open inside the block."""
        with psycopg.connect(self.database.admin_url) as somebody:
            somebody.execute(statement.encode())
            yield
            somebody.rollback()

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What the database itself says, past the proxy."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as connection:
            return connection.execute(query.encode(), arguments).fetchall()


def caller(channel: grpc.aio.Channel, name: str) -> Callable[..., Any]:
    """What makes a unary call of that name."""
    method = rpc.METHODS[name]
    made: Any = channel.unary_unary(
        method.path, method.request.SerializeToString, method.response.FromString
    )
    return made  # type: ignore[no-any-return]


def _get(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=5) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextmanager
def core(postgres: EmbeddedPostgres, folder: Path) -> Iterator[Core]:
    """A core that is not started yet; its service is killed afterwards, the server is not."""
    database = DatabaseServer(postgres.url("postgres")).create("eventlog")
    key, port, http = create_key(), free_port(), free_port()
    with before(database.url("patriot_append")) as (proxy, url):
        role = Role(
            SERVICE,
            (SERVICE,),
            {
                "PATH": os.environ["PATH"],
                "PYTHONSAFEPATH": "1",
                "DATABASE_URL": url,
                "KAFKA_BROKERS": f"127.0.0.1:{free_port()}",
                "JWT_PUBLIC_KEY": public_key(key),
                "PATRIOT_GRPC_PORT": str(port),
                "PATRIOT_HTTP_PORT": str(http),
                "LOG_LEVEL": "WARNING",
                "PATRIOT_APPROVALS": "none",
            },
            http,
        )
        grant = Grant("tester", ("*",), rpc.EVERY_ROLE, 100_000)
        token = mint(key, grant, now=int(time.time()))
        supervisor = Supervisor(folder, lambda line: None)
        made = Core(postgres, database, proxy, url, role, supervisor, token, port)
        try:
            yield made
        finally:
            asyncio.run(_end(supervisor))
            DatabaseServer(postgres.url("postgres")).drop(database)


async def _end(supervisor: Supervisor) -> None:
    for child in supervisor.children.values():
        await processes.kill(child)
