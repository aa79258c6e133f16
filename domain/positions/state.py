"""What is known of a net position: how much is held, what it cost, what it has earned."""

from dataclasses import dataclass
from decimal import Decimal

from domain.values import ZERO


@dataclass(frozen=True, slots=True)
class Position:
    """One account's net position in one instrument; flat before the first fill."""

    net_quantity: Decimal = ZERO
    """Signed: short below 0."""
    cost: Decimal = ZERO
    """Quote currency paid or received for what is open; never negative."""
    realised_total: Decimal = ZERO
    fees_total: Decimal = ZERO
    """Fees in the position's own currency; a fee in another one stays on its fill."""
