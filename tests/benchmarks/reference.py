"""The reference of durable rows: pgbench, one-row inserts, same server, same minute."""

import asyncio
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

_SCRIPT = "INSERT INTO bench_rows (payload) VALUES (repeat('x', 250));\n"


async def pgbench(url: str, *, clients: int, seconds: int) -> float:
    """Commits a second of prepared one-row inserts; raises RuntimeError without pgbench."""
    program = shutil.which("pgbench")
    if program is None:
        raise RuntimeError("pgbench is missing: install it (Debian: postgresql-contrib)")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_rows (id bigserial PRIMARY KEY, payload text)"
        )
    with TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(_SCRIPT, encoding="utf-8")
        arguments = [
            "-n", "-M", "prepared", "-c", str(clients), "-j", "2" if clients > 1 else "1",
            "-T", str(seconds), "-f", str(script), url,
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
    match = re.search(rb"tps = ([0-9.]+)", out)
    if match is None:
        raise RuntimeError(f"pgbench failed: {err.decode().strip()[-300:]}")
    return float(match.group(1))
