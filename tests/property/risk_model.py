"""A slow, obvious model of an account's risk: one list of what happened, read from the beginning.

It shares no code with what it judges: there are no running sums, no buckets that are paid off and
no sorted prices here. What is open is counted, profit is cash and what is held, numbers are
fractions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from domain.ids import InstrumentId, OrderId, StrategyId
from domain.orders.commands import OrderType, PlaceOrder, RecordFill
from domain.risk.commands import Limits, StrategyLimits
from domain.values import Money, Side

_DAY: Final = 86_400_000_000
_WINDOWS: Final = {"orders_per_second": 1_000_000, "orders_per_minute": 60_000_000}


@dataclass(frozen=True, slots=True)
class Placed:
    """An order was decided on."""

    order: PlaceOrder
    at: int
    admitted: bool

    @property
    def price(self) -> Fraction:
        """What it is reserved at."""
        reference = self.order.reference
        price = self.order.price or (reference.price if reference is not None else None)
        assert price is not None
        return Fraction(price)


@dataclass(frozen=True, slots=True)
class Filled:
    """An execution was recorded."""

    fill: RecordFill
    at: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The venue ended an order."""

    order_id: OrderId


@dataclass(frozen=True, slots=True)
class Paid:
    """Funding went out, or came in."""

    money: Money


Entry = Placed | Filled | Ended | Paid | Limits


@dataclass(frozen=True)
class Ledger:
    """One account: everything that happened, oldest first; what was asked once is remembered."""

    entries: tuple[Entry, ...] = ()
    before: "Ledger | None" = None
    """The account without its last entry."""

    def then(self, entry: Entry) -> "Ledger":
        """The account after one more entry."""
        return Ledger((*self.entries, entry), self if self.entries else None)

    @cached_property
    def limits(self) -> Limits:
        """Those in force."""
        return [entry for entry in self.entries if isinstance(entry, Limits)][-1]

    def admitted(self) -> list[Placed]:
        """Every order that was."""
        return [entry for entry in self.entries if isinstance(entry, Placed) and entry.admitted]

    def fills(self, instrument: InstrumentId | None = None) -> list[RecordFill]:
        """Every execution, or those of an instrument."""
        return [
            entry.fill
            for entry in self.entries
            if isinstance(entry, Filled) and instrument in {None, entry.fill.instrument_id}
        ]

    @cached_property
    def left(self) -> dict[OrderId, Fraction]:
        """What each admitted order may still trade."""
        left = {
            placed.order.order_id: Fraction(placed.order.quantity) for placed in self.admitted()
        }
        for entry in self.entries:
            if isinstance(entry, Filled):
                left[entry.fill.order_id] -= Fraction(entry.fill.quantity)
            elif isinstance(entry, Ended):
                left[entry.order_id] = Fraction(0)
        return {known: max(Fraction(0), rest) for known, rest in left.items()}

    def reserved(self, placed: Placed) -> Fraction:
        """What the order may still trade."""
        return self.left[placed.order.order_id]

    def open(
        self, instrument: InstrumentId | None = None, strategy: StrategyId | None = None
    ) -> list[Placed]:
        """Orders that may still trade."""
        left = self.left
        return [
            placed
            for placed in self.admitted()
            if left[placed.order.order_id]
            and instrument in {None, placed.order.instrument_id}
            and strategy in {None, placed.order.strategy_id}
        ]

    def worth(self, orders: list[Placed]) -> Fraction:
        """What orders reserve, each at its own price."""
        left = self.left
        return sum((one.price * left[one.order.order_id] for one in orders), Fraction(0))

    def net(self, instrument: InstrumentId) -> Fraction:
        """Bought less sold."""
        fills = self.fills(instrument)
        return sum((fill.side.sign * Fraction(fill.quantity) for fill in fills), Fraction(0))

    def open_quantity(self, instrument: InstrumentId, side: Side) -> Fraction:
        """What open orders of one side may still trade."""
        left = self.left
        mine = [placed for placed in self.open(instrument) if placed.order.side is side]
        return sum((left[placed.order.order_id] for placed in mine), Fraction(0))

    def mark(self, instrument: InstrumentId) -> Fraction | None:
        """The last price that was seen; an order's own only before all others."""
        mark: Fraction | None = None
        for entry in self.entries:
            if isinstance(entry, Filled) and entry.fill.instrument_id == instrument:
                mark = Fraction(entry.fill.price)
            if (
                isinstance(entry, Placed)
                and entry.admitted
                and entry.order.instrument_id == instrument
            ):
                if entry.order.reference is not None:
                    mark = Fraction(entry.order.reference.price)
                elif mark is None:
                    mark = entry.price
        return mark

    def instruments(self) -> set[InstrumentId]:
        """All that were ever traded."""
        return {placed.order.instrument_id for placed in self.admitted()}

    def worst(self, instrument: InstrumentId, side: Side) -> Fraction:
        """Signed quantity if everything open on a side were filled."""
        return self.net(instrument) + side.sign * self.open_quantity(instrument, side)

    def profit(
        self, instrument: InstrumentId | None = None, now: Fraction | None = None
    ) -> Fraction:
        """Cash that came in, and what is held at the marks; one of them may be another now."""
        total = Fraction(0)
        for each in self.instruments():
            mark = now if each == instrument and now is not None else self.mark(each)
            total += self.net(each) * (mark or 0)
        for fill in self.fills():
            total -= fill.side.sign * Fraction(fill.price) * Fraction(fill.quantity)
            total -= Fraction(fill.fee.amount) if fill.fee.currency == "USDT" else 0
        for entry in self.entries:
            if isinstance(entry, Paid) and entry.money.currency == "USDT":
                total -= Fraction(entry.money.amount)
        return total

    @cached_property
    def profit_now(self) -> Fraction:
        """At the marks."""
        return self.profit()

    @cached_property
    def peak(self) -> Fraction | None:
        """The highest profit since a fall from it is limited."""
        if self.before is None or self.limits.drawdown is None:
            return None if self.limits.drawdown is None else self.profit_now
        before = self.before.peak
        return self.profit_now if before is None else max(before, self.profit_now)

    @cached_property
    def day(self) -> tuple[int, Fraction]:
        """The day that has begun, and the profit before its first decision."""
        if self.before is None or self.limits.daily_loss is None:
            return 0, Fraction(0)
        entry = self.entries[-1]
        today = entry.at // _DAY if isinstance(entry, Placed | Filled) else 0
        known = self.before.day
        return (today, self.before.profit_now) if today > known[0] else known

    @cached_property
    def last_order(self) -> int:
        """When the last order that counts was admitted, by the clock that never goes back.

        One that was admitted while no rate was limited left no debt, and its time is no news when
        a clock has gone back since.
        """
        if self.before is None:
            return 0
        entry, known, limits = self.entries[-1], self.before.last_order, self.before.limits
        if not (isinstance(entry, Placed) and entry.admitted):
            return known
        counts = any(getattr(limits, limit) is not None for limit in _WINDOWS)
        return max(known, entry.at) if counts else known

    def owed(self, limit: str, at: int) -> Fraction:
        """Orders in a bucket: each one adds one, time takes out what the limit allows."""
        allowed = getattr(self.limits, limit)
        if allowed is None or self.before is None:
            return Fraction(0)
        entry = self.entries[-1]
        if isinstance(entry, Placed) and entry.admitted:
            now = max(entry.at, self.before.last_order)
            level = self.before.owed(limit, now) + 1
            return max(Fraction(0), level - Fraction(max(0, at - now) * allowed, _WINDOWS[limit]))
        if isinstance(entry, Limits):
            # Begun anew where it was off; the time since the last order is paid at the new rate.
            level = self.before.owed(limit, self.before.last_order)
            elapsed = max(0, at - self.last_order)
            return max(Fraction(0), level - Fraction(elapsed * allowed, _WINDOWS[limit]))
        return self.before.owed(limit, at)

    def refusal(self, order: PlaceOrder, at: int) -> str | None:
        """The first check that has to refuse a well-shaped order."""
        asked = self.then(Placed(order, at, admitted=False))  # it may begin a day
        return next((check for check, broken in asked.rules(order, at) if broken()), None)

    def rules(self, order: PlaceOrder, at: int) -> Iterator[tuple[str, Callable[[], bool]]]:
        """Every rule that a well-shaped order can break, in their order."""
        limits, free = self.limits, not order.reduce_only
        for limit in _WINDOWS:
            allowed = getattr(limits, limit)
            yield (
                "rate",
                lambda a=allowed, n=limit: (  # type: ignore[misc]
                    free and a is not None and self.owed(n, at) + 1 > a
                ),
            )
        marked = [
            limits.gross_notional, limits.net_notional, limits.concentration, limits.daily_loss,
            limits.drawdown,
        ]  # fmt: skip
        market = order.type is OrderType.MARKET
        needs = market or (free and any(one is not None for one in marked))
        yield "reference_price", lambda: needs and order.reference is None
        if needs and order.reference is None:
            return
        reference = order.reference
        age = 0 if reference is None else at - reference.at
        stale = bool(limits.price_age) and age > limits.price_age
        yield "stale_price", lambda: needs and free and stale
        instrument, side, quantity = order.instrument_id, order.side, Fraction(order.quantity)
        worst = self.worst(instrument, side) + side.sign * quantity
        opens = worst * side.sign > 0
        yield "reduce_only", lambda: order.reduce_only and opens
        yield from _of_its_size(self, order)
        yield from _of_open(self, order)
        yield from _of_strategy(self, order)
        if opens:
            yield from _of_positions(self, order, worst)
            yield from _of_losses(self, order)
        yield "self_trade", lambda: limits.self_trade and _meets(self, order)


def _own(order: PlaceOrder) -> Fraction:
    return Placed(order, 0, admitted=True).price


def _now(before: Ledger, order: PlaceOrder) -> Fraction:
    """What the order's instrument is worth now."""
    if order.reference is not None:
        return Fraction(order.reference.price)
    return before.mark(order.instrument_id) or _own(order)


def _its_limits(before: Ledger, order: PlaceOrder) -> StrategyLimits:
    none = StrategyLimits()
    if order.strategy_id is None:
        return none
    return before.limits.strategies.get(order.strategy_id, none)


def _of_its_size(before: Ledger, order: PlaceOrder) -> Iterator[tuple[str, Callable[[], bool]]]:
    limits, quantity = _its_limits(before, order), Fraction(order.quantity)
    yield "strategy_order_quantity", lambda: _over(quantity, limits.order_quantity)
    dear = _own(order)
    if order.side is Side.SELL and order.reference is not None:
        dear = max(dear, Fraction(order.reference.price))
    yield "strategy_order_notional", lambda: _over(dear * quantity, limits.order_notional)


def _of_strategy(before: Ledger, order: PlaceOrder) -> Iterator[tuple[str, Callable[[], bool]]]:
    limits, free = _its_limits(before, order), not order.reduce_only
    theirs = [] if order.strategy_id is None else before.open(strategy=order.strategy_id)
    yield "strategy_open_orders", lambda: free and _over(len(theirs) + 1, limits.open_orders)
    worth = before.worth(theirs) + _own(order) * Fraction(order.quantity)
    yield "strategy_open_notional", lambda: free and _over(worth, limits.open_notional)


def _of_open(before: Ledger, order: PlaceOrder) -> Iterator[tuple[str, Callable[[], bool]]]:
    limits, free = before.limits, not order.reduce_only
    mine, every = before.open(order.instrument_id), before.open()
    count, more = len(mine) + 1, _own(order) * Fraction(order.quantity)
    yield "instrument_open_orders", lambda: free and _over(count, limits.instrument_open_orders)
    yield "open_notional", lambda: free and _over(before.worth(every) + more, limits.open_notional)
    here = before.worth(mine) + more
    yield "instrument_open_notional", lambda: free and _over(here, limits.instrument_open_notional)


def _of_positions(
    before: Ledger, order: PlaceOrder, worst: Fraction
) -> Iterator[tuple[str, Callable[[], bool]]]:
    limits, now = before.limits, _now(before, order)
    mine = max(abs(worst), abs(before.worst(order.instrument_id, order.side.opposite))) * now
    others = before.instruments() - {order.instrument_id}
    gross, net = mine, worst * now
    for each in others:
        mark = before.mark(each) or Fraction(0)
        gross += max(abs(before.worst(each, side)) for side in Side) * mark
        net += before.worst(each, order.side) * mark
    yield "gross_position", lambda: _over(gross, limits.gross_notional)
    yield "net_position", lambda: _over(net * order.side.sign, limits.net_notional)
    asked = limits.concentration_from is None or gross > limits.concentration_from
    share = limits.concentration
    yield "concentration", lambda: asked and share is not None and mine > Fraction(share) * gross


def _of_losses(before: Ledger, order: PlaceOrder) -> Iterator[tuple[str, Callable[[], bool]]]:
    limits, now = before.limits, _now(before, order)
    profit = before.profit(order.instrument_id, now)
    yield "daily_loss", lambda: _over(before.day[1] - profit, limits.daily_loss)
    peak = before.peak
    yield "drawdown", lambda: peak is not None and _over(peak - profit, limits.drawdown)


def _meets(before: Ledger, order: PlaceOrder) -> bool:
    """Whether any own order of the other side would trade with it."""
    for placed in before.open(order.instrument_id):
        if placed.order.side is order.side or placed.order.price is None:
            continue
        if order.price is None:
            return True
        if (order.price - placed.order.price) * order.side.sign >= 0:
            return True
    return False


def _over(value: Fraction | int, limit: object) -> bool:
    return limit is not None and value > Fraction(str(limit))
