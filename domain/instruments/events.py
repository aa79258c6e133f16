"""What happened to an instrument: its rules were listed, in a version that decisions refer to."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import InstrumentId
from domain.margin.tiers import MarginTier
from domain.values import ZERO


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
    contract_size: Decimal = Decimal(1)
    """Units of the underlying in one unit of quantity; both venues' linear contracts have 1."""
    maker_fee: Decimal = ZERO
    """Ratio of a fill's value; below 0 is a rebate. 0 where it is not known."""
    taker_fee: Decimal = ZERO
    margin_tiers: tuple[MarginTier, ...] = ()
    """Lowest values first; empty where the venue's table is not known."""


@dataclass(frozen=True, slots=True)
class InstrumentListed:
    """The rules that hold from now on; rules_version counts from 1."""

    instrument_id: InstrumentId
    rules_version: int
    rules: TradingRules


InstrumentEvent = InstrumentListed
