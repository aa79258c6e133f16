"""How fast an account may send orders: two token buckets in the time of its own events.

A bucket of N orders a window begins full and is filled again evenly, so at most N orders go at
once, and within any window fewer than 2 N. No clock is read and nothing is counted per window: the
debt of the orders so far and the time of the last one say all.
"""

from typing import Final, NamedTuple

from domain.risk.commands import Limits
from domain.risk.state import Pace

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND


def paid(pace: Pace, limits: Limits, at: int) -> Pace:
    """The debts at a time; one whose limit is not set is forgotten.

    A clock that went back pays nothing, and what it went back by is not paid twice.
    """
    elapsed = max(0, at - pace.at)
    second, minute = limits.orders_per_second, limits.orders_per_minute
    return Pace(
        max(at, pace.at),
        0 if second is None else max(0, pace.second - elapsed * second),
        0 if minute is None else max(0, pace.minute - elapsed * minute),
    )


def ordered(pace: Pace, limits: Limits, at: int) -> Pace:
    """The debts after one more order at a time."""
    now = paid(pace, limits, at)
    return Pace(
        now.at,
        now.second + SECOND if limits.orders_per_second is not None else 0,
        now.minute + MINUTE if limits.orders_per_minute is not None else 0,
    )


class Room(NamedTuple):
    """How many orders a bucket of `limit` would hold with one more, a started one counted whole."""

    limit: int
    orders: int
    window: str


def tightest(pace: Pace, limits: Limits, at: int) -> Room | None:
    """The bucket with the least room for one more order; None while no rate is limited."""
    if not is_limited(limits):
        return None
    after = ordered(pace, limits, at)
    rooms = [
        Room(limit, -(-debt // window), name)
        for limit, debt, window, name in (
            (limits.orders_per_second, after.second, SECOND, "second"),
            (limits.orders_per_minute, after.minute, MINUTE, "minute"),
        )
        if limit is not None
    ]
    return min(rooms, key=lambda room: room.limit - room.orders, default=None)


def is_limited(limits: Limits) -> bool:
    """Whether orders are counted at all."""
    return limits.orders_per_second is not None or limits.orders_per_minute is not None
