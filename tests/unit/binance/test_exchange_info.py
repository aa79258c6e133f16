"""Trading rules of a venue's answer: the filters of both layouts, and what is no answer."""

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.binance.exchange_info import decode
from adapters.binance.numbers import InvalidMessage
from domain.instruments.events import TradingRules


def _symbol(name: Any = "SUSHIUSDT", *, minimum: bool = True, **changed: Any) -> dict[str, Any]:
    filters = [
        {"filterType": "PRICE_FILTER", "tickSize": changed.get("tick", "0.0010")},
        {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000", "stepSize": "1"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "1", "maxQty": "500", "stepSize": "1"},
        {"filterType": "PERCENT_PRICE", "multiplierUp": "1.15"},
    ]
    if minimum:
        filters.append({"filterType": "MIN_NOTIONAL", "notional": "5"})
    return {
        "symbol": name,
        "quoteAsset": "USDT",
        "status": changed.get("status", "TRADING"),
        "filters": filters,
    }


def _answer(*symbols: Any) -> str:
    return json.dumps({"rateLimits": [], "symbols": symbols})


def test_every_filter_is_read() -> None:
    (rules,) = decode(_answer(_symbol())).values()
    assert rules == TradingRules(
        currency="USDT",
        tick=Decimal("0.001"),
        step=Decimal(1),
        minimum_quantity=Decimal(1),
        maximum_quantity=Decimal(1000),
        maximum_market_quantity=Decimal(500),
        minimum_notional=Decimal(5),
        trading=True,
    )


def test_an_older_answer_without_a_minimum_and_a_halted_symbol() -> None:
    (rules,) = decode(_answer(_symbol(minimum=False, status="SETTLING"))).values()
    assert (rules.minimum_notional, rules.trading) == (Decimal(0), False)


def test_a_symbol_that_has_no_name_here_does_not_keep_the_others_away() -> None:
    """Binance has listed symbols such as this one since October 2025."""
    assert list(decode(_answer(_symbol("币安人生USDT"), _symbol()))) == ["BINANCE:SUSHIUSDT"]


@pytest.mark.parametrize(
    "raw",
    [
        "", "null", "[]", "{}", '{"symbols":3}', '{"symbols":[1]}',
        _answer(_symbol(5)), _answer(_symbol(tick="0")), _answer(_symbol(tick="NaN")),
        _answer({**_symbol(), "filters": []}), _answer({**_symbol(), "quoteAsset": 1}),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(raw: str) -> None:
    with pytest.raises(InvalidMessage):
        decode(raw)
