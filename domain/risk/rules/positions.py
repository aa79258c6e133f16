"""Checks over all instruments together: gross and net position, concentration, losses.

Positions count what is open and reserved as filled, each instrument at the last price that the
account's own events have brought. Only opening orders are refused: whoever makes a position smaller
is let through, however much was lost. A value at the limit is admitted.
"""

from decimal import Decimal

from domain.reasons import Reason, Rejected
from domain.risk.legs import gross_value
from domain.risk.rules.question import Question, over
from domain.risk.state import Exposure, Leg
from domain.risk.sums import gained, worst_values
from domain.values import PositionSide, Side, minus, plus, times


def gross(question: Question) -> Rejected | None:
    """The worst cases of all instruments added up, longs and shorts, and both legs of a hedge."""
    limit = question.risk.limits.gross_notional if question.risk.limits is not None else None
    if limit is None or not question.opens:
        return None
    value = gross_after(question)
    if value is not None and value > limit:
        return over(
            Reason.GROSS_POSITION_LIMIT,
            "the positions together could pass their limit",
            limit=limit,
            value=value,
        )
    return None


def net(question: Question) -> Rejected | None:
    """What the account would be long, or short, over all instruments."""
    limit = question.risk.limits.net_notional if question.risk.limits is not None else None
    if limit is None or not question.opens:
        return None
    value = net_after(question)
    if value is not None and value > limit:
        return over(
            Reason.NET_POSITION_LIMIT,
            "what is long less what is short could pass its limit",
            limit=limit,
            value=value,
        )
    return None


def concentration(question: Question) -> Rejected | None:
    """The share of the order's instrument in the gross position, once that is large enough."""
    compared = concentration_after(question)
    if compared is None or not question.opens:
        return None
    limit, value = compared
    if value > limit:
        return over(
            Reason.CONCENTRATION_LIMIT,
            "too much of what is held would be this instrument",
            limit=limit,
            value=value,
        )
    return None


def daily_loss(question: Question) -> Rejected | None:
    """What was lost since the day (UTC) began, realised and not."""
    limit = question.risk.limits.daily_loss if question.risk.limits is not None else None
    if limit is None or not question.opens:
        return None
    value = lost_today(question)
    if value > limit:
        return over(
            Reason.DAILY_LOSS_LIMIT, "the loss of today is over the limit", limit=limit, value=value
        )
    return None


def drawdown(question: Question) -> Rejected | None:
    """What was lost since the profit was highest."""
    limit = question.risk.limits.drawdown if question.risk.limits is not None else None
    if limit is None or not question.opens:
        return None
    value = fallen(question)
    if value > limit:
        return over(
            Reason.DRAWDOWN_LIMIT,
            "the fall from the highest profit is over the limit",
            limit=limit,
            value=value,
        )
    return None


def gross_after(question: Question) -> Decimal | None:
    """The gross position with the order; None without any price."""
    after = position_after(question)
    return None if after is None else _gross_with(question, after)


def _gross_with(question: Question, after: Decimal) -> Decimal:
    """The gross position if the order's instrument added so much to it."""
    risk = question.risk
    before = gross_value(question.order.instrument_id, question.whole, risk.legs)
    return plus(risk.book.gross, minus(after, before))


def position_after(question: Question) -> Decimal | None:
    """What the order's instrument would add to the gross position, both legs of a hedged one.

    None without any price.
    """
    after, legs, order = _after(question), question.risk.legs, question.order
    if after is None:
        return None
    if order.position_side is not PositionSide.NET:
        moved = _opened(question, question.exposure, after.mark)
        legs = {**legs, Leg(order.instrument_id, order.position_side): moved}
    return gross_value(order.instrument_id, after, legs)


def net_after(question: Question) -> Decimal | None:
    """What the account would be long with a buy, short with a sell; below 0 the other way round."""
    after = _after(question)
    if after is None:
        return None
    long, short, _ = worst_values(question.whole)
    long_after, short_after, _ = worst_values(after)
    book = question.risk.book
    if question.order.side is Side.BUY:
        return plus(book.long, minus(long_after, long))
    return minus(minus(short, short_after), book.short)


def concentration_after(question: Question) -> tuple[Decimal, Decimal] | None:
    """The most that the instrument may be worth, and what it would; None where nobody asks."""
    limits = question.risk.limits
    if limits is None or limits.concentration is None:
        return None
    after = position_after(question)
    if after is None:
        return None
    total = _gross_with(question, after)
    if limits.concentration_from is not None and total <= limits.concentration_from:
        return None
    return times(total, limits.concentration), after


def lost_today(question: Question) -> Decimal:
    """Below 0 is a profit."""
    return minus(question.risk.book.day_start, _profit(question))


def fallen(question: Question) -> Decimal:
    """From the peak to now; below 0 is a new peak, which an admission will record."""
    peak = question.risk.book.peak
    profit = _profit(question)
    return minus(profit if peak is None else peak, profit)


def _profit(question: Question) -> Decimal:
    """The account's profit with the order's instrument at the market of now."""
    mark = question.mark
    profit = question.risk.book.profit
    return profit if mark is None else plus(profit, gained(question.whole, mark))


def _after(question: Question) -> Exposure | None:
    """The instrument as an admission would leave it, for its quantities and its mark."""
    mark = question.mark
    return None if mark is None else _opened(question, question.whole, mark)


def _opened(question: Question, before: Exposure, mark: Decimal) -> Exposure:
    """What the order may still add is open; what of it was filled is held already."""
    net, buys, sells, *_ = before
    if question.order.side is Side.BUY:
        return Exposure(net, plus(buys, question.opening), sells, mark)
    return Exposure(net, buys, plus(sells, question.opening), mark)
