"""The role `head-signer`: signs the log's head on a schedule and keeps it outside the database.

It never signs a log that no longer holds what it signed before, so whoever rewrites the log cannot
have that signed by waiting. It reads as patriot_tail, and it is a process of its own so that no
process that can append has the key.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter, Gauge

from adapters.audit import heads, store
from adapters.audit.chain import ChainRewritten, EventAltered, TailCut
from adapters.audit.heads import Head, SignedHead, SigningKey
from adapters.audit.store import HeadStore, HeadStoreError
from adapters.postgres.head import ToldHead, read_head
from adapters.settings import SettingsError
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock, LogError, LogUnavailable

SIGNED_POSITION: Final = Gauge(
    "patriot_audit_signed_position", "Position of the last head that was signed and kept"
)
SIGNED_AGE: Final = Gauge(
    "patriot_audit_signed_age_seconds",
    "Seconds since the log's head was last known to be signed and kept",
)
FAILURES: Final = Counter(
    "patriot_audit_failures_total", "Heads that were not signed (log, store, refused)", ("reason",)
)

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeadSignerOptions:
    """What the head signer needs to know."""

    log_url: str
    """Address of the log's database for the role patriot_tail."""
    key: SigningKey
    store: HeadStore
    seconds: float = 60.0
    """Between two looks at the log."""
    shard: int = 0


async def run_head_signer(
    options: HeadSignerOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Sign until told to stop, and once more then; what is in the way makes the role unready."""
    signer = HeadSigner(options, clock)
    started = clock.now()
    SIGNED_AGE.set_function(lambda: (clock.now() - (signer.known_at or started)) / 1e6)
    while not stop.is_set():
        status.unready = await signer.turn()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), options.seconds)
    status.unready = "stopping"
    await signer.turn()


class HeadSigner:
    """turn() it now and then."""

    def __init__(self, options: HeadSignerOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._last: SignedHead | None = None
        self._opened = False
        self.known_at = 0
        """When the log's head was last known to be signed; microseconds since 1970, 0 is never."""

    async def turn(self) -> str:
        """Sign what is new; gives in words why that cannot be done, or an empty text."""
        try:
            await self._sign()
        except LogUnavailable as error:
            return _failed("log", error)
        except HeadStoreError as error:
            self._opened = False  # what is kept may be other than thought: look again
            return _failed("store", error)
        except (LogError, SettingsError) as error:
            return _failed("refused", error)
        self.known_at = self._clock.now()
        return ""

    async def _sign(self) -> None:
        if not self._opened:
            self._last = await asyncio.to_thread(open_store, self._options)
            self._opened = True
        last = self._last
        told = await read_head(self._options.log_url, last.position if last else 0)
        head = to_sign(self._options.shard, told, last)
        if head is not None:
            signed = self._options.key.sign(head, signed_at=self._clock.now())
            await asyncio.to_thread(
                self._options.store.put, store.name(signed), heads.encode(signed)
            )
            self._last = signed
        SIGNED_POSITION.set(self._last.position if self._last else 0)


def open_store(options: HeadSignerOptions) -> SignedHead | None:
    """Put the public key beside the heads and give the last head; raises what store.py names."""
    kept = options.store
    kept.put(store.key_name(options.key.id), options.key.public_pem.encode())
    names = kept.names(store.group(options.shard))
    if not names:
        return None
    keys = heads.trusted(store.kept_keys(kept))
    return heads.decode(names[-1], kept.get(names[-1]), keys)


def to_sign(shard: int, told: ToldHead, last: SignedHead | None) -> Head | None:
    """The head that is to be signed, None if nothing is new; raises ChainBroken.

    One look at an index for each turn; `patriot log verify` recomputes everything.
    """
    if last is not None and told.position < last.position:
        raise TailCut(
            told.position,
            f"the log was cut off after {told.position}: a head at {last.position} was signed at "
            f"{heads.moment(last.signed_at)}",
        )
    if last is not None and told.earlier_chain != last.chain:
        raise ChainRewritten(
            last.position,
            f"the chain was rewritten: at {last.position} it is not what was signed at "
            f"{heads.moment(last.signed_at)}",
        )
    if told.position == (last.position if last is not None else 0):
        return None
    if told.committed_at is None or told.commit_chain != told.chain:
        raise EventAltered(told.position, told.position)
    return Head(shard, told.position, told.chain, told.committed_at)


def _failed(reason: str, error: Exception) -> str:
    FAILURES.labels(reason).inc()
    _logger.error("the log's head was not signed: %s", error, extra={"log_category": "audit"})
    return f"the log's head was not signed: {error}"
