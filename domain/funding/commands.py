"""What can be asked of funding: record one payment that the venue reports."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId
from domain.values import Money, PositionSide, Price


@dataclass(frozen=True, slots=True)
class RecordFunding:
    """The venue settled funding of a position; one payment is applied once, whenever it comes."""

    account_id: AccountId
    instrument_id: InstrumentId
    position_side: PositionSide
    funding_id: str
    """The venue's own id of the payment (Binance: tranId of the income; Bybit: execId)."""
    rate: Decimal
    """Above 0 longs pay shorts."""
    mark_price: Price
    quantity: Decimal
    """Signed, what was held at that moment as the venue counted it."""
    payment: Money
    """Positive is paid, negative is received."""
    venue_time: int


FundingCommand = RecordFunding
