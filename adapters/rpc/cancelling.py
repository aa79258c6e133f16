"""Cancel every open order of an account: found in the account's risk, cancelled one by one.

The reservations of the risk stream, the replacements that wait for their end and the exits of
brackets, which reserve nothing, are the open orders, at the last commit and without the delay of a
read model. Each becomes a CancelOrder whose id is derived from the call's command id and the order,
so a repeat has no second effect. One append
for all was refused: an account may have thousands of open orders, and an order that was filled
meanwhile must not keep the others.
"""

from collections.abc import Iterator
from typing import NamedTuple

from adapters.proto.v1 import orders_pb2
from adapters.rpc.translate import account, instrument, uuid
from domain.dispatch import State
from domain.ids import AccountId, CommandId, InstrumentId, OrderId, StrategyId, derived
from domain.risk.state import OpenExit, Reservation, Risk


class Scope(NamedTuple):
    """Which open orders are meant; None means any."""

    account_id: AccountId
    instrument_id: InstrumentId | None
    strategy_id: StrategyId | None


def scope_of(request: orders_pb2.CancelAllOrdersRequest) -> Scope:
    """What the request is about; raises InvalidRequest."""
    return Scope(
        account(request.account_id),
        instrument(request.instrument) if request.instrument else None,
        StrategyId(uuid("strategy_id", request.strategy_id)) if request.strategy_id else None,
    )


def open_orders(risk: State, scope: Scope) -> Iterator[OrderId]:
    """The orders of a scope: those that hold a reservation, then the exits of brackets.

    An entry comes before its exits, so that it has no time to bring in what they would protect.
    """
    assert isinstance(risk, Risk)
    for order_id, held in risk.reservations.items():
        if _is_meant(held, scope):
            if held.waiting is not None:
                yield held.waiting.order_id  # before the end of this one could send it
            yield order_id
    for order_id, exit_ in risk.exits.items():
        if _is_meant(exit_, scope):
            yield order_id


def _is_meant(held: Reservation | OpenExit, scope: Scope) -> bool:
    if scope.instrument_id not in {None, held.instrument_id}:
        return False
    return scope.strategy_id in {None, held.strategy_id}


def cancels(
    request: orders_pb2.CancelAllOrdersRequest, risk: State, scope: Scope
) -> list[orders_pb2.CancelOrderRequest]:
    """The request of each cancel, as its sender might have sent it."""
    return [
        orders_pb2.CancelOrderRequest(
            command_id=CommandId(derived("cancel all", request.command_id, order_id)),
            account_id=scope.account_id,
            order_id=order_id,
        )
        for order_id in open_orders(risk, scope)
    ]
