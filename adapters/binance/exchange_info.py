"""Trading rules out of GET /fapi/v1/exchangeInfo: the filters that an order must pass."""

from decimal import Decimal
from typing import Any

import orjson

from adapters.binance.numbers import InvalidMessage, decimal, instrument, text
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.values import ZERO


def decode(raw: bytes | str) -> dict[InstrumentId, TradingRules]:
    """Rules of every symbol that has a name here; raises InvalidMessage.

    Some newer listings are not spelled in ASCII. They cannot be traded here, and must not keep the
    others from being traded.
    """
    try:
        answer = orjson.loads(raw)
        named = ((_named(entry["symbol"]), entry) for entry in answer["symbols"])
        return {name: _rules(entry) for name, entry in named if name is not None}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidMessage(f"not an answer of exchangeInfo: {error}") from error


def _named(symbol: Any) -> InstrumentId | None:
    try:
        return instrument(text(symbol))
    except InvalidMessage:
        if isinstance(symbol, str):
            return None
        raise


def _rules(entry: dict[str, Any]) -> TradingRules:
    filters = {each["filterType"]: each for each in entry["filters"]}
    lot = filters["LOT_SIZE"]
    # Older answers know no minimum notional.
    minimum = filters.get("MIN_NOTIONAL", {}).get("notional")
    return TradingRules(
        currency=text(entry["quoteAsset"]),
        tick=_grid(filters["PRICE_FILTER"]["tickSize"]),
        step=_grid(lot["stepSize"]),
        minimum_quantity=decimal(lot["minQty"]),
        maximum_quantity=decimal(lot["maxQty"]),
        maximum_market_quantity=decimal(filters["MARKET_LOT_SIZE"]["maxQty"]),
        minimum_notional=decimal(minimum) if minimum is not None else ZERO,
        trading=entry["status"] == "TRADING",
    )


def _grid(value: Any) -> Decimal:
    """A tick or a step: above 0, since prices and quantities are divided by it."""
    grid = decimal(value)
    if not grid:
        raise InvalidMessage("a tick or step of 0")
    return grid
