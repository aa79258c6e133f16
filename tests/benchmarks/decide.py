"""decide: microseconds of one PlaceOrder with every limit set and 100 open orders, in memory.

Pure Python on one core: no log, no codec, no network. The reference is an empty decision through
the same dispatch: an order id that is taken, refused before any check is asked. Both take turns.
"""

import time
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Final

from adapters import collector
from domain.dispatch import decide as decided
from domain.dispatch import initial, streams_of
from domain.ids import StrategyId, derived
from domain.orders.commands import PlaceOrder
from domain.risk.commands import Limits, StrategyLimits
from domain.values import Side
from tests.benchmarks.report import Row, percentiles
from tests.support.trading import Desk, desk, filled, place

_OPEN: Final = 100
_DECISIONS_A_SECOND: Final = 2_000
_TURN: Final = 100
_PLENTY: Final = Decimal(1_000_000_000)
_STRATEGY: Final = StrategyId(derived("benchmark", "strategy"))

EVERY_LIMIT: Final = Limits(
    currency="USDT",
    order_quantity=_PLENTY,
    order_notional=_PLENTY,
    open_orders=1_000,
    position_notional=_PLENTY,
    price_collar=Decimal("0.5"),
    loss=_PLENTY,
    duplicate_window=1_000_000,
    orders_per_second=1_000,
    orders_per_minute=60_000,
    price_age=10_000_000_000_000_000,
    instrument_open_orders=1_000,
    open_notional=_PLENTY,
    instrument_open_notional=_PLENTY,
    gross_notional=_PLENTY,
    net_notional=_PLENTY,
    concentration=Decimal(1),
    concentration_from=Decimal(1),
    daily_loss=_PLENTY,
    drawdown=_PLENTY,
    leverage=_PLENTY,
    self_trade=True,
    strategies={_STRATEGY: StrategyLimits(_PLENTY, _PLENTY, 1_000, _PLENTY)},
)
"""Every limit there is, none of them in the way: each check does all its work and passes."""


def decide(seconds: int) -> Row:
    """Admissions alone; what they change is not folded, so that each meets the same state."""
    unset = [each.name for each in fields(Limits) if not getattr(EVERY_LIMIT, each.name)]
    assert not unset, f"the benchmark leaves limits unset: {unset}"
    trading, order = _busy_desk(), _order("one more")
    taken = replace(order, order_id=_order("open 0").order_id)
    admit, refuse = _ready(trading, order), _ready(trading, taken)
    collector.spare()  # as the command role does
    ours: list[float] = []
    reference: list[float] = []
    for _ in range(seconds * _DECISIONS_A_SECOND // _TURN):
        ours += _timed(admit)
        reference += _timed(refuse)
    found, empty = percentiles(ours), percentiles(reference)
    conditions = {
        "decisions": len(ours),
        "cores": 1,
        "open_orders": _OPEN,
        "limits": "all set, none in the way",
        "reference": "an order id that is taken, through the same dispatch",
    }
    ratio = {name: found[name] / empty[name] for name in found}
    return Row("decide", found, empty, ratio, "p50 <= 60 us", "us", conditions)


def _busy_desk() -> Desk:
    """A position, and 100 open orders on both sides of the market, admitted under every limit."""
    trading = desk(EVERY_LIMIT)
    trading.events(_order("held"))
    trading.events(filled("held", "x-1", 10))
    for number in range(_OPEN):
        trading.at += 1_000_000
        trading.events(_order(f"open {number}", ticks=number))
    return trading


def _order(name: str, ticks: int = 0) -> PlaceOrder:
    """Buys below and sells above the market of 8, a tick apart."""
    side = Side.SELL if ticks % 2 else Side.BUY
    at = Decimal("8.5") if side is Side.SELL else Decimal("7.5")
    order = place(name, side, at=at + Decimal(ticks) / 1000, reference=8)
    return replace(order, strategy_id=_STRATEGY)


def _ready(trading: Desk, order: PlaceOrder) -> Callable[[], object]:
    """The decision with its streams found, as the engine has them."""
    found = [trading.states.get(ref.stream_id, initial(ref.aggregate)) for ref in streams_of(order)]
    at = trading.at + 10_000_000
    return lambda: decided(order, found, at)


def _timed(work: Callable[[], object]) -> list[float]:
    spent = []
    for _ in range(_TURN):
        started = time.perf_counter_ns()
        work()
        spent.append((time.perf_counter_ns() - started) / 1000)
    return spent
