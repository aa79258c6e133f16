"""The read models of strategies and of their signals."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, get_args

from domain.registry import stored_names
from domain.strategies.events import (
    FollowerDismissed,
    FollowerInvited,
    SignalSubmitted,
    StrategyAccessChanged,
    StrategyEvent,
    StrategyPaused,
    StrategyRegistered,
    StrategyStarted,
    StrategyStopped,
)
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class StrategyRow(NamedTuple):
    """Columns of model.strategies."""

    strategy_id: str
    account_id: str
    owner: str
    label: str
    instruments: str
    """Sorted, with commas between them."""
    source: str
    status: str
    registered_at: datetime
    updated_at: datetime
    version: int
    position: int
    access: str


class InvitationRow(NamedTuple):
    """Columns of model.strategy_invitations."""

    strategy_id: str
    account_id: str
    invited: bool
    updated_at: datetime
    position: int


class SignalRow(NamedTuple):
    """Columns of model.signals."""

    strategy_id: str
    signal_id: str
    account_id: str
    instrument: str
    side: str | None
    target: Decimal | None
    quantity: Decimal | None
    strength: Decimal | None
    price: Decimal | None
    valid_until: datetime | None
    submitted_at: datetime
    position: int


STRATEGIES: Final = Table("strategies", StrategyRow, ("strategy_id",))
INVITATIONS: Final = Table("strategy_invitations", InvitationRow, ("strategy_id", "account_id"))
SIGNALS: Final = Table("signals", SignalRow, ("strategy_id", "signal_id"))

_STATUSES: Final[dict[type[StrategyEvent], str]] = {
    StrategyStarted: "running",
    StrategyPaused: "paused",
    StrategyStopped: "stopped",
}


class Strategies:
    """Folds the events of strategies into model.strategies."""

    name: Final = "strategies"
    tables: Final = (STRATEGIES, INVITATIONS)
    types: Final = stored_names(*get_args(StrategyEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The strategy's row."""
        return ((STRATEGIES, _strategy(fact).strategy_id),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of a strategy."""
        event, at = _strategy(fact), instant(fact.at)
        if isinstance(event, StrategyRegistered):
            row = StrategyRow(
                strategy_id=event.strategy_id,
                account_id=event.account_id,
                owner=event.owner,
                label=shown(event.label),
                instruments=",".join(event.instruments),
                source=event.source.value,
                status="registered",
                registered_at=at,
                updated_at=at,
                version=fact.version,
                position=fact.position,
                access=event.access.value,
            )
        else:
            row = existing(rows.get(STRATEGIES, event.strategy_id), fact)
            row = row._replace(updated_at=at)
        match event:
            case StrategyAccessChanged():
                row = row._replace(access=event.access.value)
            case FollowerInvited() | FollowerDismissed():
                invited = isinstance(event, FollowerInvited)
                given = (event.strategy_id, event.follower, invited, at, fact.position)
                rows.put(INVITATIONS, InvitationRow(*given))
            case StrategyStarted() | StrategyPaused() | StrategyStopped():
                row = row._replace(status=_STATUSES[type(event)])
            case StrategyRegistered():
                pass
        rows.put(STRATEGIES, row._replace(version=fact.version, position=fact.position))


class Signals:
    """Folds signals into model.signals, one row each."""

    name: Final = "signals"
    tables: Final = (SIGNALS,)
    types: Final = stored_names(SignalSubmitted)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Nothing: a signal is one event."""
        del fact
        return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more signal."""
        event = fact.event
        if not isinstance(event, SignalSubmitted):
            message = f"signals do not fold {type(event).__name__}"
            raise FoldError(message)
        rows.put(
            SIGNALS,
            SignalRow(
                strategy_id=event.strategy_id,
                signal_id=event.signal_id,
                account_id=event.account_id,
                instrument=event.instrument_id,
                side=None if event.side is None else event.side.value,
                target=event.target,
                quantity=event.quantity,
                strength=event.strength,
                price=event.price,
                valid_until=None if event.valid_until is None else instant(event.valid_until),
                submitted_at=instant(fact.at),
                position=fact.position,
            ),
        )


def _strategy(fact: Fact) -> StrategyEvent:
    if isinstance(fact.event, StrategyEvent):
        return fact.event
    message = f"strategies do not fold {type(fact.event).__name__}"
    raise FoldError(message)
