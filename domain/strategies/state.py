"""What is known of strategies, signals and followers."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import AccountId, InstrumentId
from domain.strategies.terms import Access, CopySource, Terms


class StrategyStatus(StrEnum):
    """Where a strategy is in its life."""

    UNREGISTERED = "unregistered"
    """No event yet. Orders may carry such an id: nobody is asked."""
    REGISTERED = "registered"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    """For ever."""

    @property
    def may_open(self) -> bool:
        """Whether orders with the strategy's id may open positions."""
        return self in {StrategyStatus.UNREGISTERED, StrategyStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy."""

    status: StrategyStatus = StrategyStatus.UNREGISTERED
    account_id: AccountId | None = None
    """The leader's."""
    instruments: tuple[InstrumentId, ...] = ()
    source: CopySource = CopySource.SIGNALS
    access: Access = Access.OPEN
    invited: frozenset[AccountId] = frozenset()

    def lets_follow(self, account_id: AccountId) -> bool:
        """Whether the leader has this account as a follower."""
        return self.access is Access.OPEN or account_id in self.invited


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: its id is used once for ever."""

    submitted: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """One account that follows one strategy, or did."""

    terms: Terms | None = None
    """None while it does not follow."""
    seen: int = 0
    """Number of its events: who copies must know all of them."""
