"""Short words for what venues report about accounts: funding and balances."""

from decimal import Decimal

from domain.funding.commands import RecordFunding
from domain.ids import AccountId, InstrumentId
from domain.risk.commands import RecordBalance
from domain.values import Money, PositionSide
from tests.support.trading import ACCOUNT, START, SUSHI, number, price


def funded(
    funding_id: str,
    payment: str | int | Decimal = "0.02",
    *,
    currency: str = "USDT",
    side: PositionSide = PositionSide.NET,
    account: AccountId = ACCOUNT,
    instrument: InstrumentId = SUSHI,
) -> RecordFunding:
    """The venue settled funding."""
    return RecordFunding(
        account_id=account,
        instrument_id=instrument,
        position_side=side,
        funding_id=funding_id,
        rate=number("0.0001"),
        mark_price=price("8"),
        quantity=number(10),
        payment=Money(Decimal(payment), currency),
        venue_time=START,
    )


def balance(
    amount: str | int | Decimal,
    *,
    currency: str = "USDT",
    at: int = START,
    account: AccountId = ACCOUNT,
) -> RecordBalance:
    """The venue said what the wallet holds."""
    return RecordBalance(account, Money(Decimal(amount), currency), at)
