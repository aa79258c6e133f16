"""What happened to an instrument: its rules were listed, in a version that decisions refer to."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import InstrumentId


@dataclass(frozen=True, slots=True)
class TradingRules:
    """A venue's rules for one symbol (Binance: exchangeInfo filters; Bybit: instruments-info)."""

    currency: str
    """Currency of prices, profit and fees, e.g. USDT."""
    tick: Decimal
    step: Decimal
    minimum_quantity: Decimal
    maximum_quantity: Decimal
    maximum_market_quantity: Decimal
    minimum_notional: Decimal
    trading: bool
    """False once the venue halted or delisted the symbol."""


@dataclass(frozen=True, slots=True)
class InstrumentListed:
    """The rules that hold from now on; rules_version counts from 1."""

    instrument_id: InstrumentId
    rules_version: int
    rules: TradingRules


InstrumentEvent = InstrumentListed
