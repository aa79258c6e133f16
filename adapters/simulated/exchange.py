"""The exchange: takes orders, matches them, remembers everything and says what happened.

What happened goes into the store as reports in the same transaction; delivering them is the
reporter's work, so an exchange that is killed at any moment has reported or will.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from adapters.proto.v1 import common_pb2, venues_pb2
from adapters.simulated.matching import (
    Execution,
    Market,
    Matched,
    VenueOrder,
    VenueStatus,
    priority,
    refusal,
)
from adapters.simulated.store import StoredExecution, VenueStore
from domain.ids import InstrumentId, derived, order_id_of
from domain.instruments.events import TradingRules
from domain.orders.commands import Liquidity, TimeInForce
from domain.ports import Clock
from domain.values import PositionSide, Side, plain
from projections.market import Book

_NO_MARKET_SECONDS: Final = 10.0
"""How long an order waits for the first book of its instrument."""


class SimulatedExchange:
    """Single-threaded: call it from one event loop."""

    def __init__(
        self, store: VenueStore, rules: Mapping[InstrumentId, TradingRules], clock: Clock
    ) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._markets: dict[InstrumentId, Market] = {}
        self._resting: dict[InstrumentId, dict[str, VenueOrder]] = {}
        self._arriving: dict[str, tuple[VenueOrder, float]] = {}
        self.reported = asyncio.Event()
        """Set when there are reports to deliver."""
        waiting = store.waiting()
        for order in store.open_orders():
            if order.client_order_id in waiting or order.time_in_force is TimeInForce.IOC:
                self._arriving[order.client_order_id] = (order, clock.monotonic())
            else:
                self._rest(order)
        self.reported.set()

    def submit(self, order: VenueOrder, *, reject: bool = False) -> str:
        """Take an order and give the exchange's own id; the same client order id once only."""
        known = self._store.find(order.client_order_id)
        if known is not None:
            return known.venue_order_id
        with self._store.transaction():
            number = f"S{self._store.next_number('order')}"
            order = replace(order, venue_order_id=number)
            reason = refusal(order, self._rules.get(order.instrument_id))
            if reject or reason:
                self._reject(order, reason or "rejected for no reason")
            else:
                self._store.save(order, [self._accepted(order)])
                self._arrive(order)
        self.reported.set()
        return order.venue_order_id

    def cancel(self, client_order_id: str, account_id: str, instrument_id: InstrumentId) -> None:
        """Take an order off the book, or report why not."""
        order = self._store.find(client_order_id)
        with self._store.transaction():
            if order is None or order.status is not VenueStatus.OPEN:
                self._reject_cancel(client_order_id, account_id, instrument_id, order)
            else:
                self._forget(order)
                ended = replace(order, status=VenueStatus.CANCELLED)
                report = self._report(ended, "cancelled")
                report.cancelled.SetInParent()
                self._store.save(ended, [report.SerializeToString()])
        self.reported.set()

    def query(self, client_order_id: str) -> tuple[VenueOrder, list[StoredExecution]] | None:
        """What the exchange knows of an order, and its fills."""
        order = self._store.find(client_order_id)
        return None if order is None else (order, self._store.executions(client_order_id))

    def take(self, book: Book) -> None:
        """A new book: orders that waited for one arrive, resting ones may be crossed."""
        market = self._market(book.instrument_id)
        market.take(book)
        waiting = [
            order
            for order, _ in self._arriving.values()
            if order.instrument_id == book.instrument_id
        ]
        resting = sorted(self._resting.get(book.instrument_id, {}).values(), key=priority)
        if not waiting and not resting:
            return
        with self._store.transaction():
            for order in waiting:
                self._forget(order)
                self._settle(market.arrive(order))
            for order in resting:
                matched = market.cross(order)
                if matched.executions:
                    self._settle(matched)
        self.reported.set()

    def give_up_waiting(self) -> None:
        """Reject orders whose instrument had no book for too long; call now and then."""
        now = self._clock.monotonic()
        late = [
            order for order, since in self._arriving.values() if now - since > _NO_MARKET_SECONDS
        ]
        if not late:
            return
        with self._store.transaction():
            for order in late:
                self._forget(order)
                ended = replace(order, status=VenueStatus.EXPIRED)
                report = self._report(ended, "expired")
                report.expired.reason = "no market"
                self._store.save(ended, [report.SerializeToString()])
        self.reported.set()

    def _arrive(self, order: VenueOrder) -> None:
        market = self._market(order.instrument_id)
        if market.ready:
            self._settle(market.arrive(order))
        else:
            self._arriving[order.client_order_id] = (order, self._clock.monotonic())
            self._store.wait(order.client_order_id)

    def _settle(self, matched: Matched) -> None:
        """Keep an order after matching, with a report for each fill and for its end."""
        order = matched.order
        reports = []
        for execution in matched.executions:
            number = self._store.next_number("execution")
            report = self._filled(order, execution, str(number))
            kept = StoredExecution(number, report.venue_time, execution)
            self._store.add_execution(order.client_order_id, kept)
            reports.append(report.SerializeToString())
        if order.status is VenueStatus.EXPIRED:
            report = self._report(order, "expired")
            report.expired.reason = "immediate or cancel: nothing more to take"
            reports.append(report.SerializeToString())
        self._store.save(order, reports)
        if order.status is VenueStatus.OPEN:
            self._rest(order)
        else:
            self._forget(order)

    def _reject(self, order: VenueOrder, reason: str) -> None:
        ended = replace(order, status=VenueStatus.REJECTED)
        report = self._report(ended, "rejected")
        report.rejected.reason = reason
        self._store.save(ended, [report.SerializeToString()])

    def _reject_cancel(
        self,
        client_order_id: str,
        account_id: str,
        instrument_id: InstrumentId,
        order: VenueOrder | None,
    ) -> None:
        reason = "unknown order" if order is None else f"the order is {order.status.value}"
        # Each request is answered, so the answer's id has a number of its own.
        number = str(self._store.next_number("cancel_rejection"))
        report = _blank(client_order_id, account_id, instrument_id, "cancel_rejected", number)
        report.venue_time = self._clock.now()
        report.cancel_rejected.reason = reason
        self._store.add_report(report.SerializeToString())

    def _accepted(self, order: VenueOrder) -> bytes:
        report = self._report(order, "accepted")
        report.accepted.venue_order_id = order.venue_order_id
        return report.SerializeToString()

    def _filled(self, order: VenueOrder, execution: Execution, number: str) -> venues_pb2.Report:
        report = self._report(order, "filled", number)
        fill = report.filled
        fill.execution_id = number
        fill.side = _SIDES[order.side]
        fill.price = plain(execution.price)
        fill.quantity = plain(execution.quantity)
        fill.fee = plain(execution.fee)
        fill.fee_currency = self._rules[order.instrument_id].currency
        fill.liquidity = _LIQUIDITIES[execution.liquidity]
        fill.position_side = _POSITION_SIDES[order.position_side]
        return report

    def _report(self, order: VenueOrder, kind: str, number: str = "") -> venues_pb2.Report:
        report = _blank(order.client_order_id, order.account_id, order.instrument_id, kind, number)
        report.venue_time = self._clock.now()
        return report

    def _market(self, instrument_id: InstrumentId) -> Market:
        market = self._markets.get(instrument_id)
        if market is None:
            market = self._markets[instrument_id] = Market()
        return market

    def _rest(self, order: VenueOrder) -> None:
        self._resting.setdefault(order.instrument_id, {})[order.client_order_id] = order

    def _forget(self, order: VenueOrder) -> None:
        self._resting.get(order.instrument_id, {}).pop(order.client_order_id, None)
        if self._arriving.pop(order.client_order_id, None) is not None:
            self._store.arrived(order.client_order_id)


_SIDES: Final = {Side.BUY: common_pb2.SIDE_BUY, Side.SELL: common_pb2.SIDE_SELL}
_POSITION_SIDES: Final = {
    PositionSide.NET: common_pb2.POSITION_SIDE_NET,
    PositionSide.LONG: common_pb2.POSITION_SIDE_LONG,
    PositionSide.SHORT: common_pb2.POSITION_SIDE_SHORT,
}
_LIQUIDITIES: Final = {
    Liquidity.MAKER: venues_pb2.LIQUIDITY_MAKER,
    Liquidity.TAKER: venues_pb2.LIQUIDITY_TAKER,
}


def _blank(
    client_order_id: str, account_id: str, instrument_id: str, kind: str, number: str
) -> venues_pb2.Report:
    """A report whose command id is a function of what it reports, so a repeat is known."""
    return venues_pb2.Report(
        command_id=derived("simulated report", client_order_id, kind, number),
        account_id=account_id,
        order_id=order_id_of(client_order_id) or "",
        instrument=instrument_id,
    )
