"""The live screen and the final tables: a snapshot drawn with rich, nothing decided here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.cli.snapshot import Row, Snapshot
from domain.values import divided, plain, rounded

_GOOD: Final = "green"
_BAD: Final = "red"
_QUIET: Final = "dim"
_STATUS_STYLE: Final = {
    "filled": _GOOD,
    "denied": _BAD,
    "rejected": _BAD,
    "cancelled": _QUIET,
    "expired": _QUIET,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above the tables."""

    title: str
    addresses: Sequence[tuple[str, str]]
    """What to connect to, and how."""
    seconds: int
    """Since the start."""


def draw(snapshot: Snapshot, header: Header) -> RenderableType:
    """The whole screen."""
    parts: list[RenderableType] = [_head(header)]
    parts.extend(Text(f"! {trouble}", style=_BAD) for trouble in snapshot.trouble)
    upper = [_progress(snapshot), _risk(snapshot.risk)]
    parts += [
        Columns(upper, padding=(0, 4)),
        _positions(snapshot.positions),
        Columns([_orders(snapshot.orders), _side(snapshot)], padding=(0, 2)),
    ]
    return Group(*parts)


def _side(snapshot: Snapshot) -> RenderableType:
    return Group(_fills(snapshot.fills), _violations(snapshot.violations))


def _head(header: Header) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, address in header.addresses:
        grid.add_row(Text(name, style="bold"), address)
    minutes, seconds = divmod(header.seconds, 60)
    return Panel(grid, title=f"{header.title}  ·  {minutes}:{seconds:02d}", title_align="left")


def _progress(snapshot: Snapshot) -> RenderableType:
    """How far each reader of the log is."""
    table = _table("Log and its readers", "reader", "position", "lag")
    head = snapshot.head
    table.add_row("log", _count(head), "")
    table.add_row("relay", _count(snapshot.relayed), _lag(head, snapshot.relayed))
    for row in snapshot.projections:
        table.add_row(row["projection"], _count(row["position"]), _lag(head, row["position"]))
    totals = snapshot.totals[0] if snapshot.totals else {"orders": 0, "fills": 0}
    table.caption = f"{totals['orders']:,} orders, {totals['fills']:,} fills"
    return table


def _orders(rows: Sequence[Row]) -> RenderableType:
    table = _table(
        "Orders, newest first",
        "time", "account", "instrument", "side", "type", "quantity", "price", "filled", "status",
    )  # fmt: skip
    for row in rows:
        status = row["status"]
        text = f"{status} {row['reason']}" if row["reason"] else status
        table.add_row(
            f"{row['updated_at']:%H:%M:%S}",
            _short(row["account_id"]),
            _symbol(row["instrument"]),
            _side_text(row["side"]),
            row["type"],
            _number(row["quantity"]),
            _number(row["price"]),
            _number(row["filled_quantity"]),
            Text(text, style=_STATUS_STYLE.get(status, "")),
        )
    return table


def _fills(rows: Sequence[Row]) -> RenderableType:
    table = _table(
        "Fills, newest first", "time", "account", "instrument", "side", "quantity", "price", "fee"
    )
    for row in rows:
        table.add_row(
            f"{row['filled_at']:%H:%M:%S}",
            _short(row["account_id"]),
            _symbol(row["instrument"]),
            _side_text(row["side"]),
            _number(row["quantity"]),
            _number(row["price"]),
            _number(row["fee"], 6),
        )
    return table


def _positions(rows: Sequence[Row]) -> RenderableType:
    table = _table(
        "Positions",
        "account", "instrument", "net", "average", "mark", "realised", "unrealised", "fees", "",
    )  # fmt: skip
    for row in rows:
        table.add_row(
            _short(row["account_id"]),
            _symbol(row["instrument"]),
            _number(row["net_quantity"]),
            _number(row["average_price"], 6),
            _number(row["mark_price"], 6),
            _money(row["realised"]),
            _money(row["unrealised"]),
            _number(row["fees"], 4),
            row["currency"],
        )
    return table


def _risk(rows: Sequence[Row]) -> RenderableType:
    table = _table(
        "Risk",
        "account", "state", "open", "admitted", "refused", "profit", "loss limit", "used",
    )  # fmt: skip
    for row in rows:
        halted = row["halted"] or row["platform_halted"]
        state = Text(f"halted: {row['halt_reason']}" if halted else "trading")
        state.stylize(_BAD if halted else _GOOD)
        table.add_row(
            _short(row["account_id"]),
            state,
            _count(row["open_orders"]),
            _count(row["admitted"]),
            _count(row["refusals"]),
            _money(row["profit"]),
            _number(row["loss_limit"]),
            _used(row["profit"], row["loss_limit"]),
        )
    return table


def _violations(rows: Sequence[Row]) -> RenderableType:
    table = _table("Refusals by check", "check", "times", "last")
    for row in rows:
        table.add_row(row["violation"], _count(row["times"]), f"{row['last']:%H:%M:%S}")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1), title_style="bold")
    words = {"time", "account", "instrument", "side", "type", "status", "state", "reader", "check"}
    for column in columns:
        justify = "left" if column in words or not column else "right"
        table.add_column(column, justify=justify, header_style=_QUIET, no_wrap=True)  # type: ignore[arg-type]
    return table


def _short(identity: Any) -> str:
    return str(identity)[:8]


def _symbol(instrument: str) -> str:
    return instrument.rpartition(":")[2]


def _side_text(side: str) -> Text:
    return Text(side, style=_GOOD if side == "buy" else _BAD)


def _number(value: Decimal | None, places: int = 8) -> str:
    return "" if value is None else plain(rounded(value, places))


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _lag(head: int | None, position: int | None) -> Text:
    if head is None or position is None:
        return Text("?", style=_BAD)
    lag = max(0, head - position)
    return Text(f"{lag:,}", style=_GOOD if lag == 0 else "yellow")


def _money(value: Decimal | None) -> Text:
    if value is None:
        return Text("no price", style=_QUIET)
    style = _GOOD if value > 0 else _BAD if value < 0 else _QUIET
    return Text(f"{rounded(value, 4):+,f}", style=style)


def _used(profit: Decimal | None, limit: Decimal | None) -> str:
    if profit is None or not limit:
        return ""
    loss = max(Decimal(0), -profit)
    return f"{plain(divided(loss * 100, limit, 1))} %"
