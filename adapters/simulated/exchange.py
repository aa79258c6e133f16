"""The exchange: takes orders, matches them, remembers everything and says what happened.

What happened goes into the store as reports in the same transaction; delivering them is the
reporter's work, so an exchange that is killed at any moment has reported or will.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.proto.v1 import common_pb2, venues_pb2
from adapters.simulated.amends import (
    Amend,
    amend_report,
    amended,
    blank_report,
    ends,
    keeps_its_place,
)
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
from adapters.simulated.triggers import at_once, watched
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import Liquidity, TimeInForce, TriggerSource
from domain.ports import Clock
from domain.values import (
    ZERO,
    PositionSide,
    Quantity,
    Side,
    divided,
    minus,
    plain,
    plus,
    signed,
)
from projections.market import Book, Trade

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
        self._stops: dict[InstrumentId, dict[str, VenueOrder]] = {}
        """Orders beside the book, until a price triggers them."""
        self._dated: dict[str, int] = {}
        """When orders with a date end, the ended ones too until then."""
        self._prices: dict[tuple[InstrumentId, TriggerSource], Decimal] = {}
        self._held: dict[tuple[str, str, PositionSide], Decimal] = {}
        for account, instrument, leg, side, quantity in store.traded():
            self._traded((account, instrument, leg), side, quantity)
        self.reported = asyncio.Event()
        """Set when there are reports to deliver."""
        waiting = store.waiting()
        for order in store.open_orders():
            if order.expires_at is not None:
                self._dated[order.client_order_id] = order.expires_at
            if order.waits:
                self._watch(order)
            elif order.client_order_id in waiting or not order.rests:
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
            reason = self._refusal(order)
            if reject or reason:
                self._reject(order, reason or "rejected for no reason")
            else:
                if order.expires_at is not None:
                    self._dated[order.client_order_id] = order.expires_at
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
                self._cancel(order)
        self.reported.set()

    def amend(self, amend: Amend) -> None:
        """Give an open order another quantity or price, or report why not; once for each number.

        An order that goes to the end of the line also meets the book anew, as a new one would.
        """
        order = self._store.find(amend.client_order_id)
        with self._store.transaction():
            if self._store.amend_once(amend.client_order_id, amend.number):
                now, reason = amended(amend, order, self._refusal)
                report = amend_report(amend, now, reason, self._clock.now())
                if now is None or order is None:
                    self._store.add_report(report)
                else:
                    self._store.amend(now, report)
                    self._move(order, now)
                if order is not None and ends(amend, order):
                    self._cancel(order)
        self.reported.set()

    def _move(self, order: VenueOrder, now: VenueOrder) -> None:
        if now.waits:
            self._watch(now)
        elif order.client_order_id in self._arriving:
            self._arriving[order.client_order_id] = (now, self._arriving[order.client_order_id][1])
        elif keeps_its_place(order, now):
            self._rest(now)
        else:
            self._forget(order)
            self._arrive(now)

    def query(self, client_order_id: str) -> tuple[VenueOrder, list[StoredExecution]] | None:
        """What the exchange knows of an order, and its fills."""
        order = self._store.find(client_order_id)
        return None if order is None else (order, self._store.executions(client_order_id))

    def take(self, book: Book) -> None:
        """A new book: orders that waited for one arrive, resting ones may be crossed.

        Its middle is the mark, and triggers what waits for that.
        """
        self.expire()
        market = self._market(book.instrument_id)
        market.take(book)
        self._cross(book, market)
        if book.bids and book.asks:
            middle = divided(plus(book.bids[0][0], book.asks[0][0]), _TWO)
            self._priced(book.instrument_id, TriggerSource.MARK, middle)

    def trade(self, trade: Trade) -> None:
        """A trade of the market: its price triggers what waits for the last one."""
        self.expire()
        self._priced(trade.instrument_id, TriggerSource.LAST, trade.price)

    def expire(self) -> None:
        """End the orders whose date has come; call now and then."""
        now = self._clock.now()
        due = [name for name, at in self._dated.items() if at <= now]
        if not due:
            return
        with self._store.transaction():
            for name in due:
                del self._dated[name]
                order = self._store.find(name)
                if order is not None and order.status is VenueStatus.OPEN:
                    self._end(order, "the date has come")
        self.reported.set()

    def _cross(self, book: Book, market: Market) -> None:
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
                self._settle(market.arrive(order, self._closable(order)))
            for order in resting:
                matched = market.cross(order, self._closable(order))
                if matched.order != order:
                    self._settle(matched)
        self.reported.set()

    def _priced(self, instrument_id: InstrumentId, source: TriggerSource, price: Decimal) -> None:
        """A price of one source: trailing stops follow it, and what waited for it is triggered."""
        self._prices[instrument_id, source] = price
        changed = [
            (order, after)
            for order in self._stops.get(instrument_id, {}).values()
            if order.trigger is not None
            and order.trigger.source is source
            and (after := watched(order, price)) is not order
        ]
        if not changed:
            return
        with self._store.transaction():
            for before, after in changed:
                if not after.triggered:
                    self._store.save(after, [])
                    self._watch(after)
                    continue
                self._forget(before)
                report = self._report(after, "triggered")
                report.triggered.price = plain(price)
                self._store.save(after, [report.SerializeToString()])
                self._arrive(after)
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
                self._end(order, "no market")
        self.reported.set()

    def _end(self, order: VenueOrder, reason: str) -> None:
        self._forget(order)
        ended = replace(order, status=VenueStatus.EXPIRED)
        report = self._report(ended, "expired")
        report.expired.reason = reason
        self._store.save(ended, [report.SerializeToString()])

    def _refusal(self, order: VenueOrder) -> str:
        """Why the order is not taken, its form aside: what the market says of it."""
        reason = refusal(order, self._rules.get(order.instrument_id), self._clock.now())
        if reason:
            return reason
        if order.trigger is not None and order.waits:
            price = self._prices.get((order.instrument_id, order.trigger.source))
            return "it would trigger at once" if price and at_once(order, price) else ""
        post_only = order.time_in_force is TimeInForce.GTX
        takes = post_only and self._market(order.instrument_id).would_take(order)
        return "post only: it would take" if takes else ""

    def _arrive(self, order: VenueOrder) -> None:
        market = self._market(order.instrument_id)
        if order.waits:
            self._begin_to_wait(order)
        elif market.ready:
            self._settle(market.arrive(order, self._closable(order)))
        else:
            self._arriving[order.client_order_id] = (order, self._clock.monotonic())
            self._store.wait(order.client_order_id)

    def _begin_to_wait(self, order: VenueOrder) -> None:
        """Beside the book; a trailing stop follows from the price of now, if it is to at once."""
        assert order.trigger is not None
        price = self._prices.get((order.instrument_id, order.trigger.source))
        if price is not None and order.trigger.callback is not None:
            order = watched(order, price)
            self._store.save(order, [])
        self._watch(order)

    def _settle(self, matched: Matched) -> None:
        """Keep an order after matching, with a report for each fill and for its end."""
        order = matched.order
        reports = []
        for execution in matched.executions:
            number = self._store.next_number("execution")
            report = self._filled(order, execution, str(number))
            kept = StoredExecution(number, report.venue_time, execution)
            self._store.add_execution(order.client_order_id, kept)
            self._traded(_position_of(order), order.side, execution.quantity)
            reports.append(report.SerializeToString())
        if order.status is VenueStatus.EXPIRED:
            report = self._report(order, "expired")
            report.expired.reason = matched.reason
            reports.append(report.SerializeToString())
        self._store.save(order, reports)
        if order.status is VenueStatus.OPEN:
            self._rest(order)
        else:
            self._forget(order)

    def _cancel(self, order: VenueOrder) -> None:
        self._forget(order)
        ended = replace(order, status=VenueStatus.CANCELLED)
        report = self._report(ended, "cancelled")
        report.cancelled.SetInParent()
        self._store.save(ended, [report.SerializeToString()])

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
        report = blank_report(client_order_id, account_id, instrument_id, "cancel_rejected", number)
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
        report = blank_report(
            order.client_order_id, order.account_id, order.instrument_id, kind, number
        )
        report.venue_time = self._clock.now()
        return report

    def _market(self, instrument_id: InstrumentId) -> Market:
        market = self._markets.get(instrument_id)
        if market is None:
            market = self._markets[instrument_id] = Market()
        return market

    def _closable(self, order: VenueOrder) -> Decimal:
        """What is held against the order's side."""
        held = self._held.get(_position_of(order), ZERO)
        return max(ZERO, held if order.side is Side.SELL else minus(ZERO, held))

    def _traded(self, position: tuple[str, str, PositionSide], side: Side, of: Decimal) -> None:
        held = self._held.get(position, ZERO)
        self._held[position] = plus(held, signed(side, Quantity(of)))

    def _watch(self, order: VenueOrder) -> None:
        self._stops.setdefault(order.instrument_id, {})[order.client_order_id] = order

    def _rest(self, order: VenueOrder) -> None:
        self._resting.setdefault(order.instrument_id, {})[order.client_order_id] = order

    def _forget(self, order: VenueOrder) -> None:
        self._resting.get(order.instrument_id, {}).pop(order.client_order_id, None)
        self._stops.get(order.instrument_id, {}).pop(order.client_order_id, None)
        if self._arriving.pop(order.client_order_id, None) is not None:
            self._store.arrived(order.client_order_id)


def _position_of(order: VenueOrder) -> tuple[str, str, PositionSide]:
    return order.account_id, order.instrument_id, order.position_side


_TWO: Final = Decimal(2)
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
