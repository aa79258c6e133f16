"""Halts as they were stored while there were only those of an account and of the platform."""

from dataclasses import dataclass

from domain.ids import PLATFORM, AccountId
from domain.risk.commands import HaltMode, HaltScope
from domain.risk.events import TradingHalted, TradingResumed


@dataclass(frozen=True, slots=True)
class TradingHaltedV1:
    """New orders are refused from the next commit on."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class TradingResumedV1:
    """New orders are checked again."""

    account_id: AccountId
    reason: str


def trading_halted(old: TradingHaltedV1) -> TradingHalted:
    """An account's halt always let reducing orders through, the platform's none."""
    mode = HaltMode.FULL if old.account_id == PLATFORM else HaltMode.REDUCE_ONLY
    return TradingHalted(old.account_id, _scope(old.account_id), "", mode, old.reason)


def trading_resumed(old: TradingResumedV1) -> TradingResumed:
    """The end of such a halt."""
    return TradingResumed(old.account_id, _scope(old.account_id), "", old.reason)


def _scope(account_id: AccountId) -> HaltScope:
    return HaltScope.PLATFORM if account_id == PLATFORM else HaltScope.ACCOUNT
