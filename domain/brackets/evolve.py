"""A bracket as its events leave it; every event can be folded onto every state."""

from typing import assert_never

from domain.brackets.events import (
    BracketEnded,
    BracketEvent,
    BracketMoved,
    BracketPlaced,
    BracketRefused,
    ExitGivenUp,
    ExitOrdered,
    ProtectionLost,
    ProtectionWanted,
)
from domain.brackets.state import Bracket, Exit, Standing
from domain.changing import changed
from domain.orders.commands import BracketRole


def evolve(bracket: Bracket, event: BracketEvent) -> Bracket:
    """The bracket after one more event; total."""
    match event:
        case BracketPlaced():
            return Bracket(
                entry_id=event.entry_id,
                account_id=event.account_id,
                instrument_id=event.instrument_id,
                side=event.side,
                position_side=event.position_side,
                strategy_id=event.strategy_id,
                currency=event.currency,
                stop=None if event.stop is None else Exit(event.stop),
                target=None if event.target is None else Exit(event.target),
            )
        case BracketRefused():
            return bracket
        case BracketMoved():
            return changed(bracket, entered=event.entered, exited=event.exited, ended=False)
        case ExitOrdered():
            ordered = {"number": event.number, "order_id": event.order_id, "type": event.type}
            return _exit(bracket, event.role, standing=Standing.WANTED, **ordered)
        case ExitGivenUp():
            return _exit(bracket, event.role, standing=Standing.GIVEN_UP)
        case ProtectionLost():
            return _exit(bracket, event.role, standing=Standing.LOST)
        case ProtectionWanted():
            return _exit(bracket, event.role, standing=Standing.WANTED)
        case BracketEnded():
            return changed(bracket, ended=True)
        case _:
            assert_never(event)


def _exit(bracket: Bracket, role: BracketRole, **changes: object) -> Bracket:
    known = bracket.exit(role)
    if known is None or role is BracketRole.ENTRY:
        return bracket  # an entry is no exit: no decision says so, and an evolve is total
    return changed(bracket, ended=False, **{role.value: known._replace(**changes)})  # type: ignore[arg-type]
