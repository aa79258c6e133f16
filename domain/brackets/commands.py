"""What can be asked of a bracket: to place one, and to protect again what lost its protection."""

from dataclasses import dataclass

from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import OrderType, PlaceOrder, Trigger
from domain.values import Price


@dataclass(frozen=True, slots=True)
class ExitTerms:
    """How a bracket leaves its position: what the venue is told once there is something to leave.

    The rest follows: the other side, the same leg, reduce only, until cancelled, and the quantity
    that the bracket holds at the time.
    """

    type: OrderType
    price: Price | None
    """Limit price; None on an exit that trades at the market."""
    trigger: Trigger | None
    """What a conditional exit waits for; None on a target that rests on the book."""


@dataclass(frozen=True, slots=True)
class PlaceBracket:
    """Check an entry against risk and its exits against the entry; send the entry if both pass."""

    entry: PlaceOrder
    stop: ExitTerms | None
    target: ExitTerms | None
    """At least one of the two."""

    @property
    def account_id(self) -> AccountId:
        """Whose bracket it is."""
        return self.entry.account_id


@dataclass(frozen=True, slots=True)
class ProtectBracket:
    """Send again the exits of a bracket that holds something without them, whatever ended them."""

    entry_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    """The entry's own, so that everything the decision looks at is known at once."""


BracketCommand = PlaceBracket | ProtectBracket
