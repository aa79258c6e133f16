"""What is known of one wider limit's shares: who holds how much, and how much that is together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.ids import AccountId
from domain.values import ZERO


@dataclass(frozen=True, slots=True)
class Allotments:
    """The shares of one wider limit; its value is in PLATFORM's risk."""

    shares: Mapping[AccountId, Decimal] = field(default_factory=dict)
    """Of accounts that hold more than nothing."""
    allotted: Decimal = ZERO
    """Their sum."""
