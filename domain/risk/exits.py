"""Exits of brackets in an account's risk: open orders that can only make it smaller.

They reserve nothing: what they may trade is what the account holds already, and a stop and a target
for the same holding would be counted twice. They are known all the same, so that everything that is
open can be cancelled, and an account with an open exit is not empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId
from domain.layered import with_entry, without
from domain.risk.state import OpenExit
from domain.values import PositionSide, Quantity, Side


@dataclass(frozen=True, slots=True)
class ExitAdmitted:
    """Nothing stops the account from reducing: an exit of a bracket goes to the venue."""

    account_id: AccountId
    order_id: OrderId
    entry_id: OrderId
    """Of the bracket."""
    instrument_id: InstrumentId
    side: Side
    position_side: PositionSide
    quantity: Quantity
    strategy_id: StrategyId | None
    limits_version: int
    """In force at the decision."""
    rules_version: int
    at: int


@dataclass(frozen=True, slots=True)
class ExitEnded:
    """An exit is no longer open."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId


ExitEvent = ExitAdmitted | ExitEnded


def exits_after(exits: Mapping[OrderId, OpenExit], event: ExitEvent) -> Mapping[OrderId, OpenExit]:
    """The open exits after one more event."""
    if isinstance(event, ExitAdmitted):
        opened = OpenExit(event.instrument_id, event.strategy_id, event.entry_id)
        return with_entry(exits, event.order_id, opened)
    return without(exits, event.order_id) if event.order_id in exits else exits
