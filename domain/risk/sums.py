"""The running sums of an account, moved by what changes in one instrument.

Each sum is a sum over instruments of what one exposure adds to it, so a change of one exposure
moves it by the difference. Profit is marked to market: whenever an instrument's price moves, what
is held gains the difference. Added up that is realised plus unrealised profit; no cost is needed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domain.risk.commands import Limits
from domain.risk.state import EMPTY, Book, Exposure
from domain.values import ZERO, Money, minus, plus, times

DAY: Final = 86_400_000_000
"""Microseconds."""


def moved(
    books: Mapping[str, Book],
    currency: str,
    before: Exposure,
    after: Exposure,
    *,
    fee: Decimal = ZERO,
    legs: Decimal | None = None,
) -> Mapping[str, Book]:
    """The books after one instrument of this currency went from one exposure to another.

    `legs` is what the gross position gains where the instrument is hedged (domain/risk/legs.py).
    """
    open_notional, gross, long, short, profit, peak, day, day_start = books.get(currency, EMPTY)
    long_before, short_before, gross_before = worst_values(before)
    long_after, short_after, gross_after = worst_values(after)
    profit = minus(plus(profit, gained(before, after.mark)), fee)
    return {
        **books,
        currency: Book(
            plus(open_notional, minus(after.open_notional, before.open_notional)),
            plus(gross, minus(gross_after, gross_before) if legs is None else legs),
            plus(long, minus(long_after, long_before)),
            plus(short, minus(short_after, short_before)),
            profit,
            peak if peak is None or peak >= profit else profit,
            day,
            day_start,
        ),
    }


def paid(books: Mapping[str, Book], payment: Money) -> Mapping[str, Book]:
    """The books after money went out for what is held; below 0 it came in."""
    book = books.get(payment.currency, EMPTY)
    profit = minus(book.profit, payment.amount)
    peak = book.peak
    if peak is not None and profit > peak:
        peak = profit
    return {**books, payment.currency: book._replace(profit=profit, peak=peak)}


def worst_values(exposure: Exposure) -> tuple[Decimal, Decimal, Decimal]:
    """Signed value if all buys were filled, if all sells were, and the larger one without sign."""
    net_quantity, open_buys, open_sells, mark, *_ = exposure
    long = times(plus(net_quantity, open_buys), mark)
    short = times(minus(net_quantity, open_sells), mark)
    sold = minus(ZERO, short)
    return long, short, max(long, sold)


def gained(exposure: Exposure, price: Decimal) -> Decimal:
    """What a position gains by its price becoming this one."""
    net_quantity, mark = exposure.net_quantity, exposure.mark
    if not net_quantity or not mark or price == mark:
        return ZERO
    return times(net_quantity, minus(price, mark))


def watched(books: Mapping[str, Book], limits: Limits) -> Mapping[str, Book]:
    """The books as new limits want them: peak and day are forgotten unless they are limited.

    A peak begins at the profit of now, a day with the next decision.
    """
    book = books.get(limits.currency, EMPTY)
    peak = None
    if limits.drawdown is not None:
        peak = book.profit if book.peak is None else book.peak
    kept = book._replace(peak=peak)
    if limits.daily_loss is None:
        kept = kept._replace(day=0, day_start=ZERO)
    forgotten = {
        currency: other._replace(peak=None, day=0, day_start=ZERO)
        for currency, other in books.items()
    }
    return {**forgotten, limits.currency: kept}
