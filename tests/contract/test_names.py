"""Names and numbers that others rely on: lists that only grow.

Logs, dashboards and programs of others hold these; the committed lists say what was promised.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest

from domain.accounts.events import KeyPermission, KeyScheme, MarginMode, PositionMode
from domain.accounts.state import AccountStatus
from domain.allotments.commands import Direction
from domain.brackets.state import Standing
from domain.decision import Aggregate
from domain.orders.commands import (
    BracketRole,
    ExecutionKind,
    Liquidity,
    OrderType,
    Origin,
    TimeInForce,
    TriggerSource,
)
from domain.orders.events import Finding
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.registry import EVENT_TYPES, RETIRED
from domain.risk.commands import HaltMode, HaltScope
from domain.risk.rules.table import CHECKS
from domain.risk.wider import Counted, WiderScope
from domain.strategies.events import AmendAction, DriftAction
from domain.strategies.state import StrategyStatus
from domain.strategies.terms import Access, CopySource, DriftPolicy, IntentKind, SizingRule
from domain.users.events import Role
from domain.users.state import UserStatus
from domain.values import PositionSide, Side

_PROMISED: Final = Path(__file__).parent / "promised"

_ENUMS: Final[tuple[type[StrEnum], ...]] = (
    Access,
    AccountStatus,
    Aggregate,
    AmendAction,
    ExecutionKind,
    KeyPermission,
    KeyScheme,
    BracketRole,
    Standing,
    CopySource,
    DriftAction,
    DriftPolicy,
    IntentKind,
    SizingRule,
    StrategyStatus,
    HaltMode,
    HaltScope,
    Finding,
    Liquidity,
    MarginMode,
    OrderStatus,
    OrderType,
    Origin,
    PositionMode,
    PositionSide,
    Role,
    Side,
    TimeInForce,
    TriggerSource,
    UserStatus,
    Direction,
    Counted,
    WiderScope,
)

FOUND: Final[dict[str, list[str]]] = {
    "event_types": [*EVENT_TYPES, *RETIRED],
    "reasons": [f"{reason.value} {reason.name}" for reason in Reason],
    "checks": [check.name for check in CHECKS],
    "words": [f"{enum.__name__} {word.value}" for enum in _ENUMS for word in enum],
}


@pytest.mark.parametrize("subject", FOUND)
def test_what_was_promised_is_still_there_and_what_is_new_is_promised(subject: str) -> None:
    promised = (_PROMISED / f"{subject}.txt").read_text().splitlines()
    gone = [line for line in promised if line not in FOUND[subject]]
    new = [line for line in FOUND[subject] if line not in promised]
    assert gone == [], "names are for ever: bring these back"
    assert new == [], f"add these to tests/contract/promised/{subject}.txt"
    assert len(set(promised)) == len(promised)


def test_a_reason_s_number_is_in_the_range_of_its_subject() -> None:
    assert {reason.value // 1000 for reason in Reason} <= {1, 2, 3, 4, 5, 6}


def test_type_names_carry_a_version() -> None:
    for name in (*EVENT_TYPES, *RETIRED):
        aggregate, what, version = name.split(".")
        assert aggregate in set(Aggregate)
        assert what.replace("_", "").isalpha()
        assert version.startswith("v")
        assert version[1:].isdecimal()
