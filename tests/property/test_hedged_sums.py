"""A hedged account's gross and net position beside a recount from a list of what happened.

Both legs count in gross, their difference in net, and an instrument's share of the gross position
is that of both its legs. The recount has no running sums and no code of what it judges.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.orders.commands import PlaceOrder, RecordFill, ReferencePrice
from domain.risk.commands import Limits, SetLimits
from domain.values import PositionSide, Price, Quantity, Side
from tests.property.drawn import INSTRUMENTS
from tests.support.checks import limits, refusal
from tests.support.hedged import fill, leg, opened
from tests.support.trading import ACCOUNT, RULES, SUSHI, Desk, cancelled, number, place, price

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
_prices = st.integers(7_000, 9_000).map(lambda ticks: price(number(ticks) / 1000))
_bounds = st.none() | st.integers(50, 500).map(number)


@st.composite
def _orders(draw: st.DrawFn) -> PlaceOrder:
    """At the prices around the market, of either leg of either instrument."""
    order = leg("later", draw(st.sampled_from(Side)), draw(st.sampled_from([LONG, SHORT])))
    at = draw(_prices)
    return replace(
        order,
        instrument_id=draw(st.sampled_from(INSTRUMENTS)),
        quantity=Quantity(number(draw(st.integers(2, 20)))),
        price=draw(_prices),
        reference=ReferencePrice(at, 0),
    )


_steps = st.lists(
    st.tuples(_orders(), st.sampled_from(["fill", "half", "leave", "cancel"]), _prices),
    max_size=14,
)


@dataclass
class _Recount:
    """Fills and open orders as a list; marks as last seen."""

    fills: list[RecordFill] = field(default_factory=list)
    left: dict[str, tuple[PlaceOrder, Fraction]] = field(default_factory=dict)
    marks: dict[InstrumentId, Fraction] = field(default_factory=dict)

    def could_be(self, instrument: InstrumentId, of: PositionSide) -> Fraction:
        """What a leg could become, without sign."""
        opens = Side.BUY if of is LONG else Side.SELL
        mine = (
            each.side.sign * Fraction(each.quantity)
            for each in self.fills
            if (each.instrument_id, each.position_side) == (instrument, of)
        )
        held = sum(mine, Fraction(0))
        open_ = sum(
            rest
            for order, rest in self.left.values()
            if (order.instrument_id, order.position_side) == (instrument, of)
            and order.side is opens
        )
        return abs(held) + Fraction(open_)

    def gross(self, instrument: InstrumentId) -> Fraction:
        """Both legs, at the mark."""
        both = self.could_be(instrument, LONG) + self.could_be(instrument, SHORT)
        return both * self.marks.get(instrument, Fraction(0))

    def net(self, side: Side) -> Fraction:
        """Signed, everything that is open on a side filled."""
        total = Fraction(0)
        for instrument, mark in self.marks.items():
            mine = [each for each in self.fills if each.instrument_id == instrument]
            held = sum((each.side.sign * Fraction(each.quantity) for each in mine), Fraction(0))
            open_ = sum(
                rest
                for order, rest in self.left.values()
                if order.instrument_id == instrument and order.side is side
            )
            total += (held + side.sign * open_) * mark
        return total

    def refused(self, order: PlaceOrder, mine: Limits) -> str | None:
        """Which of the three limits an opening order has to be refused by."""
        then = _Recount(self.fills, dict(self.left), dict(self.marks))
        assert order.reference is not None
        then.marks[order.instrument_id] = Fraction(order.reference.price)
        then.left["asked"] = order, Fraction(order.quantity)
        gross = sum((then.gross(each) for each in INSTRUMENTS), Fraction(0))
        net, own = then.net(order.side) * order.side.sign, then.gross(order.instrument_id)
        if mine.gross_notional is not None and gross > mine.gross_notional:
            return "gross_position"
        if mine.net_notional is not None and net > mine.net_notional:
            return "net_position"
        share = mine.concentration
        return "concentration" if share is not None and own > Fraction(share) * gross else None


@given(_bounds, _bounds, st.sampled_from([None, number("0.6")]), _steps)
def test_gross_counts_both_legs_and_net_their_difference_whatever_happens(
    gross: object,
    net: object,
    share: object,
    steps: list[tuple[PlaceOrder, str, Price]],
) -> None:
    trading, counted = opened(), _Recount()
    for instrument in set(INSTRUMENTS) - {SUSHI}:
        trading.events(ListInstrument(instrument, RULES))
    mine = limits(gross_notional=gross, net_notional=net, concentration=share)
    trading.events(SetLimits(ACCOUNT, mine))
    for step, (drawn, then, at) in enumerate(steps):
        name = f"hedged {step}"
        order = replace(drawn, order_id=place(name).order_id)
        opens = (order.side is Side.BUY) == (order.position_side is LONG)
        found = refusal(trading, order)
        if opens:
            assert (None if found is None else found[0]) == counted.refused(order, mine)
        if found is None:
            _follow(trading, counted, order, name, then, at)
        book = trading.risk().book
        assert book.gross == sum((counted.gross(each) for each in INSTRUMENTS), Fraction(0))
        assert book.long == counted.net(Side.BUY)
        assert book.short == counted.net(Side.SELL)


def _follow(
    trading: Desk, counted: _Recount, order: PlaceOrder, name: str, then: str, at: Price
) -> None:
    """What becomes of an admitted order."""
    assert order.reference is not None
    counted.marks[order.instrument_id] = Fraction(order.reference.price)
    counted.left[name] = order, Fraction(order.quantity)
    if then == "cancel":
        report = replace(cancelled(name), instrument_id=order.instrument_id)
        trading.events(report)
        del counted.left[name]
    elif then in {"fill", "half"}:
        amount = order.quantity if then == "fill" else Quantity(number(1))
        done = replace(
            fill(name, order.side, order.position_side),
            instrument_id=order.instrument_id,
            quantity=amount,
            price=at,
        )
        trading.events(done)
        counted.fills.append(done)
        counted.marks[order.instrument_id] = Fraction(done.price)
        rest = counted.left.pop(name)[1] - Fraction(amount)
        if rest:
            counted.left[name] = order, rest
