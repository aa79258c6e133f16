"""A real TimescaleDB: a given one, a container where Docker is, a Debian root folder otherwise.

In this order: PATRIOT_TEST_TIMESCALE_URL (a superuser's address), Docker by testcontainers, and as
root a Debian 13 folder made by debootstrap and kept in the cache. Otherwise tests fail and say what
to install; they are never skipped.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from adapters.embedded.process import Child, free_port, until_ready

_IMAGE: Final = "timescale/timescaledb:2.23.0-pg17"
_BINARIES: Final = "/usr/lib/postgresql/17/bin"
_INSTRUCTION: Final = (
    "No TimescaleDB for the tests. Do one of these: start Docker; run as root with debootstrap "
    "installed (apt-get install debootstrap); or set PATRIOT_TEST_TIMESCALE_URL to a superuser's "
    "address of a server that has the extension."
)


@dataclass(frozen=True, slots=True)
class Timescale:
    """A running server; `stop` ends it if it is ours."""

    url: str
    """Superuser's address of the database postgres."""
    stop: Callable[[], None]
    child: Child | None = None
    """The process, where it is ours to kill."""


def start(cache: Path, folder: Path) -> Timescale:
    """Start or find a server; raises RuntimeError with an instruction."""
    given = os.environ.get("PATRIOT_TEST_TIMESCALE_URL")
    if given:
        return Timescale(given, lambda: None)
    if _docker_answers():
        return _container()
    if os.geteuid() == 0 and shutil.which("debootstrap"):
        return asyncio.run(_debian(cache, folder))
    raise RuntimeError(_INSTRUCTION)


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=30)
    return asked.returncode == 0


def _container() -> Timescale:
    # The reaper's own image cannot be had everywhere; the container is stopped by the fixture.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415  (slow to import)

    image = os.environ.get("PATRIOT_TIMESCALE_IMAGE", _IMAGE)
    container = PostgresContainer(image, username="postgres", password="test", dbname="postgres")
    container.start()
    host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
    return Timescale(f"postgresql://postgres:test@{host}:{port}/postgres", container.stop)


async def _debian(cache: Path, folder: Path) -> Timescale:
    root = cache / "timescale-trixie-17"
    if not root.exists():
        _bootstrap(root)
    data = Path("/var/lib/postgresql") / f"patriot-{folder.name}-{os.getpid()}"
    inside = root / data.relative_to("/")
    port = free_port()
    run_as = [
        "chroot", str(root), "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
        "--pdeathsig", "INT",
    ]  # fmt: skip
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(
        [*run_as, f"{_BINARIES}/initdb", "-D", str(data), "-U", "postgres", "--auth=trust"],
        check=True,
        capture_output=True,
        env=environment,
    )
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "shared_preload_libraries": "timescaledb",
        "dynamic_shared_memory_type": "mmap",  # there is no /dev/shm in the folder
        "timescaledb.telemetry_level": "off",
        "max_connections": "100",
        "timezone": "UTC",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    child = Child(
        name="TimescaleDB",
        command=[*run_as, f"{_BINARIES}/postgres", "-D", str(data), *options],
        log=folder / "timescale.log",
        environment=environment,
        stop_signal=2,
    )
    child.start()
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    await until_ready(child, lambda: _answers(url), seconds=60)

    def stop() -> None:
        asyncio.run(child.stop(grace=30))
        shutil.rmtree(inside, ignore_errors=True)

    return Timescale(url, stop, child)


def _bootstrap(root: Path) -> None:
    partial = root.with_name(root.name + "-partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    packages = "postgresql-17,postgresql-17-timescaledb,ca-certificates,locales"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", "trixie", str(partial)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        last = (made.stdout + made.stderr).strip().splitlines()[-1:]
        raise RuntimeError(f"debootstrap could not make TimescaleDB's folder: {last}")
    partial.rename(root)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
