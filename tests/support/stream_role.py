"""A role of the streams as a process of its own, for tests that kill it."""

import asyncio
import json
import logging
import signal
import sys

import uvloop

from adapters.clock import SystemClock
from adapters.telemetry.status import RoleStatus
from streams.kinds import WorkerKind, WorkerOptions
from streams.relay_role import RelayOptions, run_relay
from streams.worker import run_worker


async def main(options: dict[str, str]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock, status = SystemClock(), RoleStatus()
    if options["role"] == "relay":
        await run_relay(RelayOptions(options["log_dsn"], options["bootstrap"]), clock, stop, status)
        return
    await run_worker(
        WorkerOptions(
            kind=WorkerKind(options["role"]),
            bootstrap=options["bootstrap"],
            read_dsn=options["read_dsn"],
            command_address=options.get("command_address", ""),
            venue_address=options.get("venue_address", ""),
            service_token=lambda: options.get("token", ""),
            group_suffix=options["suffix"],
        ),
        clock,
        stop,
        status,
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    uvloop.run(main(json.loads(sys.argv[1])))
