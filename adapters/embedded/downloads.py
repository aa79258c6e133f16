"""Kafka and PostgreSQL as Maven Central has them, fetched once into a cache folder.

The cache is keyed by the content of the pom, so a changed version is a new folder and an
interrupted download is never taken for a whole one.
"""

import hashlib
import lzma
import platform
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from adapters.embedded.errors import DownloadFailed, ProgramMissing

_JAVA_LEAST: Final = 17
_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_PLATFORMS: Final = {"x86_64": "linux-amd64", "aarch64": "linux-arm64v8"}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the programs are."""

    java: str
    kafka_jars: Path
    postgres: Path
    """Folder with bin/, lib/ and share/."""


def fetch(pom: Path, cache: Path, report: Callable[[str], None]) -> Servers:
    """The servers, downloaded if they are not there; raises ProgramMissing or DownloadFailed."""
    java = _java()
    digest = hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    folder = cache / f"servers-{digest}"
    servers = Servers(java, folder / "jars", folder / "postgres")
    if folder.exists():
        return servers
    cache.mkdir(parents=True, exist_ok=True)
    partial = cache / f"partial-{digest}"
    shutil.rmtree(partial, ignore_errors=True)
    report("downloading Kafka and PostgreSQL with Maven (about 60 MB, once)")
    _download(pom, partial / "jars")
    report("unpacking PostgreSQL")
    _unpack(partial / "jars", partial / "postgres")
    partial.rename(folder)
    return servers


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise ProgramMissing(f"Java is missing: install Java {_JAVA_LEAST} or later")
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    match = re.search(r'version "(\d+)', answer.stderr)
    if match is None or int(match.group(1)) < _JAVA_LEAST:
        found = match.group(1) if match else "an unknown version"
        raise ProgramMissing(f"Java {_JAVA_LEAST} or later is needed, found {found}: install it")
    return java


def _download(pom: Path, jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ProgramMissing("Maven is missing: install it (the program mvn)")
    machine = platform.machine()
    if machine not in _PLATFORMS:
        raise DownloadFailed(f"there is no PostgreSQL to download for {machine} processors")
    command = [maven, "-B", "-q", "-f", str(pom), f"-Dpostgres.platform={_PLATFORMS[machine]}"]
    answer = subprocess.run(  # noqa: S603
        [*command, _PLUGIN, f"-DoutputDirectory={jars}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        lines = [line for line in answer.stdout.splitlines() if "ERROR" in line]
        reason = lines[0] if lines else "it gave no reason"
        raise DownloadFailed(f"Maven could not fetch the servers: {reason}")


def _unpack(jars: Path, target: Path) -> None:
    """Take the compressed archive out of PostgreSQL's jar."""
    (jar,) = jars.glob("embedded-postgres-binaries-*.jar")
    with zipfile.ZipFile(jar) as archive:
        (name,) = (entry for entry in archive.namelist() if entry.endswith(".txz"))
        content = lzma.decompress(archive.read(name))
    target.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(content)) as tar:
        # Python before 3.11.4 cannot be asked to distrust an archive; Maven verified this one.
        careful: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(target, **careful)  # noqa: S202
    jar.unlink()
