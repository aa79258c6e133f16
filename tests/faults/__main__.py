"""make soak MINUTES=10 [SEED=1] [FAULTS=kills]: prints its counts, exits with 1 when a promise was
broken."""

import asyncio
import logging
import sys
import time

from tests.faults.core import SERVICE, core
from tests.faults.soak import Soaked, soak
from tests.support import servers

_LONG_STALL = 31.0
"""Seconds; longer than any deadline."""


def main() -> int:
    minutes, seed, faults = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if faults not in {"all", "kills"}:
        print(f"FAULTS is all or kills, not {faults}", file=sys.stderr)
        return 2
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # broken connections are no news here
    began = time.monotonic()

    def report(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)

    async def run() -> Soaked:
        await running.start()
        await running.prepare()
        return await soak(
            running,
            seed=seed,
            seconds=minutes * 60,
            report=report,
            long_stall=_LONG_STALL,
            kills_only=faults == "kills",
        )

    with (
        servers.session_folder() as folder,
        servers.postgres(folder / "postgres") as postgres,
        core(postgres, folder / "logs") as running,
    ):
        done = asyncio.run(run())
        log = (folder / "logs" / f"{SERVICE}.log").read_text(errors="replace").splitlines()
    print("\n".join(done.lines()))
    if not done.load.violations:
        return 0
    print("the end of the service's log:", *log[-40:], sep="\n  ")
    print("violations:", *done.load.violations[:40], sep="\n  ")
    return 1


if __name__ == "__main__":
    sys.exit(main())
