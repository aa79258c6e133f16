"""Delivers the exchange's reports to the core, in order, again and again until acknowledged.

Exception
└── _NotRecorded    the core answered, but what it answered is not in its log: the batch goes again
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import grpc

from adapters.proto.v1 import venues_pb2, venues_pb2_grpc
from adapters.simulated.misbehave import Faults
from adapters.simulated.store import VenueStore
from domain.reasons import Reason

_logger: Final = logging.getLogger(__name__)
_BATCH: Final = 200
_CALL_SECONDS: Final = 15.0
_PAUSE_FIRST: Final = 0.05
_PAUSE_MAX: Final = 2.0
_HARMLESS: Final = frozenset(
    {Reason.REPORT_ALREADY_APPLIED, Reason.EXECUTION_ALREADY_APPLIED, Reason.COMMAND_ID_REUSED}
)

_UNRECORDED: Final = frozenset({Reason.CONCURRENT_CHANGE, Reason.OVERLOADED})
"""Refusals that mean "send the same again"; a report forgotten on one of them would be a lost fill.
"""


class _NotRecorded(Exception):
    """Not every report of the batch has an answer that is in the core's log."""


class Reporter:
    """Runs beside the exchange; `trouble` says why reports do not arrive."""

    def __init__(
        self,
        store: VenueStore,
        waiting: asyncio.Event,
        address: str,
        token: str,
        faults: Callable[[], Faults],
    ) -> None:
        self._store = store
        self._waiting = waiting
        self._address = address
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._faults = faults
        self.trouble = ""

    async def run(self) -> None:
        """Deliver until cancelled."""
        pause = _PAUSE_FIRST
        async with grpc.aio.insecure_channel(self._address) as channel:
            stub = venues_pb2_grpc.VenueReportsStub(channel)  # type: ignore[no-untyped-call]
            while True:
                self._waiting.clear()
                unsent = self._store.unsent(_BATCH)
                if not unsent:
                    await self._waiting.wait()
                    continue
                try:
                    await self._deliver(stub, unsent)
                except (grpc.aio.AioRpcError, _NotRecorded) as error:
                    self.trouble = f"reports are not taken: {_told(error)}"
                    _logger.warning("%s", self.trouble)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _PAUSE_MAX)
                    continue
                self.trouble, pause = "", _PAUSE_FIRST

    async def _deliver(
        self, stub: venues_pb2_grpc.VenueReportsStub, unsent: list[tuple[int, bytes]]
    ) -> None:
        faults = self._faults()
        if faults.report_delay:
            await asyncio.sleep(faults.report_delay)
        try:
            await self._send(stub, faults.deliver([body for _, body in unsent]))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            if len(unsent) > 1:
                for entry in unsent:
                    await self._deliver(stub, [entry])
                return
            # Our own report is malformed: sending it again cannot help, hiding it must not be.
            _logger.error("a report was refused for good: %s", error.details())  # noqa: TRY400
        self._store.acknowledged([number for number, _ in unsent])

    async def _send(self, stub: venues_pb2_grpc.VenueReportsStub, bodies: list[bytes]) -> None:
        batch = venues_pb2.ReportBatch()
        for body in bodies:
            batch.reports.add().MergeFromString(body)
        answer = await stub.RecordReports(batch, metadata=self._metadata, timeout=_CALL_SECONDS)
        if len(answer.results) != len(bodies):
            raise _NotRecorded(f"{len(answer.results)} answers to {len(bodies)} reports")
        for result in answer.results:
            reason = result.refusal.reason
            if reason in _UNRECORDED:
                raise _NotRecorded(result.refusal.detail)
            if reason and reason not in _HARMLESS:
                _logger.warning("a report was refused: %s %s", reason, result.refusal.detail)


def _told(error: grpc.aio.AioRpcError | _NotRecorded) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name} {error.details()}"
    return str(error)
