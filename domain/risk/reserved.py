"""What an order holds after an amend was admitted, or answered by the venue."""

from decimal import Decimal

from domain.risk.events import AmendAdmitted, ReservationAmended
from domain.risk.state import Reservation
from domain.values import Side


def reservation(
    event: AmendAdmitted | ReservationAmended, was: Reservation | None, mark: Decimal
) -> Reservation:
    """While the venue has not answered, the order may lie on the book at either of two prices."""
    if isinstance(event, ReservationAmended):
        quantity, meets = event.quantity, None
        price = event.price or (mark if was is None else was.price)
    else:
        quantity, price = event.reserved_quantity, event.reserved_price
        selling = event.side is Side.SELL and was is not None
        meets = min(was.price, event.price) if selling and was is not None else price
    return Reservation(
        instrument_id=event.instrument_id,
        side=event.side,
        quantity=quantity,
        price=price,
        rests=was is None or was.rests,
        strategy_id=event.strategy_id,
        position_side=event.position_side,
        meets=meets,
    )
