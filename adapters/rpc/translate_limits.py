"""Limits as they travel become the domain's: checked in form, empty fields not set.

What is refused here is no limit at all: a share above 1, a window that no state should remember.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from adapters.proto.v1 import risk_pb2
from adapters.rpc.translate import InvalidRequest, account, currency_of, quantity_of, uuid
from domain.ids import StrategyId
from domain.risk.commands import Limits, SetLimits, StrategyLimits

_WINDOW_MAX: Final = 3_600_000_000
_COUNT_MAX: Final = 1_000_000
_STRATEGIES_MAX: Final = 200
"""All limits are one event, which every reader of the account carries."""


def set_limits(request: risk_pb2.SetLimitsRequest) -> SetLimits:
    """New limits; raises InvalidRequest."""
    limits = request.limits
    number, count, microseconds = _numbers(limits), _counts(limits), _microseconds(limits)
    return SetLimits(
        account(request.account_id),
        Limits(
            currency=currency_of("limits.currency", limits.currency),
            order_quantity=number("order_quantity"),
            order_notional=number("order_notional"),
            open_orders=count("open_orders"),
            position_notional=number("position_notional"),
            price_collar=number("price_collar"),
            loss=number("loss"),
            duplicate_window=microseconds("duplicate_window"),
            orders_per_second=count("orders_per_second"),
            orders_per_minute=count("orders_per_minute"),
            price_age=microseconds("price_age"),
            instrument_open_orders=count("instrument_open_orders"),
            open_notional=number("open_notional"),
            instrument_open_notional=number("instrument_open_notional"),
            gross_notional=number("gross_notional"),
            net_notional=number("net_notional"),
            concentration=_share(number("concentration")),
            concentration_from=number("concentration_from"),
            daily_loss=number("daily_loss"),
            drawdown=number("drawdown"),
            self_trade=limits.self_trade,
            strategies=_strategies(limits),
            leverage=number("leverage"),
        ),
    )


def _strategies(limits: risk_pb2.Limits) -> dict[StrategyId, StrategyLimits]:
    if len(limits.strategies) > _STRATEGIES_MAX:
        raise InvalidRequest(f"limits.strategies: expected at most {_STRATEGIES_MAX}")
    found: dict[StrategyId, StrategyLimits] = {}
    for each in limits.strategies:
        strategy_id = StrategyId(uuid("limits.strategies.strategy_id", each.strategy_id))
        if strategy_id in found:
            raise InvalidRequest(f"limits.strategies: {strategy_id} is there twice")
        number, count = _numbers(each, "limits.strategies"), _counts(each, "limits.strategies")
        found[strategy_id] = StrategyLimits(
            order_quantity=number("order_quantity"),
            order_notional=number("order_notional"),
            open_orders=count("open_orders"),
            open_notional=number("open_notional"),
        )
    return found


def _share(ratio: Decimal | None) -> Decimal | None:
    if ratio is not None and ratio > 1:
        raise InvalidRequest("limits.concentration: expected a share of at most 1, e.g. 0.5")
    return ratio


def _numbers(
    limits: risk_pb2.Limits | risk_pb2.StrategyLimits, where: str = "limits"
) -> Callable[[str], Decimal | None]:
    def number(name: str) -> Decimal | None:
        text = getattr(limits, name)
        return quantity_of(f"{where}.{name}", text) if text else None

    return number


def _counts(
    limits: risk_pb2.Limits | risk_pb2.StrategyLimits, where: str = "limits"
) -> Callable[[str], int | None]:
    def count(name: str) -> int | None:
        value: int = getattr(limits, name)
        if value > _COUNT_MAX:
            raise InvalidRequest(f"{where}.{name} must be at most {_COUNT_MAX}")
        return value or None

    return count


def _microseconds(limits: risk_pb2.Limits) -> Callable[[str], int]:
    def microseconds(name: str) -> int:
        value: int = getattr(limits, name)
        if value > _WINDOW_MAX:
            raise InvalidRequest(f"limits.{name} must be at most {_WINDOW_MAX} microseconds")
        return value

    return microseconds
