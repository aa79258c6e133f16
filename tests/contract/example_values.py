"""Names and numbers that the examples of stored events share."""

from decimal import Decimal
from typing import Final

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId, UserId
from domain.instruments.events import TradingRules
from domain.orders.commands import Trigger, TriggerSource
from domain.values import Money, Price, Quantity

ACCOUNT: Final = AccountId("3f0e8f1a-6a1c-4c7e-9d55-0b7f6a1f2c01")
ORDER: Final = OrderId("0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11")
USER: Final = UserId("7c9e6679-7425-40de-944b-e07fc1f90ae7")
STRATEGY: Final = StrategyId("9a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d")
SUSHI: Final = InstrumentId("BINANCE:SUSHIUSDT")
VENUE_TIME: Final = 1_626_912_000_123_000
AT: Final = 1_626_912_000_456_789
RULES: Final = TradingRules(
    currency="USDT",
    tick=Decimal("0.001"),
    step=Decimal(1),
    minimum_quantity=Decimal(1),
    maximum_quantity=Decimal(1_000_000),
    maximum_market_quantity=Decimal("1E+5"),
    minimum_notional=Decimal(5),
    trading=True,
)


def price_of(text: str) -> Price:
    """A price."""
    return Price(Decimal(text))


def quantity_of(text: str) -> Quantity:
    """A quantity."""
    return Quantity(Decimal(text))


def usdt(text: str) -> Money:
    """Money of the examples."""
    return Money(Decimal(text), "USDT")


STOP: Final = Trigger(TriggerSource.MARK, price_of("7.500"), None, None)
