"""Orders that were not placed here, against a venue that is only a list of what happened there.

The venue's reports arrive in any order, some of them several times. Whatever the order: positions
are the sums of its fills, money adds up to the last digit, and every order ends as it is there.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.dispatch import Command
from domain.ids import ExecutionId
from domain.orders.commands import (
    ExecutionKind,
    Liquidity,
    Origin,
    RecordAcceptance,
    RecordAmendment,
    RecordCancellation,
    RecordExpiry,
    RecordFill,
)
from domain.orders.external import ExternalOrder, ExternalReport, RecordExternalOrder
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.values import Money, Price, Quantity, Side
from tests.property import read_models
from tests.support.external import described, external_id
from tests.support.trading import START, SUSHI, Desk, desk, filled, order_id, place

_KNOWN = {Reason.EXECUTION_ALREADY_APPLIED, Reason.REPORT_ALREADY_APPLIED}
_amounts = st.one_of(
    st.integers(1, 4).map(lambda n: Quantity(Decimal(n))),
    st.integers(1, 400).map(lambda n: Quantity(Decimal(n).scaleb(-1))),
)
"""Small ones meet each other's ends: an amend makes room that a fill needed before."""
_prices = st.integers(1_000, 20_000).map(lambda n: Price(Decimal(n).scaleb(-3)))
_fees = st.tuples(st.integers(-50, 500), st.sampled_from(("USDT", "BNB")))
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), _amounts, _prices, _fees),
        st.tuples(st.just("amend"), _amounts, _prices, _fees),
    ),
    max_size=5,
)
_orders = st.tuples(
    st.sampled_from([origin for origin in Origin if origin is not Origin.PATRIOT]),
    st.sampled_from(Side),
    _amounts,
    _prices,
    _steps,
    st.sampled_from(["open", "cancelled", "expired"]),
)


@dataclass(slots=True)
class _Venue:
    """What happened, order by order, each at a time of its own."""

    reports: list[RecordExternalOrder] = field(default_factory=list)
    ends: dict[str, tuple[OrderStatus, Decimal, Decimal]] = field(default_factory=dict)
    """Status, quantity and what was filled, as it is there in the end."""
    fills: list[RecordFill] = field(default_factory=list)
    time: int = START

    def trade(self, name: str, drawn: tuple[object, ...]) -> None:
        origin, side, quantity, price, steps, end = drawn
        assert isinstance(origin, Origin)
        assert isinstance(steps, list)
        now = described(name, origin=origin, side=side, quantity=quantity, price=price)
        of = (now.order_id, now.account_id, now.instrument_id)
        self._tell(now, RecordAcceptance(*of, name, 0))
        done = Decimal(0)
        for number, (what, amount, at, (fee, currency)) in enumerate(steps):
            left = now.quantity - done
            if what == "fill" and left > 0:
                part = Quantity(min(amount, left))
                done += part
                execution = ExecutionId(f"{name}-{number}")
                money = Money(Decimal(fee).scaleb(-4), currency)
                fill = RecordFill(
                    *of, execution, now.side, at, part, money, Liquidity.TAKER, 0,
                    ExecutionKind.TRADE,
                )  # fmt: skip
                self.fills.append(fill)
                self._tell(now, fill)
            elif what == "amend" and left > 0:
                now = replace(now, quantity=Quantity(done + amount), price=at)
                self._tell(now, RecordAmendment(*of, 0, now.quantity, now.price, 0))
        status = OrderStatus.PARTIALLY_FILLED if done else OrderStatus.ACCEPTED
        if done >= now.quantity:
            status = OrderStatus.FILLED
        elif end == "cancelled":
            status = OrderStatus.CANCELLED
            self._tell(now, RecordCancellation(*of, 0))
        elif end == "expired":
            status = OrderStatus.EXPIRED
            self._tell(now, RecordExpiry(*of, "the venue's rule", 0))
        self.ends[name] = (status, now.quantity, done)

    def _tell(self, now: ExternalOrder, report: ExternalReport) -> None:
        self.time += 1
        told = replace(report, venue_time=self.time)
        self.reports.append(RecordExternalOrder(replace(now, venue_time=self.time), told))


def _arrived(commands: list[Command]) -> Desk:
    """Our own trade between theirs; what was told before changes nothing when it is told again."""
    trading = desk()
    told: list[Command] = []
    trading.events(place("ours", amount=30))
    trading.events(filled("ours", "ours-1", 12))
    for command in commands:
        before = dict(trading.states)
        reason = trading.reason(command)
        if command in told:
            assert reason in _KNOWN
            assert trading.states == before
        elif isinstance(command, RecordExternalOrder) and isinstance(command.report, RecordFill):
            assert reason is None, "no fill is ever dropped"
        else:
            assert reason in {None, Reason.REPORT_ALREADY_APPLIED}
        told.append(command)
    return trading


def _money_adds_up(trading: Desk, fills: list[RecordFill]) -> None:
    net = cash = Fraction(0)
    fees: dict[str, Fraction] = {}
    for fill in fills:
        signed = fill.side.sign * Fraction(fill.quantity)
        net += signed
        cash -= signed * Fraction(fill.price)
        paid = fees.get(fill.fee.currency, Fraction(0))
        fees[fill.fee.currency] = paid + Fraction(fill.fee.amount)
    position, risk = trading.position(), trading.risk()
    bound = Fraction(position.cost) * (1 if position.net_quantity > 0 else -1)
    assert position.net_quantity == risk.exposure(SUSHI).net_quantity == net
    assert Fraction(position.realised_total) == cash + bound
    assert risk.realised.get("USDT", 0) == position.realised_total
    assert all(risk.fees.get(currency, 0) == paid for currency, paid in fees.items())
    assert position.fees_total == fees.get("USDT", 0)
    assert position.other_fees.get("BNB", 0) == fees.get("BNB", 0)


def _parts_add_up(trading: Desk) -> None:
    parts = read_models.parts_of_strategies(trading)
    net = sum((Fraction(part.net_quantity) for part in parts), Fraction(0))
    assert net == trading.position().net_quantity


@given(st.lists(_orders, min_size=1, max_size=4), st.data())
def test_whatever_arrives_when_the_books_are_the_venue_s(
    drawn: list[tuple[object, ...]], data: st.DataObject
) -> None:
    venue = _Venue()
    for number, each in enumerate(drawn):
        venue.trade(str(number), each)
    again = data.draw(st.lists(st.sampled_from(venue.reports), max_size=5))
    arriving: list[Command] = data.draw(st.permutations([*venue.reports, *again]))
    trading = _arrived(arriving)
    reserved = {order_id("ours"): Fraction(18)}
    for name, (status, quantity, done) in venue.ends.items():
        order = trading.order_of(external_id(name))
        assert (order.status, order.quantity, order.filled) == (status, quantity, done)
        if status.is_open:
            reserved[external_id(name)] = Fraction(quantity) - Fraction(done)
    held = trading.risk().reservations
    assert {name: Fraction(one.quantity) for name, one in held.items()} == reserved
    exposure = trading.risk().exposure(SUSHI)
    assert exposure.open_orders == len(reserved)
    assert Fraction(exposure.open_buys) + Fraction(exposure.open_sells) == sum(reserved.values())
    worth = sum(
        (Fraction(one.quantity) * Fraction(one.price) for one in held.values()), Fraction(0)
    )
    assert Fraction(exposure.open_notional) == worth
    _money_adds_up(trading, [*venue.fills, filled("ours", "ours-1", 12)])
    _parts_add_up(trading)
    read_models.show_what_the_domain_holds(trading)
