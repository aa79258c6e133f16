"""Random interleavings of orders, fills, ends, funding, time and limits beside a slow risk model.

After every step each counter and each running sum equals a recount, and what an admission left
behind is within every limit. Time goes back as well: clocks do.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.orders.commands import PlaceOrder, RecordExpiry, ReferencePrice
from domain.risk.commands import Limits, SetLimits, StrategyLimits
from domain.risk.compared import DecisionInputs
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.risk.rules.table import CHECKS
from domain.risk.state import Book, Exposure
from domain.risk.state import Placed as Open
from domain.values import Money, Price, Side
from tests.property import invariants
from tests.property.drawn import INSTRUMENTS, STRATEGIES, wide_limits
from tests.property.risk_model import Ended, Filled, Ledger, Paid, Placed
from tests.support.reports import funded
from tests.support.trading import ACCOUNT, RULES, START, Desk, filled, order_id, place

_prices = st.sampled_from(["7.5", "7.9", "8", "8.1", "8.5"]).map(Decimal)
_fees = st.sampled_from([Money(Decimal(each), name) for each, name in (
    ("0", "USDT"), ("0.01", "USDT"), ("-0.005", "USDT"), ("0.001", "BNB"))])  # fmt: skip
_SECOND: Final = 1_000_000


@st.composite
def _orders(draw: st.DrawFn) -> PlaceOrder:
    """Well-shaped orders: the shape and the older limits have stories of their own."""
    market = draw(st.sampled_from([False, False, False, True]))
    order = place(
        "later",
        draw(st.sampled_from(Side)),
        draw(st.integers(2, 20)),
        None if market else draw(_prices),
        reduce_only=draw(st.sampled_from([False] * 9 + [True])),
        instrument=draw(st.sampled_from(INSTRUMENTS)),
    )
    priced = draw(st.sampled_from([True] * 9 + [False]))
    late = draw(st.sampled_from([0, 0, 0, 3 * _SECOND]))
    return replace(
        order,
        strategy_id=draw(st.sampled_from([None, *STRATEGIES])),
        reference=ReferencePrice(Price(draw(_prices)), late) if priced else None,
    )


class Interleaved(RuleBasedStateMachine):
    """One account at a desk, and the list of what happened to it."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.ledger = Ledger()
        self.steps = 0

    @initialize(limits=wide_limits)
    def open_the_house(self, limits: Limits) -> None:
        for instrument in INSTRUMENTS:
            self.desk.events(ListInstrument(instrument, RULES))
        self.set_limits(limits)

    @rule(limits=wide_limits)
    def set_limits(self, limits: Limits) -> None:
        self.desk.events(SetLimits(ACCOUNT, limits))
        self.ledger = self.ledger.then(limits)

    @rule(
        microseconds=st.sampled_from(
            [1, 200_000, 999_999, _SECOND, 20 * _SECOND, 86_400 * _SECOND, -500_000]
        )
    )
    def wait(self, microseconds: int) -> None:
        self.desk.at += microseconds

    @rule(order=_orders())
    def ask(self, order: PlaceOrder) -> None:
        self.place(order)

    @rule(order=_orders())
    def ask_again(self, order: PlaceOrder) -> None:
        self.place(order)

    @rule(order=_orders(), price=_prices)
    def ask_and_fill(self, order: PlaceOrder, price: Decimal) -> None:
        self.place(order)
        if self.ledger.open():
            self.fill(self.ledger.open()[-1], price, Decimal(2), Money(Decimal(0), "USDT"))

    def place(self, order: PlaceOrder) -> None:
        """Decide as the model does, on what the model counts."""
        self.steps += 1
        reference = order.reference
        if reference is not None:
            reference = replace(reference, at=self.desk.at - reference.at)
        order = replace(order, order_id=order_id(f"risk {self.steps}"), reference=reference)
        expected = self.ledger.refusal(order, self.desk.at)
        verdict = self.desk.do(order).changes[-2].event
        assert isinstance(verdict, OrderAdmitted | OrderRefused)
        found = verdict.check if isinstance(verdict, OrderRefused) else None
        self.seen[found or "admitted"] += 1
        assert found == expected
        before, asked = self.ledger, Placed(order, self.desk.at, admitted=found is None)
        self.ledger = before.then(asked)
        _inputs_are_what_was_counted(verdict.inputs, before, asked)
        if found is None and not order.reduce_only:
            _within_every_limit(self.ledger, asked)

    @rule(
        pick=st.integers(0, 100),
        price=_prices,
        amount=st.sampled_from([None, None, *map(Decimal, (1, 3, 50))]),
        fee=_fees,
    )
    def execute(self, pick: int, price: Decimal, amount: Decimal | None, fee: Money) -> None:
        """A part, the rest, or more than there was; of orders that ended as well."""
        orders = self.ledger.admitted()
        if orders:
            order = orders[pick % len(orders)]
            rest = self.ledger.reserved(order) or Fraction(1)
            self.fill(order, price, amount or Decimal(rest.numerator) / rest.denominator, fee)

    def fill(self, placed: Placed, price: Decimal, amount: Decimal, fee: Money) -> None:
        """One execution."""
        self.steps += 1
        order = placed.order
        report = replace(
            filled("x", f"x-{self.steps}", amount, price, side=order.side, fee=fee),
            order_id=order.order_id,
            instrument_id=order.instrument_id,
        )
        self.desk.events(report)
        self.ledger = self.ledger.then(Filled(report, self.desk.at))

    @rule(pick=st.integers(0, 100))
    def end(self, pick: int) -> None:
        """The venue ends one of the open orders."""
        orders = self.ledger.open()
        if orders:
            order = orders[pick % len(orders)].order
            where = order.order_id, ACCOUNT, order.instrument_id
            self.desk.events(RecordExpiry(*where, "over", START))
            self.ledger = self.ledger.then(Ended(order.order_id))

    @rule(instrument=st.sampled_from(INSTRUMENTS), payment=_fees)
    def pay(self, instrument: InstrumentId, payment: Money) -> None:
        self.steps += 1
        currency, amount = payment.currency, payment.amount
        self.desk.events(
            funded(f"f-{self.steps}", amount, currency=currency, instrument=instrument)
        )
        self.ledger = self.ledger.then(Paid(payment))

    @invariant()
    def every_counter_equals_a_recount(self) -> None:
        if not self.ledger.entries:
            return
        risk, ledger = self.desk.risk(), self.ledger
        assert {known: held.quantity for known, held in risk.reservations.items()} == {
            known: left for known, left in ledger.left.items() if left
        }
        for instrument in INSTRUMENTS:
            assert risk.exposure(instrument)[:6] == _exposure(ledger, instrument)[:6]
        for strategy in STRATEGIES:
            theirs = ledger.open(strategy=strategy)
            counted = Open(len(theirs), _decimal(ledger.worth(theirs)))
            assert risk.strategies.get(strategy, Open()) == counted
        assert set(risk.strategies) == {placed.order.strategy_id for placed in ledger.open()} - {
            None
        }
        assert risk.book == _book(ledger)

    @invariant()
    def own_prices_are_those_of_open_limit_orders(self) -> None:
        if not self.ledger.entries:
            return
        risk = self.desk.risk()
        for instrument in INSTRUMENTS if self.ledger.limits.self_trade else ():
            for side, found in zip(
                (Side.BUY, Side.SELL), risk.resting.get(instrument, ((), ())), strict=True
            ):
                assert list(found) == sorted(
                    placed.order.price
                    for placed in self.ledger.open(instrument)
                    if placed.order.side is side and placed.order.price is not None
                )
        if not self.ledger.limits.self_trade:
            assert risk.resting == {}

    def teardown(self) -> None:
        invariants.the_whole_story_folds_to_the_states_that_grew(self.desk)


def _decimal(number: Fraction) -> Decimal:
    """Every number of these stories ends after few digits."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def _exposure(ledger: Ledger, instrument: InstrumentId) -> Exposure:
    mine = ledger.open(instrument)
    return Exposure(
        net_quantity=_decimal(ledger.net(instrument)),
        open_buys=_decimal(ledger.open_quantity(instrument, Side.BUY)),
        open_sells=_decimal(ledger.open_quantity(instrument, Side.SELL)),
        mark=_decimal(ledger.mark(instrument) or Fraction(0)),
        open_orders=len(mine),
        open_notional=_decimal(ledger.worth(mine)),
    )


def _book(ledger: Ledger) -> Book:
    gross = long = short = Fraction(0)
    for each in ledger.instruments():
        mark = ledger.mark(each) or Fraction(0)
        gross += max(abs(ledger.worst(each, side)) for side in Side) * mark
        long += ledger.worst(each, Side.BUY) * mark
        short += ledger.worst(each, Side.SELL) * mark
    peak, (day, start) = ledger.peak, ledger.day
    return Book(
        open_notional=_decimal(ledger.worth(ledger.open())),
        gross=_decimal(gross),
        long=_decimal(long),
        short=_decimal(short),
        profit=_decimal(ledger.profit_now),
        peak=None if peak is None else _decimal(peak),
        day=day,
        day_start=_decimal(start),
    )


def _inputs_are_what_was_counted(inputs: DecisionInputs, before: Ledger, asked: Placed) -> None:
    """Whoever audits a decision sees the numbers that it was taken on."""
    limits, order = before.limits, asked.order
    book, exposure = _book(before), _exposure(before, order.instrument_id)
    assert inputs.open_orders == len(before.open())
    if inputs.pace is not None:
        second, minute = (
            before.owed(f"orders_per_{window}", asked.at) for window in ("second", "minute")
        )
        assert (inputs.pace.second, inputs.pace.minute) == (
            int(second * _SECOND),
            int(minute * 60 * _SECOND),
        )
    if inputs.opened is not None:
        opened = inputs.opened
        assert opened.instrument_orders == exposure.open_orders
        assert opened.instrument_notional == exposure.open_notional
        assert opened.notional == book.open_notional
    if inputs.positions is not None:
        held = inputs.positions
        assert (held.gross, held.long, held.short) == (book.gross, book.long, book.short)
        assert held.mark == exposure.mark
    if inputs.profits is not None:
        day = before.then(asked).day[1]
        assert inputs.profits.profit == book.profit
        assert (inputs.profits.peak, inputs.profits.day_start) == (book.peak, _decimal(day))
    assert (inputs.pace is None) == (
        limits.orders_per_second is None and limits.orders_per_minute is None
    )
    assert (inputs.strategy is None) == (order.strategy_id not in limits.strategies)


def _within_every_limit(ledger: Ledger, asked: Placed) -> None:
    """Reserved plus used, right after an admission, the new order counted as open."""
    limits, order, book = ledger.limits, asked.order, _book(ledger)
    mine = ledger.open(order.instrument_id)
    strategy = StrategyLimits()
    if order.strategy_id is not None:
        strategy = limits.strategies.get(order.strategy_id, strategy)
    theirs = ledger.open(strategy=order.strategy_id)
    used: dict[str, tuple[object, object]] = {
        "instrument_open_orders": (len(mine), limits.instrument_open_orders),
        "open_notional": (book.open_notional, limits.open_notional),
        "instrument_open_notional": (ledger.worth(mine), limits.instrument_open_notional),
        "strategy_open_orders": (len(theirs), strategy.open_orders),
        "strategy_open_notional": (ledger.worth(theirs), strategy.open_notional),
        "orders_per_second": (
            ledger.owed("orders_per_second", asked.at), limits.orders_per_second,
        ),
        "orders_per_minute": (
            ledger.owed("orders_per_minute", asked.at), limits.orders_per_minute,
        ),
    }  # fmt: skip
    if ledger.worst(order.instrument_id, order.side) * order.side.sign > 0:
        net = book.long if order.side is Side.BUY else -book.short
        used["gross_position"] = book.gross, limits.gross_notional
        used["net_position"] = net, limits.net_notional
        used["daily_loss"] = book.day_start - book.profit, limits.daily_loss
        if book.peak is not None:
            used["drawdown"] = book.peak - book.profit, limits.drawdown
    for name, (value, limit) in used.items():
        assert limit is None or value <= limit, name  # type: ignore[operator]


def test_random_interleavings_agree_with_the_risk_model() -> None:
    Interleaved.seen.clear()
    # Each step counts everything again: a third of the stories costs what others do.
    stories = max(1, settings().max_examples // 3)
    run_state_machine_as_test(Interleaved, settings=settings(max_examples=stories))
    seen = Interleaved.seen
    assert seen["admitted"] > 300, seen
    mine = {
        "rate", "stale_price", "instrument_open_orders", "open_notional",
        "instrument_open_notional", "gross_position", "net_position", "concentration",
        "daily_loss", "drawdown", "self_trade", "strategy_order_quantity",
        "strategy_order_notional", "strategy_open_orders", "strategy_open_notional",
    }  # fmt: skip
    assert mine <= {check.name for check in CHECKS}
    assert len([check for check in mine if seen[check]]) > 12, seen
