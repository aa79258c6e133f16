"""The role `relay`: one active relay, standbys that wait for the lock, and what they report."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.postgres.lags import LagReader
from adapters.postgres.log import PostgresEventLog
from adapters.telemetry import subscribers
from adapters.telemetry.status import RoleStatus
from adapters.telemetry.subscribers import Follower
from domain.ports import Clock, LogUnavailable
from streams.lease import RELAY_LOCK, Lease, wait_or_stop
from streams.relay import Relay, RelayLimits

_STATUS_INTERVAL = 0.5
_LAG_INTERVAL = 2.0
_FOLLOWER = Follower("relay", "", "relay")


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """What a relay needs to know."""

    log_dsn: str
    """Address of the log's database for the role patriot_tail."""
    bootstrap: str
    """Addresses of Kafka, HOST:PORT[,HOST:PORT]."""
    limits: RelayLimits = field(default_factory=RelayLimits)
    stuck_after: float = 30.0
    """Seconds without a sign of life after which a restart is the cure."""


async def run_relay(
    options: RelayOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus | None = None
) -> None:
    """Publish or stand by until told to stop; raises RelayError when only a person can help."""
    status = status or RoleStatus()
    log = PostgresEventLog(options.log_dsn, shard=options.limits.shard)
    try:
        await _open(log, stop, status)
        if stop.is_set():
            return
        relay = Relay(log, options.bootstrap, clock, options.limits)
        lease = Lease(options.log_dsn, RELAY_LOCK + options.limits.shard, name="patriot-relay")
        lags = LagReader(options.log_dsn)
        reporting = asyncio.create_task(_report(relay, lease, options, clock, status))
        showing = asyncio.create_task(_show_lag(relay, lags))
        try:
            await lease.hold(stop, relay.publish)
        finally:
            reporting.cancel()
            showing.cancel()
            await asyncio.gather(reporting, showing, return_exceptions=True)
            await lags.close()
    finally:
        await log.close()


async def _open(log: PostgresEventLog, stop: asyncio.Event, status: RoleStatus) -> None:
    while True:
        try:
            await log.open()
        except LogUnavailable as error:
            status.unready = f"the log's database: {error}"
            if await wait_or_stop(stop, _STATUS_INTERVAL):
                return
        else:
            return


async def _report(
    relay: Relay, lease: Lease, options: RelayOptions, clock: Clock, status: RoleStatus
) -> None:
    """Tell whether the relay works; a standby is ready: it does all that a standby does."""
    while True:
        state = relay.state
        status.dead = ""
        if not state.active:
            standby = lease.waiting_for.startswith("another")
            status.unready = "" if standby else lease.waiting_for or "starting"
        else:
            status.unready = state.error
            silent = clock.monotonic() - state.last_turn
            if state.last_turn and not state.error and silent > options.stuck_after:
                status.dead = f"no sign of life for {silent:.0f} seconds"
        await asyncio.sleep(_STATUS_INTERVAL)


async def _show_lag(relay: Relay, lags: LagReader) -> None:
    """While this relay is the active one, show how long Kafka is behind the log."""
    shown = False
    while True:
        if relay.state.active:
            published = min(relay.state.published)
            with suppress(LogUnavailable):
                looked = await lags.look([published])
                subscribers.show(_FOLLOWER, published, looked.head, looked.ages[0])
                shown = True
        elif shown:
            subscribers.forget([_FOLLOWER])
            shown = False
        await asyncio.sleep(_LAG_INTERVAL)
