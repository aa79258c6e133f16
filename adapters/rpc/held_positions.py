"""Rows of positions with what margin makes of them, as messages; nothing is read here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from adapters.proto.v1 import queries_pb2
from adapters.rpc.wire import wire
from domain.accounts.events import MarginMode
from domain.ids import InstrumentId
from domain.margin.account import Held, Margin, margins
from domain.margin.prices import Leg
from domain.margin.venues import Terms
from domain.values import ZERO, Side, magnitude, plain
from projections.instruments import tiers_of

HELD: Final = """
    SELECT p.instrument, p.net_quantity, p.average_price, p.realised, p.fees, p.unrealised,
           p.mark_price, p.currency, p.updated_at, p.position_side, p.funding,
           p.cost, i.taker_fee, i.margin_tiers, l.leverage, a.margin_mode, c.balance
      FROM read.positions p
      LEFT JOIN read.instruments i ON i.instrument = p.instrument
      LEFT JOIN read.account_leverages l
             ON l.account_id = p.account_id AND l.instrument = p.instrument
      LEFT JOIN read.accounts a ON a.account_id = p.account_id
      LEFT JOIN read.account_cash c ON c.account_id = p.account_id AND c.currency = p.currency
     WHERE p.account_id = %(account)s ORDER BY p.instrument, p.position_side
"""
_SHOWN: Final = (
    "instrument", "net_quantity", "average_price", "realised", "fees", "unrealised", "mark_price",
    "currency", "updated_at", "position_side", "funding",
)  # fmt: skip
_UNLEVERED: Final = Decimal(1)


def held_positions(rows: Sequence[dict[str, Any]]) -> list[queries_pb2.HeldPosition]:
    """Every position of one account; margin and prices of those that are not flat."""
    open_rows = [row for row in rows if row["net_quantity"]]
    wallets = {row["currency"]: row["balance"] for row in rows if row["balance"] is not None}
    isolated = any(row["margin_mode"] == MarginMode.ISOLATED.value for row in rows)
    mode = MarginMode.ISOLATED if isolated else MarginMode.CROSS
    found = iter(margins([_held(row) for row in open_rows], wallets, mode))
    return [_message(row, next(found) if row["net_quantity"] else None) for row in rows]


def _held(row: dict[str, Any]) -> Held:
    quantity: Decimal = row["net_quantity"]
    return Held(
        terms=Terms(
            InstrumentId(row["instrument"]),
            row["leverage"] or _UNLEVERED,
            row["taker_fee"] or ZERO,
            tiers_of(row["margin_tiers"] or ""),
        ),
        leg=Leg(Side.BUY if quantity > 0 else Side.SELL, magnitude(quantity), row["cost"]),
        currency=row["currency"],
        mark=row["mark_price"],
    )


def _message(row: dict[str, Any], margin: Margin | None) -> queries_pb2.HeldPosition:
    held = queries_pb2.HeldPosition(**{name: wire(row[name]) for name in _SHOWN})
    held.leverage = plain(row["leverage"]) if row["leverage"] is not None else ""
    if margin is not None:
        held.initial_margin = _text(margin.initial)
        held.maintenance_margin = _text(margin.maintenance)
        held.liquidation_price = _text(margin.liquidation)
        held.bankruptcy_price = _text(margin.bankruptcy)
    return held


def _text(number: Decimal | None) -> str:
    return "" if number is None else plain(number)
