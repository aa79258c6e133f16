"""What is known of a position: how much is held, what it cost, what it has earned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.making import quickly
from domain.values import ZERO


@quickly
@dataclass(frozen=True, slots=True)
class Position:
    """One account's position in one instrument, net or a leg; flat before the first fill."""

    net_quantity: Decimal = ZERO
    """Signed: short below 0."""
    cost: Decimal = ZERO
    """Quote currency paid or received for what is open; never negative."""
    realised_total: Decimal = ZERO
    fees_total: Decimal = ZERO
    """Fees in the position's own currency."""
    other_fees: Mapping[str, Decimal] = field(default_factory=dict)
    """Fees in every other currency."""
    funding: Mapping[str, Decimal] = field(default_factory=dict)
    """Funding paid less received, by currency."""
