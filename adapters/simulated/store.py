"""The exchange's own memory: orders, executions and reports not yet delivered, in SQLite.

An order and the reports about it are written in one transaction, so a killed exchange neither
forgets an order nor an execution nor a report. It shares nothing with the trading core.

    SettingsError
    └── StoreUnusable    the file belongs to another exchange that runs, or is no store: stop that
                         one, or choose another file
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from adapters.settings import SettingsError
from adapters.simulated.matching import Execution, VenueOrder, VenueStatus
from adapters.simulated.members import Executed, Place
from domain.ids import InstrumentId
from domain.orders.commands import (
    Liquidity,
    OrderType,
    Origin,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.values import PositionSide, Price, Side, plain

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS orders (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    client_order_id TEXT NOT NULL UNIQUE,
    venue_order_id  TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    instrument_id   TEXT NOT NULL,
    side            TEXT NOT NULL,
    type            TEXT NOT NULL,
    time_in_force   TEXT NOT NULL,
    quantity        TEXT NOT NULL,
    price           TEXT,
    filled          TEXT NOT NULL,
    status          TEXT NOT NULL,
    position_side   TEXT NOT NULL DEFAULT 'net',
    origin          TEXT NOT NULL DEFAULT 'patriot'
);
CREATE INDEX IF NOT EXISTS open_orders ON orders (status) WHERE status = 'open';
CREATE TABLE IF NOT EXISTS forms (
    client_order_id TEXT PRIMARY KEY,
    reduce_only     INTEGER NOT NULL,
    close_position  INTEGER NOT NULL,
    trigger_source  TEXT,
    trigger_price   TEXT,
    callback        TEXT,
    activation      TEXT,
    expires_at      INTEGER,
    triggered       INTEGER NOT NULL,
    best            TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (
    number          INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL,
    price           TEXT NOT NULL,
    quantity        TEXT NOT NULL,
    fee             TEXT NOT NULL,
    liquidity       TEXT NOT NULL,
    time            INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS executions_of_order ON executions (client_order_id, number);
CREATE TABLE IF NOT EXISTS amendments (
    client_order_id TEXT NOT NULL,
    number          INTEGER NOT NULL,
    PRIMARY KEY (client_order_id, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arriving (client_order_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    body   BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS deposits (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL,
    currency   TEXT NOT NULL,
    amount     TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_LOCK_SECONDS: Final = 2.0
_ORDER: Final = (
    "client_order_id, venue_order_id, account_id, instrument_id, side, type, time_in_force, "
    "quantity, price, filled, status, position_side, origin"
)
_FORM: Final = (
    "reduce_only, close_position, trigger_source, trigger_price, callback, activation, "
    "expires_at, triggered, best"
)
_ORDERS: Final = f"SELECT {_ORDER}, {_FORM} FROM orders LEFT JOIN forms USING (client_order_id)"  # noqa: S608


class StoreUnusable(SettingsError):
    """The file belongs to another exchange that runs, or is no store."""


@dataclass(frozen=True, slots=True)
class StoredExecution:
    """A fill as the exchange remembers it; its number is the id that was reported."""

    number: int
    time: int
    execution: Execution


class VenueStore:
    """One file; it belongs to one process as long as that runs, however it ends."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises StoreUnusable."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=_LOCK_SECONDS)
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            columns = {row[1] for row in self._db.execute("PRAGMA table_info(orders)")}
            for name, default in (("position_side", "net"), ("origin", "patriot")):
                if name not in columns:  # a file of an earlier release
                    self._db.execute(
                        f"ALTER TABLE orders ADD COLUMN {name} TEXT NOT NULL DEFAULT '{default}'"
                    )
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StoreUnusable(
                f"{path} cannot be used ({error}): stop the simulated venue that runs on it, or "
                "choose another file"
            ) from error

    def close(self) -> None:
        """Give up the file."""
        self._db.close()

    def find(self, client_order_id: str) -> VenueOrder | None:
        """The order under this client order id."""
        query = f"{_ORDERS} WHERE client_order_id = ?"
        row = self._db.execute(query, (client_order_id,)).fetchone()
        return _order(row) if row else None

    def open_orders(self) -> list[VenueOrder]:
        """Every open order, in the order in which they came."""
        query = f"{_ORDERS} WHERE status = 'open' ORDER BY number"
        return [_order(row) for row in self._db.execute(query)]

    def next_number(self, name: str) -> int:
        """The next number of a sequence, for ids of orders and executions."""
        row = self._db.execute(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE "
            "SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(row[0])

    def save(self, order: VenueOrder, reports: Sequence[bytes]) -> None:
        """Keep an order's state and what is to be reported about it, together."""
        self._db.execute(
            f"INSERT INTO orders ({_ORDER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
            "ON CONFLICT (client_order_id) DO UPDATE "
            "SET filled = excluded.filled, status = excluded.status",
            (
                order.client_order_id,
                order.venue_order_id,
                order.account_id,
                order.instrument_id,
                order.side.value,
                order.type.value,
                order.time_in_force.value,
                plain(order.quantity),
                None if order.price is None else plain(order.price),
                plain(order.filled),
                order.status.value,
                order.position_side.value,
                order.origin.value,
            ),
        )
        if order.trigger or order.expires_at or order.is_bounded:
            self._save_form(order)
        for report in reports:
            self.add_report(report)

    def _save_form(self, order: VenueOrder) -> None:
        trigger = order.trigger
        self._db.execute(
            f"INSERT INTO forms (client_order_id, {_FORM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
            "ON CONFLICT (client_order_id) DO UPDATE "
            "SET triggered = excluded.triggered, best = excluded.best",
            (
                order.client_order_id,
                order.reduce_only,
                order.close_position,
                None if trigger is None else trigger.source.value,
                None if trigger is None else _text(trigger.price),
                None if trigger is None else _text(trigger.callback),
                None if trigger is None else _text(trigger.activation),
                order.expires_at,
                order.triggered,
                _text(order.best),
            ),
        )

    def executed(self) -> Iterator[Executed]:
        """Every execution there was, in order."""
        query = (
            "SELECT account_id, instrument_id, position_side, side, executions.quantity, "
            "executions.price, executions.fee FROM executions JOIN orders USING (client_order_id) "
            "ORDER BY executions.number"
        )
        for account, instrument, leg, side, *numbers in self._db.execute(query):
            place = Place(account, InstrumentId(instrument), PositionSide(leg))
            yield Executed(place, Side(side), *map(Decimal, numbers))

    def deposit(self, account_id: str, currency: str, amount: Decimal) -> None:
        """Remember money that a member put behind its positions."""
        self._db.execute(
            "INSERT INTO deposits (account_id, currency, amount) VALUES (?, ?, ?)",
            (account_id, currency, plain(amount)),
        )

    def deposits(self) -> Iterator[tuple[str, str, Decimal]]:
        """Account, currency and amount of every deposit."""
        query = "SELECT account_id, currency, amount FROM deposits ORDER BY number"
        for account, currency, amount in self._db.execute(query):
            yield account, currency, Decimal(amount)

    def open_of(self, account_id: str, instrument_id: str) -> list[VenueOrder]:
        """A member's open orders in one instrument, in the order in which they came."""
        query = (
            f"{_ORDERS} WHERE status = 'open' AND account_id = ? AND instrument_id = ? "
            "ORDER BY number"
        )
        found = self._db.execute(query, (account_id, instrument_id))
        return [_order(row) for row in found]

    def amend(self, order: VenueOrder, report: bytes) -> None:
        """Keep an order's new quantity and price, and what is to be reported about it."""
        self._db.execute(
            "UPDATE orders SET quantity = ?, price = ? WHERE client_order_id = ?",
            (
                plain(order.quantity),
                None if order.price is None else plain(order.price),
                order.client_order_id,
            ),
        )
        self.add_report(report)

    def add_execution(self, client_order_id: str, kept: StoredExecution) -> None:
        """Keep a fill for ever."""
        execution = kept.execution
        self._db.execute(
            "INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                kept.number,
                client_order_id,
                plain(execution.price),
                plain(execution.quantity),
                plain(execution.fee),
                execution.liquidity.value,
                kept.time,
            ),
        )

    def executions(self, client_order_id: str) -> list[StoredExecution]:
        """The fills of an order, in order."""
        query = (
            "SELECT number, time, price, quantity, fee, liquidity FROM executions "
            "WHERE client_order_id = ? ORDER BY number"
        )
        return [
            StoredExecution(
                int(number),
                int(time),
                Execution(Decimal(price), Decimal(quantity), Decimal(fee), Liquidity(liquidity)),
            )
            for number, time, price, quantity, fee, liquidity in self._db.execute(
                query, (client_order_id,)
            )
        ]

    def amend_once(self, client_order_id: str, number: int) -> bool:
        """Whether this amend of the order is new; it is remembered."""
        done = self._db.execute(
            "INSERT OR IGNORE INTO amendments VALUES (?, ?)", (client_order_id, number)
        )
        return done.rowcount > 0

    def wait(self, client_order_id: str) -> None:
        """Remember that an order still waits for the first book of its instrument."""
        self._db.execute("INSERT OR IGNORE INTO arriving VALUES (?)", (client_order_id,))

    def arrived(self, client_order_id: str) -> None:
        """It does not wait any more."""
        self._db.execute("DELETE FROM arriving WHERE client_order_id = ?", (client_order_id,))

    def waiting(self) -> set[str]:
        """Client order ids of the orders that wait."""
        return {str(row[0]) for row in self._db.execute("SELECT client_order_id FROM arriving")}

    def add_report(self, report: bytes) -> None:
        """Keep a report until it is acknowledged."""
        self._db.execute("INSERT INTO reports (body) VALUES (?)", (report,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def unsent(self, limit: int) -> list[tuple[int, bytes]]:
        """Reports not yet acknowledged, the oldest first."""
        query = "SELECT number, body FROM reports ORDER BY number LIMIT ?"
        return [(int(number), body) for number, body in self._db.execute(query, (limit,))]

    def acknowledged(self, numbers: Sequence[int]) -> None:
        """These reports arrived; they are forgotten."""
        self._db.executemany("DELETE FROM reports WHERE number = ?", [(n,) for n in numbers])

    def counts(self) -> dict[str, int]:
        """How much there is of everything."""
        queries = {
            "orders": "SELECT count(*) FROM orders",
            "open_orders": "SELECT count(*) FROM orders WHERE status = 'open'",
            "executions": "SELECT count(*) FROM executions",
            "unsent_reports": "SELECT count(*) FROM reports",
        }
        return {name: int(self._db.execute(sql).fetchone()[0]) for name, sql in queries.items()}


def _order(row: tuple[Any, ...]) -> VenueOrder:
    client, venue, account, instrument, side, kind, force, quantity, price, filled, *rest = row
    status, position_side, origin, *form = rest
    return VenueOrder(
        client_order_id=client,
        venue_order_id=venue,
        account_id=account,
        instrument_id=InstrumentId(instrument),
        side=Side(side),
        type=OrderType(kind),
        time_in_force=TimeInForce(force),
        quantity=Decimal(quantity),
        price=None if price is None else Decimal(price),
        filled=Decimal(filled),
        status=VenueStatus(status),
        position_side=PositionSide(position_side),
        origin=Origin(origin),
        **_form(form),
    )


def _form(row: list[Any]) -> dict[str, Any]:
    """The fields of a form as they are kept; none for an order without one."""
    reduce_only, close_position, source, price, callback, activation, expires_at, *rest = row
    triggered, best = rest
    if reduce_only is None:
        return {}
    trigger = None
    if source is not None:
        trigger = Trigger(
            TriggerSource(source),
            None if price is None else Price(Decimal(price)),
            _number(callback),
            None if activation is None else Price(Decimal(activation)),
        )
    return {
        "reduce_only": bool(reduce_only),
        "close_position": bool(close_position),
        "trigger": trigger,
        "expires_at": expires_at,
        "triggered": bool(triggered),
        "best": _number(best),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
