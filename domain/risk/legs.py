"""Hedged instruments in the gross position: both legs count, each by its own worst case.

A long and a short leg of one instrument are two positions, each with its margin, and each can be
closed alone; counted by their difference, an account could hold any amount of both. The net
position is that difference, and there the exposure of the whole instrument says it all.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.ids import InstrumentId
from domain.risk.state import FLAT, Exposure, Leg
from domain.risk.sums import worst_values
from domain.values import PositionSide, minus, plus

Legs = Mapping[Leg, Exposure]
_SIDES = (PositionSide.LONG, PositionSide.SHORT)


def gross_value(instrument_id: InstrumentId, whole: Exposure, legs: Legs) -> Decimal:
    """What an instrument adds to the gross position; `whole` has its mark.

    What is in no leg counts by its net, which is everything in one-way mode.
    """
    if not legs:
        return worst_values(whole)[2]
    net, buys, sells, mark, *_ = whole
    total = Decimal(0)
    for side in _SIDES:
        leg = legs.get(Leg(instrument_id, side))
        if leg is not None:
            total = plus(total, worst_values(leg._replace(mark=mark))[2])
            net = minus(net, leg.net_quantity)
            buys, sells = minus(buys, leg.open_buys), minus(sells, leg.open_sells)
    return plus(total, worst_values(Exposure(net, buys, sells, mark))[2])


def gained(
    instrument_id: InstrumentId, before: Exposure, held: Legs, after: Exposure, then: Legs
) -> Decimal | None:
    """What the gross position gains by an event; None of an account without legs."""
    if not held and not then:
        return None
    return minus(gross_value(instrument_id, after, then), gross_value(instrument_id, before, held))


def with_leg(legs: Legs, leg: Leg, exposure: Exposure) -> Legs:
    """The legs after one of them changed; one in which nothing is held or open is none."""
    if (exposure.net_quantity, exposure.open_buys, exposure.open_sells) == FLAT[:3]:
        return {known: other for known, other in legs.items() if known != leg}
    return {**legs, leg: exposure}
