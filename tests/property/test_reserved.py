"""What is reserved and what is used together never pass a limit, whatever comes in which order.

Everything trades at one price, so that value is quantity and no market can move it: then the limit
must hold at every moment, through amends, their refusals, partial fills, cancels and expiries, and
not only at the moment of an admission. Fills are never larger than what the order may trade: what a
venue fills beyond that is recorded and no limit can undo it.
"""

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import Side
from tests.support.checks import limits
from tests.support.life import amend, amend_rejected, amended
from tests.support.trading import (
    START,
    SUSHI,
    Desk,
    accepted,
    cancelled,
    desk,
    expired,
    filled,
    number,
    order_id,
    place,
)

PRICE = Decimal(8)
MOST = number(160)
"""Twenty at the price."""
_steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["place", "place", "fill", "amend", "amend", "amended", "refuse", "cancel", "expire"]
        ),
        st.integers(0, 2),
        st.sampled_from(Side),
        st.integers(1, 15),
    ),
    min_size=5,
    max_size=40,
)
_seen: Counter[str] = Counter()


def _step(
    trading: Desk, names: list[str], step: int, what: str, pick: int, side: Side, amount: int
) -> None:
    """One thing happens, to one of the last orders; what cannot happen now changes nothing."""
    if what == "place":
        if trading.reason(place(f"o-{step}", side, amount, reference=PRICE)) is None:
            trading.do(accepted(f"o-{step}"))
            names.append(f"o-{step}")
        return
    if not names:
        return
    name = names[-1 - pick % min(len(names), 3)]
    order = trading.order(name)
    match what:
        case "fill" if order.reserved > 0:
            part = min(number(amount), order.reserved)
            trading.do(filled(name, f"x-{step}", part, side=order.side))
        case "amend":
            trading.do(amend(name, amount, reference=PRICE))
        case "amended" if order.pending is not None:
            trading.do(
                amended(name, order.pending.quantity, number=order.amends, time=START + step)
            )
        case "refuse":
            trading.do(amend_rejected(name, number=max(1, order.amends)))
        case "cancel":
            trading.do(cancelled(name))
        case "expire":
            trading.do(expired(name))
        case _:
            return
    _seen[f"{what} {trading.order(name).status}"] += 1


@settings(max_examples=2 * settings().max_examples)
@given(_steps)
def _reserved_plus_used_is_never_above_the_limit(
    steps: list[tuple[str, int, Side, int]],
) -> None:
    trading = desk(
        limits(position_notional=MOST, gross_notional=MOST, net_notional=MOST, open_notional=MOST)
    )
    names: list[str] = []
    for step, (what, pick, side, amount) in enumerate(steps):
        _step(trading, names, step, what, pick, side, amount)
        exposure, book = trading.risk().exposure(SUSHI), trading.risk().book
        most_long = exposure.net_quantity + exposure.open_buys
        most_short = exposure.open_sells - exposure.net_quantity
        assert max(most_long, most_short) * PRICE <= MOST
        assert exposure.open_notional <= MOST
        assert max(book.gross, book.long, -book.short) <= MOST
        held = trading.risk().reservations
        for name in names:
            order = trading.order(name)
            reserved = held[order_id(name)].quantity if order_id(name) in held else 0
            assert reserved == order.reserved


def test_reserved_plus_used_is_never_above_the_limit() -> None:
    """In stories that meet every turn of an amend: otherwise they would prove little."""
    _seen.clear()
    _reserved_plus_used_is_never_above_the_limit()
    for turn in ("fill pending_amend", "amended accepted", "refuse accepted", "cancel cancelled"):
        assert _seen[turn], turn
