"""The read model of brackets: one row each, with what it holds and the orders that protect it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast, get_args

from domain.brackets.commands import ExitTerms
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
from domain.brackets.state import Standing
from domain.registry import stored_names
from domain.values import ZERO
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class BracketRow(NamedTuple):
    """Columns of model.brackets."""

    entry_id: str
    account_id: str
    instrument: str
    side: str
    position_side: str
    strategy_id: str | None
    quantity: Decimal
    status: str
    entered: Decimal
    exited: Decimal
    overrun: Decimal
    stop_type: str | None
    stop_price: Decimal | None
    stop_trigger_price: Decimal | None
    stop_trigger_source: str | None
    stop_trigger_callback: Decimal | None
    stop_activation_price: Decimal | None
    stop_order_id: str | None
    stop_orders: int
    stop_standing: str | None
    target_type: str | None
    target_price: Decimal | None
    target_trigger_price: Decimal | None
    target_trigger_source: str | None
    target_order_id: str | None
    target_orders: int
    target_standing: str | None
    reason: int | None
    detail: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    position: int


BRACKETS: Final = Table("brackets", BracketRow, ("entry_id",))


class Brackets:
    """Folds the events of brackets into model.brackets."""

    name: Final = "brackets"
    tables: Final = (BRACKETS,)
    types: Final = stored_names(*get_args(BracketEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The bracket's row; one that was refused may be placed by the same id later."""
        return ((BRACKETS, _bracket(fact).entry_id),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of a bracket."""
        event = _bracket(fact)
        if isinstance(event, BracketPlaced | BracketRefused):
            rows.put(BRACKETS, _begun(event, fact))
            return
        row = existing(rows.get(BRACKETS, event.entry_id), fact)
        rows.put(
            BRACKETS,
            row._replace(
                **_changes(event),
                updated_at=instant(fact.at),
                version=fact.version,
                position=fact.position,
            ),
        )


def _begun(event: BracketPlaced | BracketRefused, fact: Fact) -> BracketRow:
    at, placed = instant(fact.at), isinstance(event, BracketPlaced)
    return BracketRow(
        entry_id=event.entry_id,
        account_id=event.account_id,
        instrument=event.instrument_id,
        side=event.side.value,
        position_side=event.position_side.value,
        strategy_id=event.strategy_id,
        quantity=event.quantity,
        status="open" if placed else "refused",
        entered=ZERO,
        exited=ZERO,
        overrun=ZERO,
        **_stop(event.stop),
        stop_order_id=None,
        stop_orders=0,
        stop_standing=Standing.WANTED.value if placed and event.stop is not None else None,
        **_target(event.target),
        target_order_id=None,
        target_orders=0,
        target_standing=Standing.WANTED.value if placed and event.target is not None else None,
        reason=event.reason if isinstance(event, BracketRefused) else None,
        detail=shown(event.detail) if isinstance(event, BracketRefused) else None,
        created_at=at,
        updated_at=at,
        version=fact.version,
        position=fact.position,
    )


def _stop(terms: ExitTerms | None) -> dict[str, Any]:
    trigger = None if terms is None else terms.trigger
    return {
        "stop_type": None if terms is None else terms.type.value,
        "stop_price": None if terms is None else terms.price,
        "stop_trigger_price": None if trigger is None else trigger.price,
        "stop_trigger_source": None if trigger is None else trigger.source.value,
        "stop_trigger_callback": None if trigger is None else trigger.callback,
        "stop_activation_price": None if trigger is None else trigger.activation,
    }


def _target(terms: ExitTerms | None) -> dict[str, Any]:
    trigger = None if terms is None else terms.trigger
    return {
        "target_type": None if terms is None else terms.type.value,
        "target_price": None if terms is None else terms.price,
        "target_trigger_price": None if trigger is None else trigger.price,
        "target_trigger_source": None if trigger is None else trigger.source.value,
    }


def _changes(event: BracketEvent) -> Mapping[str, Any]:
    match event:
        case BracketMoved():
            return {
                "entered": event.entered,
                "exited": event.exited,
                "overrun": event.overrun,
                "status": "open",
            }
        case ExitOrdered():
            return {
                f"{event.role}_order_id": event.order_id,
                f"{event.role}_orders": event.number,
                f"{event.role}_standing": Standing.WANTED.value,
                "status": "open",
            }
        case ExitGivenUp():
            return {f"{event.role}_standing": Standing.GIVEN_UP.value}
        case ProtectionLost():
            return {
                f"{event.role}_standing": Standing.LOST.value,
                "reason": event.reason,
                "detail": shown(event.detail),
            }
        case ProtectionWanted():
            return {f"{event.role}_standing": Standing.WANTED.value}
        case BracketEnded():
            return {"status": "ended"}
        case other:
            message = f"brackets do not fold {type(other).__name__}"
            raise FoldError(message)


def _bracket(fact: Fact) -> BracketEvent:
    if isinstance(fact.event, get_args(BracketEvent)):
        return cast("BracketEvent", fact.event)
    message = f"brackets do not fold {type(fact.event).__name__}"
    raise FoldError(message)
