"""A real PostgreSQL on loopback in a folder of ours, set so that a commit is durable."""

import asyncio
import os
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from adapters.embedded.errors import DataFolderMismatch, ProcessDied
from adapters.embedded.process import Child, Unprivileged, require_free, unprivileged, until_ready

_LEFTOVER_SECONDS: Final = 10.0
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    # No socket in the file system: its path would have to be short and reachable.
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "log_min_duration_statement": "1000",
    "log_lock_waits": "on",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
_MEGABYTE: Final = 1024 * 1024


def shared_buffers(memory: int) -> str:
    """An eighth of the machine's bytes, between 256 and 1024 MB; taken as it is used, not at once.

    An append puts keys at random places of the streams' index: once that index is larger than these
    buffers, each of them takes a page in and another one out.
    """
    return f"{min(max(memory // 8 // _MEGABYTE, 256), 1024)}MB"


@dataclass(slots=True)
class EmbeddedPostgres:
    """initdb on first use, then one server process as our child."""

    binaries: Path
    folder: Path
    port: int
    password: str
    settings: dict[str, str] = field(default_factory=dict)
    """Settings of PostgreSQL that differ from ours; tests use it to take safety away."""
    _child: Child | None = None

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """Address of a database for a user."""
        secret = self.password if password is None else password
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Start and wait until it answers; raises an EmbeddedError."""
        user = unprivileged()
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            await self._initialise(data, user)
        await self._check_version(data)
        require_free(self.port, "PostgreSQL", "PATRIOT_POSTGRES_PORT")
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        settings = {
            **_SETTINGS,
            "shared_buffers": shared_buffers(memory),
            "port": str(self.port),
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "bin" / "postgres"), "-D", str(data), *options]
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        while True:
            self._child = self._server(command, user)
            try:
                await until_ready(self._child, self._answers, seconds=60)
            except ProcessDied:
                # Processes of a killed server need a moment to notice that it is gone.
                if time.monotonic() > deadline or not self._has_leftovers():
                    raise
                await asyncio.sleep(0.2)
            else:
                return

    def _server(self, command: list[str], user: Unprivileged | None) -> Child:
        child = Child(
            name="PostgreSQL",
            command=command,
            log=self.folder / "postgres.log",
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=user,
            stop_signal=signal.SIGINT,  # its "fast" shutdown: sessions end, nothing is lost
        )
        child.start()
        return child

    def _has_leftovers(self) -> bool:
        """Whether the last start failed because an earlier server is not wholly gone."""
        lines = (self.folder / "postgres.log").read_text(errors="replace").splitlines()[-5:]
        return any("is still in use" in line or "another server" in line for line in lines)

    async def stop(self) -> None:
        """Fast shutdown."""
        if self._child is not None:
            await self._child.stop(grace=30)

    @property
    def child(self) -> Child:
        """The server process; raises ProcessDied before start()."""
        if self._child is None:
            raise ProcessDied("PostgreSQL was not started")
        return self._child

    async def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        async with await psycopg.AsyncConnection.connect(
            self.url("postgres"), autocommit=True
        ) as connection:
            found = await connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
            if await found.fetchone() is None:
                await connection.execute(
                    psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
                )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    async def _initialise(self, data: Path, user: Unprivileged | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
        secret = self.folder / "password"
        secret.write_text(self.password, encoding="utf-8")
        secret.chmod(0o600)
        if user is not None:
            os.chown(self.folder, user.uid, user.gid)
            os.chown(secret, user.uid, user.gid)
        child = Child(
            name="initdb",
            command=[
                str(self.binaries / "bin" / "initdb"),
                f"--pgdata={data}",
                "--username=postgres",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
            ],
            log=self.folder / "initdb.log",
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=user,
        )
        child.start()
        code = await child.wait()
        secret.unlink()
        if code != 0:
            raise child.died()

    async def _check_version(self, data: Path) -> None:
        found = (data / "PG_VERSION").read_text().strip()
        program = await asyncio.create_subprocess_exec(
            str(self.binaries / "bin" / "postgres"),
            "--version",
            stdout=asyncio.subprocess.PIPE,
        )
        answer, _ = await program.communicate()
        ours = answer.decode().split()[-1].partition(".")[0]
        if found != ours:
            raise DataFolderMismatch(
                f"{data} belongs to PostgreSQL {found}, this release runs {ours}: keep the folder "
                "and choose another with PATRIOT_DATA, or upgrade it with pg_upgrade"
            )
