"""Forms of a strategy's events that are no longer written, and the way to those of today."""

from dataclasses import dataclass

from domain.ids import AccountId, InstrumentId, StrategyId, UserId
from domain.strategies.events import StrategyRegistered
from domain.strategies.terms import Access, CopySource


@dataclass(frozen=True, slots=True)
class StrategyRegisteredV1:
    """`strategy.registered.v1`: nobody was asked who may follow."""

    strategy_id: StrategyId
    account_id: AccountId
    owner: UserId
    label: str
    instruments: tuple[InstrumentId, ...]
    source: CopySource


def registered_v1(old: StrategyRegisteredV1) -> StrategyRegistered:
    """Open, as it was: who followed goes on, and the leader may close it."""
    return StrategyRegistered(
        strategy_id=old.strategy_id,
        account_id=old.account_id,
        owner=old.owner,
        label=old.label,
        instruments=old.instruments,
        source=old.source,
        access=Access.OPEN,
    )
