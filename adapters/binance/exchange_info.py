"""Trading rules out of GET /fapi/v1/exchangeInfo: the filters that an order must pass."""

from typing import Any

import orjson

from adapters.binance.numbers import InvalidMessage, decimal, instrument
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.values import ZERO


def decode(raw: bytes | str) -> dict[InstrumentId, TradingRules]:
    """Rules of every symbol; raises InvalidMessage."""
    try:
        symbols = orjson.loads(raw)["symbols"]
        return {instrument(entry["symbol"]): _rules(entry) for entry in symbols}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidMessage(f"not an answer of exchangeInfo: {error}") from error


def _rules(entry: dict[str, Any]) -> TradingRules:
    filters = {each["filterType"]: each for each in entry["filters"]}
    lot = filters["LOT_SIZE"]
    # Older answers know no minimum notional.
    minimum = filters.get("MIN_NOTIONAL", {}).get("notional")
    return TradingRules(
        currency=entry["quoteAsset"],
        tick=decimal(filters["PRICE_FILTER"]["tickSize"]),
        step=decimal(lot["stepSize"]),
        minimum_quantity=decimal(lot["minQty"]),
        maximum_quantity=decimal(lot["maxQty"]),
        maximum_market_quantity=decimal(filters["MARKET_LOT_SIZE"]["maxQty"]),
        minimum_notional=decimal(minimum) if minimum is not None else ZERO,
        trading=entry["status"] == "TRADING",
    )
