"""The exchange: takes orders, matches them, remembers everything and says what happened.

What happened goes into the store as reports in the same transaction; delivering them is the
reporter's work, so an exchange that is killed at any moment has reported or will.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.simulated.amends import Amend, amended, ends, keeps_its_place
from adapters.simulated.closing import (
    CloseOut,
    at_one_price,
    client_order_id,
    closing_order,
    executed,
    with_the_fund,
)
from adapters.simulated.matching import (
    Market,
    Matched,
    VenueOrder,
    VenueStatus,
    priority,
    refusal,
)
from adapters.simulated.members import Members, Place
from adapters.simulated.reports import Reports
from adapters.simulated.store import StoredExecution, VenueStore
from adapters.simulated.triggers import at_once, watched
from domain.ids import InstrumentId, order_id_of
from domain.instruments.events import TradingRules
from domain.orders.commands import Origin, TimeInForce, TriggerSource
from domain.ports import Clock
from domain.values import (
    ZERO,
    divided,
    minus,
    plain,
    plus,
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
        self._reports = Reports(rules, clock)
        self._members = Members(rules)
        for account_id, currency, amount in store.deposits():
            self._members.deposited(account_id, currency, amount)
        for each in store.executed():
            self._members.traded(each)
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
                self._store.save(order, [self._reports.accepted(order)])
                self._arrive(order)
        self.reported.set()
        return order.venue_order_id

    def cancel(self, client_order_id: str, account_id: str, instrument_id: InstrumentId) -> None:
        """Take an order off the book, or report why not."""
        order = self._store.find(client_order_id)
        with self._store.transaction():
            if order is None or order.status is not VenueStatus.OPEN:
                number = str(self._store.next_number("cancel_rejection"))
                asked = (client_order_id, account_id, instrument_id)
                if order is not None or order_id_of(client_order_id) is not None:
                    self._store.add_report(self._reports.not_cancelled(order, asked, number))
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
                if now is None or order is None:
                    self._tell(amend.client_order_id, self._reports.not_amended(amend, reason))
                else:
                    self._store.amend(now, self._reports.amended(now, amend.number))
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
            self._liquidate(book.instrument_id)

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

    def deposit(self, account_id: str, currency: str, amount: Decimal) -> Decimal:
        """Put money behind a member's positions, which are watched from then on; the wallet."""
        with self._store.transaction():
            self._store.deposit(account_id, currency, amount)
        self._members.deposited(account_id, currency, amount)
        return self._members.wallet(account_id, currency)

    def close_out(self, close: CloseOut) -> str:
        """Do to a position what the exchange does by its own rules; an empty text, or why not."""
        name = client_order_id(close.origin, close.name)
        if self._store.find(name) is not None:
            return ""
        net = self._members.net(close.place)
        price = close.price or self._prices.get((close.place.instrument_id, TriggerSource.MARK))
        if not net:
            return "nothing is held"
        if price is None:
            return "no mark is known"
        if close.quantity is not None:
            net = min(close.quantity, net) if net > 0 else max(minus(ZERO, close.quantity), net)
        with self._store.transaction():
            order = self._own(closing_order(close.place, net, close.origin, close.name, price))
            self._settle(at_one_price(order, price))
        self.reported.set()
        return ""

    def _liquidate(self, instrument_id: InstrumentId) -> None:
        """Take over what is held in the instrument by whoever has no margin left for it."""
        if not self._members.watched:
            return
        marks = {
            priced: price
            for (priced, source), price in self._prices.items()
            if source is TriggerSource.MARK
        }
        due = list(self._members.due(instrument_id, marks))
        if not due:
            return
        with self._store.transaction():
            for each in due:
                # What is open could make it worse, and would meet the venue's own order.
                for order in self._store.open_of(each.account_id, instrument_id):
                    self._end(order, "liquidation")
                for leg, net in each.held:
                    place = Place(each.account_id, instrument_id, leg)
                    self._take_over(place, net, each.bankruptcy or marks[instrument_id])
        self.reported.set()

    def _take_over(self, place: Place, net: Decimal, price: Decimal) -> None:
        name = str(self._store.next_number("liquidation"))
        order = self._own(closing_order(place, net, Origin.LIQUIDATION, name, price))
        market = self._market(place.instrument_id)
        self._settle(with_the_fund(market.arrive(order, order.quantity), price))

    def _own(self, order: VenueOrder) -> VenueOrder:
        """An order of the exchange itself, known to the store."""
        order = replace(order, venue_order_id=f"S{self._store.next_number('order')}")
        self._store.save(order, [self._reports.accepted(order)])
        return order

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
                self._store.save(after, [self._reports.triggered(after, plain(price))])
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
        self._store.save(ended, [self._reports.expired(ended, reason)])

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
            report, at = self._reports.filled(order, execution, str(number))
            kept = StoredExecution(number, at, execution)
            self._store.add_execution(order.client_order_id, kept)
            self._members.traded(executed(order, execution))
            reports.append(report)
        if order.status is VenueStatus.EXPIRED:
            reports.append(self._reports.expired(order, matched.reason))
        self._store.save(order, reports)
        if order.status is VenueStatus.OPEN:
            self._rest(order)
        else:
            self._forget(order)

    def _cancel(self, order: VenueOrder) -> None:
        self._forget(order)
        ended = replace(order, status=VenueStatus.CANCELLED)
        self._store.save(ended, [self._reports.cancelled(ended)])

    def _reject(self, order: VenueOrder, reason: str) -> None:
        ended = replace(order, status=VenueStatus.REJECTED)
        self._store.save(ended, [])
        self._tell(order.client_order_id, self._reports.rejected(ended, reason))

    def _tell(self, client_order_id: str, refusal: bytes) -> None:
        """Who sends by other means is refused there; the core hears what it asked for alone."""
        if order_id_of(client_order_id) is not None:
            self._store.add_report(refusal)

    def _market(self, instrument_id: InstrumentId) -> Market:
        market = self._markets.get(instrument_id)
        if market is None:
            market = self._markets[instrument_id] = Market()
        return market

    def _closable(self, order: VenueOrder) -> Decimal:
        """What is held against the order's side."""
        return self._members.closable(order.place, order.side)

    def _watch(self, order: VenueOrder) -> None:
        self._stops.setdefault(order.instrument_id, {})[order.client_order_id] = order

    def _rest(self, order: VenueOrder) -> None:
        self._resting.setdefault(order.instrument_id, {})[order.client_order_id] = order

    def _forget(self, order: VenueOrder) -> None:
        self._resting.get(order.instrument_id, {}).pop(order.client_order_id, None)
        self._stops.get(order.instrument_id, {}).pop(order.client_order_id, None)
        if self._arriving.pop(order.client_order_id, None) is not None:
            self._store.arrived(order.client_order_id)


_TWO: Final = Decimal(2)
