"""Cash, fees, funding and realised profit add up to the last digit, whatever came in which order.

The model is a list of what moved money, read from the beginning: a wallet that pays and receives,
and what the open quantity is bound in.
"""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.funding.commands import RecordFunding
from domain.ids import ExecutionId
from domain.orders.commands import ExecutionKind, RecordFill
from domain.values import Money, Price, Quantity, Side, parse_price, parse_quantity
from tests.support.reports import funded
from tests.support.trading import Desk, desk, filled, place

_LARGEST = 10**36 - 1
"""The largest number of the wire, in units of its last place."""

_units = st.one_of(
    st.integers(1, 10_000).map(lambda n: n * 10**15),
    st.integers(1, _LARGEST),
    st.sampled_from([1, 2, 3, 10**18, _LARGEST - 1, _LARGEST]),
)
_texts = _units.map(lambda n: f"{n // 10**18}.{n % 10**18:018d}")
_prices = _texts.map(parse_price)
_quantities = _texts.map(parse_quantity)
_amounts = st.one_of(
    _texts.map(parse_price),
    _texts.map(lambda text: parse_price(text).copy_negate()),
)
_money = st.builds(Money, _amounts, st.sampled_from(["USDT", "USDT", "BNB", "BNFCR"]))


@st.composite
def _fills(draw: st.DrawFn) -> tuple[Side, Quantity, Price, Money, ExecutionKind]:
    side, kind = draw(st.sampled_from(Side)), draw(st.sampled_from(ExecutionKind))
    return side, draw(_quantities), draw(_prices), draw(_money), kind


_stories = st.lists(st.one_of(_fills(), _money), max_size=14)


def _told(
    number: int, moved: tuple[Side, Quantity, Price, Money, ExecutionKind] | Money
) -> RecordFill | RecordFunding:
    if isinstance(moved, Money):
        return funded(f"f-{number}", moved.amount, currency=moved.currency)
    side, quantity, price, fee, kind = moved
    name = "bought" if side is Side.BUY else "sold"
    fill = filled(name, "x", quantity, price, side=side, fee=fee)
    return replace(fill, execution_id=ExecutionId(f"x-{number}"), kind=kind)


def _trading() -> Desk:
    """A desk with one order of each side that any number of fills may come for."""
    trading = desk()
    trading.events(place("bought", Side.BUY))
    trading.events(place("sold", Side.SELL))
    return trading


def _sum(amounts: dict[str, Fraction], currency: str, amount: Fraction) -> None:
    amounts[currency] = amounts.get(currency, Fraction(0)) + amount


@given(_stories, st.randoms(use_true_random=False))
def test_cash_fees_and_realised_profit_add_up_to_the_last_digit_for_any_order_of_fills(
    story: list[tuple[Side, Quantity, Price, Money, ExecutionKind] | Money], chance: object
) -> None:
    reports = [_told(number, moved) for number, moved in enumerate(story)]
    twice = [*reports, *reports[::2]]
    chance.shuffle(twice)  # type: ignore[attr-defined]
    trading, wallet, seen = _trading(), dict[str, Fraction](), set[str]()
    for report in twice:
        told = report.execution_id if isinstance(report, RecordFill) else report.funding_id
        known = trading.reason(report) is not None
        assert known == (told in seen)
        seen.add(told)
        if known:
            continue
        if isinstance(report, RecordFill):
            value = Fraction(report.price) * Fraction(report.quantity)
            _sum(wallet, "USDT", -report.side.sign * value)
            _sum(wallet, report.fee.currency, -Fraction(report.fee.amount))
        else:
            _sum(wallet, report.payment.currency, -Fraction(report.payment.amount))
        _position_and_account_explain(trading, wallet)


def _position_and_account_explain(trading: Desk, wallet: dict[str, Fraction]) -> None:
    position, risk = trading.position(), trading.risk()
    bound = Fraction(position.cost) * (1 if position.net_quantity > 0 else -1)
    for currency in {*wallet, *position.other_fees, *position.funding, *risk.fees, *risk.funding}:
        own = currency == "USDT"
        earned = Fraction(position.realised_total if own else 0)
        fees = Fraction(position.fees_total if own else position.other_fees.get(currency, 0))
        funding = Fraction(position.funding.get(currency, 0))
        moved = wallet.get(currency, Fraction(0))
        assert moved == earned - (bound if own else 0) - fees - funding
        assert Fraction(risk.realised.get(currency, 0)) == earned
        assert Fraction(risk.fees.get(currency, 0)) == fees
        assert Fraction(risk.funding.get(currency, 0)) == funding
