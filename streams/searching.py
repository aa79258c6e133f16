"""What becomes of an order whose answer was lost: it is told unknown, and the venue is asked.

The venue's own reports tell what it did with an order, but only if it has it. Asking by the client
order id finds out; an order that it has open is reconciled at once, with the next report or not.
Telling is best effort: an order that could not be told unknown is as safe as before, for the intent
stays until the venue has it.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

import grpc
import grpc.aio

from adapters.proto.v1 import venues_pb2
from adapters.proto.v1.venues_pb2_grpc import VenueReportsStub
from adapters.texts import cleaned
from domain.ids import derived
from domain.orders.events import OrderPlaced
from domain.ports import Clock, Venue, VenueView
from domain.reasons import Reason
from domain.values import plain

_logger: Final = logging.getLogger(__name__)
_CALL_SECONDS: Final = 5.0
_KNOWN: Final = frozenset({0, Reason.REPORT_ALREADY_APPLIED, Reason.FILLS_MISSING})
"""Answers that are no news: FILLS_MISSING says that the venue's own reports are on their way."""
_UNRECORDED: Final = frozenset({Reason.CONCURRENT_CHANGE, Reason.OVERLOADED})
"""Refusals that mean "send the same again"."""


class Search:
    """Tells the command service of lost and found orders; one connection, opened when needed."""

    def __init__(self, address: str, token: Callable[[], str], clock: Clock) -> None:
        self._address = address
        self._token = token
        self._clock = clock
        self._channel: grpc.aio.Channel | None = None

    async def lost(self, order: OrderPlaced, position: int, why: str) -> bool:
        """Nobody knows whether the venue has the order; whether that is recorded now."""
        report = self._report(order, "unknown", str(position))
        report.outcome_unknown.reason = cleaned(why)
        return await self._told(report)

    async def found(self, order: OrderPlaced, position: int, venue: Venue) -> bool:
        """Whether the venue has the order; raises VenueUnavailable."""
        view = await venue.find(order)
        if view is None:
            return False
        if view.open:
            await self._told(self._reconciled(order, position, view))
        return True

    async def missed(self, order: OrderPlaced, position: int, venue: Venue) -> bool:
        """Tell of an order that is not sent any more what the venue does not; whether that is done.

        If the venue has it after all, its own reports end it. Raises VenueUnavailable.
        """
        if await venue.find(order) is not None:
            return True
        # Whether it was ever sent is not known here: a worker that was killed may have sent it.
        if not await self.lost(order, position, "it was to be cancelled before it was sent"):
            return False
        missed = self._report(order, "missed", str(position))
        missed.not_found.SetInParent()
        return await self._told(missed)

    async def close(self) -> None:
        """Leave the command service."""
        if self._channel is not None:
            await self._channel.close(grace=None)
            self._channel = None

    def _reconciled(self, order: OrderPlaced, position: int, view: VenueView) -> venues_pb2.Report:
        filled = plain(view.filled)
        report = self._report(order, "reconciled", f"{position} {view.venue_order_id} {filled}")
        report.reconciled.venue_order_id = view.venue_order_id
        report.reconciled.filled_quantity = filled
        return report

    def _report(self, order: OrderPlaced, what: str, which: str) -> venues_pb2.Report:
        return venues_pb2.Report(
            command_id=derived("search", order.order_id, what, which),
            account_id=order.account_id,
            order_id=order.order_id,
            instrument=order.instrument_id,
            venue_time=self._clock.now(),
        )

    async def _told(self, report: venues_pb2.Report) -> bool:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._address)
        stub: Any = VenueReportsStub(self._channel)  # type: ignore[no-untyped-call]
        try:
            answer = await stub.RecordReports(
                venues_pb2.ReportBatch(reports=[report]),
                metadata=(("authorization", f"Bearer {self._token()}"),),
                timeout=_CALL_SECONDS,
            )
        except grpc.aio.AioRpcError as error:
            _logger.warning("not recorded yet: %s %s", error.code().name, error.details())
            return False
        refusal = answer.results[0].refusal
        if refusal.reason in _UNRECORDED:
            _logger.warning("not recorded yet: %s", refusal.detail)
            return False
        # Sent again the time is another, and so is the content: the first one counts.
        if refusal.reason not in {*_KNOWN, Reason.COMMAND_ID_REUSED}:
            _logger.warning("order %s: %s", report.order_id, refusal.detail)
        return True
