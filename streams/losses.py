"""The check of losses: an account that lost more than its limit is halted, by a command.

Limits over many accounts are looked at in the same turn (streams/exposures.py).

Looked at whenever prices or positions moved, but not more often than the interval, and once a
second in any case. The command's id is derived from the account, the version of its limits and the
last halt or resumption: however often it is sent, by however many workers, it has one effect; and
after a resumption a loss that is still too large halts again.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import grpc
import grpc.aio
import psycopg

from adapters.postgres.readmodel import connect
from adapters.proto.v1 import common_pb2, risk_pb2
from adapters.proto.v1.risk_pb2_grpc import RiskCommandsStub
from domain.ids import PLATFORM, derived
from domain.reasons import Reason
from domain.values import plain
from streams import metrics
from streams.exposures import Overexposure, overexposed

_logger: Final = logging.getLogger(__name__)

_SWEEP_INTERVAL: Final = 1.0
_RETRY_PAUSE: Final = 1.0
_CALL_TIMEOUT: Final = 5.0
_REFUSAL: Final = "patriot-refusal-bin"

_PAST_THE_LIMIT: Final = """
    SELECT account_id, limits_version, halt_changed_position, profit, loss_limit
      FROM read.risk_accounts
     WHERE NOT halted AND loss_limit IS NOT NULL AND profit < -loss_limit AND account_id <> %s"""


@dataclass(frozen=True, slots=True)
class Breach:
    """An account that lost more than it may."""

    account_id: str
    limits_version: int
    halt_changed_position: int
    profit: Decimal
    loss_limit: Decimal

    @property
    def command_id(self) -> str:
        """The id of the one halt that answers this breach."""
        return derived(
            "loss-halt",
            self.account_id,
            str(self.limits_version),
            str(self.halt_changed_position),
        )

    @property
    def request(self) -> risk_pb2.HaltRequest:
        """The same words every time: the same id with other words would be another command."""
        return risk_pb2.HaltRequest(
            command_id=self.command_id,
            account_id=self.account_id,
            reason=f"the loss passed its limit of {plain(self.loss_limit)}",
        )

    def __str__(self) -> str:
        """For the log of the worker."""
        profit, limit = plain(self.profit), plain(self.loss_limit)
        return f"account {self.account_id}: profit {profit}, limit {limit}"


class LossCheck:
    """Finds breaches by SQL and halts by gRPC; run() it, poke() it when something moved."""

    def __init__(
        self,
        read_dsn: str,
        command_address: str,
        token: Callable[[], str],
        *,
        interval: float,
    ) -> None:
        self._read_dsn = read_dsn
        self._address = command_address
        self._token = token
        self._interval = interval
        self._moved = asyncio.Event()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._told: set[str] = set()
        self.waiting_for = ""
        """What keeps losses from being checked, in words."""

    def poke(self) -> None:
        """A price or a position moved."""
        self._moved.set()

    async def run(self) -> None:
        """Check until cancelled."""
        async with grpc.aio.insecure_channel(self._address) as channel:
            commands = RiskCommandsStub(channel)  # type: ignore[no-untyped-call]
            try:
                while True:
                    await self._moved_or(_SWEEP_INTERVAL)
                    await self._check(commands)
                    await asyncio.sleep(self._interval)
            finally:
                await self._disconnect()

    async def _moved_or(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()
        self._moved.clear()

    async def _check(self, commands: Any) -> None:
        try:
            for breach in await self._breaches():
                await self._halt(commands, breach)
        except (psycopg.Error, OSError) as error:
            await self._disconnect()
            await self._wait(f"the read-model database: {_text(error)}")
        except grpc.aio.AioRpcError as error:
            await self._wait(f"the command service: {error.code().name}: {error.details()}")
        else:
            self.waiting_for = ""

    async def _breaches(self) -> list[Breach | Overexposure]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._read_dsn, "patriot-risk-check")
        cursor = await self._connection.execute(_PAST_THE_LIMIT, (PLATFORM,))
        lost = [Breach(*row) for row in await cursor.fetchall()]
        return [*lost, *await overexposed(self._connection)]

    async def _halt(self, commands: Any, breach: Breach | Overexposure) -> None:
        wider = isinstance(breach, Overexposure)
        counted = metrics.EXPOSURE_HALTS if wider else metrics.LOSS_HALTS
        try:
            await commands.Halt(
                breach.request,
                timeout=_CALL_TIMEOUT,
                metadata=(("authorization", f"Bearer {self._token()}"),),
            )
            refusal = None
        except grpc.aio.AioRpcError as error:
            refusal = _refusal(error)
            if refusal is None:
                counted.labels("unanswered").inc()
                raise
        # Until the event is projected the row says the same, and the same answer comes again.
        again = breach.command_id in self._told
        self._told.add(breach.command_id)
        if again:
            return
        if refusal is None or refusal.reason == Reason.ALREADY_HALTED:
            counted.labels("halted").inc()
            _logger.warning("halted %s", breach)
        else:
            counted.labels("refused").inc()
            _logger.error("should be halted and was not: %s: %s", breach, refusal.detail)

    async def _wait(self, reason: str) -> None:
        if not self.waiting_for:
            _logger.warning("losses are not checked: %s", reason)
        self.waiting_for = f"losses are not checked: {reason}"
        await asyncio.sleep(_RETRY_PAUSE)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None


def _refusal(error: grpc.aio.AioRpcError) -> common_pb2.Refusal | None:
    """The refusal behind a status; None if the command was not decided."""
    pairs: Any = error.trailing_metadata()  # its declared type cannot be walked
    for name, value in pairs:
        if name == _REFUSAL and isinstance(value, bytes):
            return common_pb2.Refusal.FromString(value)
    return None


def _text(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__
