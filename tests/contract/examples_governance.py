"""Examples of what is decided on limits, halts and changes by two persons."""

from decimal import Decimal
from typing import Final

from domain.ids import PLATFORM, ChangeId
from domain.registry import Event
from domain.risk.commands import HaltMode, HaltScope, Limits
from domain.risk.events import (
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    LimitsProposed,
    ResumeProposed,
    TradingHalted,
    TradingResumed,
)
from tests.contract.example_values import ACCOUNT, AT, STRATEGY, USER

CHANGE: Final = ChangeId("5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f")

GOVERNANCE: Final[dict[str, Event]] = {
    "risk.trading_halted.v2": TradingHalted(
        ACCOUNT, HaltScope.ACCOUNT, "", HaltMode.REDUCE_ONLY, "loss passed its limit of 500"
    ),
    "risk.trading_halted.v2 venue": TradingHalted(
        PLATFORM, HaltScope.VENUE, "BINANCE", HaltMode.FULL, "crossed book"
    ),
    "risk.trading_resumed.v2": TradingResumed(PLATFORM, HaltScope.USER, USER, "reviewed"),
    "risk.limits_proposed.v1": LimitsProposed(
        account_id=ACCOUNT,
        change_id=CHANGE,
        limits=Limits(currency="USDT", loss=Decimal(900)),
        looser=("loss", "open_orders"),
        proposed_by="risk-1",
        expires_at=AT + 86_400_000_000,
    ),
    "risk.resume_proposed.v1": ResumeProposed(
        account_id=PLATFORM,
        change_id=CHANGE,
        scope=HaltScope.STRATEGY,
        subject=STRATEGY,
        reason="reviewed",
        proposed_by="risk-1",
        expires_at=AT + 86_400_000_000,
    ),
    "risk.change_approved.v1": ChangeApproved(ACCOUNT, CHANGE, "risk-1", "risk-2", 4),
    "risk.change_approved.v1 resumed": ChangeApproved(ACCOUNT, CHANGE, "risk-1", "risk-2", None),
    "risk.change_refused.v1": ChangeRefused(ACCOUNT, CHANGE, "risk-2", "too much"),
    "risk.change_withdrawn.v1": ChangeWithdrawn(ACCOUNT, CHANGE, "risk-1", "a slip"),
    "risk.change_expired.v1": ChangeExpired(ACCOUNT, CHANGE),
    "risk.change_superseded.v1": ChangeSuperseded(ACCOUNT, CHANGE),
}
GOVERNANCE_RETIRED: Final[dict[str, Event]] = {
    "risk.trading_halted.v1": TradingHalted(
        ACCOUNT,
        HaltScope.ACCOUNT,
        "",
        HaltMode.REDUCE_ONLY,
        "loss of 512.3 USDT passed its limit of 500",
    ),
    "risk.trading_resumed.v1": TradingResumed(ACCOUNT, HaltScope.ACCOUNT, "", "reviewed"),
}
