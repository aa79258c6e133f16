"""What happened to a payment of funding: the venue reported it, once."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId
from domain.values import Money, PositionSide, Price


@dataclass(frozen=True, slots=True)
class FundingRecorded:
    """A position paid or received funding, by the venue's account of it."""

    account_id: AccountId
    instrument_id: InstrumentId
    position_side: PositionSide
    funding_id: str
    """The venue's own id of the payment."""
    rate: Decimal
    """Above 0 longs pay shorts."""
    mark_price: Price
    quantity: Decimal
    """Signed, as the venue counted it at that moment."""
    payment: Money
    """Positive is paid, negative is received."""
    venue_time: int


FundingEvent = FundingRecorded
