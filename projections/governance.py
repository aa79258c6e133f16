"""The read model of governance: halts in force, changes by two persons, every version of limits."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.registry import Event, stored_names
from domain.risk.commands import HaltScope, Limits
from domain.risk.events import (
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    LimitsProposed,
    LimitsSet,
    ResumeProposed,
    TradingHalted,
    TradingResumed,
)
from domain.risk.wider_events import WiderLimitProposed
from domain.values import plain
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown

_Proposals = LimitsProposed | ResumeProposed | WiderLimitProposed
_Ends = ChangeApproved | ChangeRefused | ChangeWithdrawn | ChangeExpired | ChangeSuperseded


class HaltRow(NamedTuple):
    """Columns of model.risk_halts: one row for each halt in force."""

    scope: str
    subject: str
    """Account, user, venue or strategy; empty for the platform."""
    mode: str
    reason: str
    halted_by: str
    halted_at: datetime
    position: int


class ChangeRow(NamedTuple):
    """Columns of model.risk_changes: one row for each proposal."""

    change_id: str
    account_id: str
    kind: str
    scope: str | None
    subject: str | None
    status: str
    limits: str | None
    """As JSON."""
    looser: str
    """Names of limits, with commas."""
    reason: str | None
    proposed_by: str
    proposed_at: datetime
    proposed_position: int
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None
    position: int


class LimitsRow(NamedTuple):
    """Columns of model.limits_history: one row for each version of an account's limits."""

    account_id: str
    limits_version: int
    limits: str
    """As JSON."""
    changes: str
    """What is another than in the version before, one limit a line."""
    set_by: str
    proposed_by: str | None
    change_id: str | None
    set_at: datetime
    position: int


HALTS: Final = Table("risk_halts", HaltRow, ("scope", "subject"))
CHANGES: Final = Table("risk_changes", ChangeRow, ("account_id", "change_id"))
HISTORY: Final = Table("limits_history", LimitsRow, ("account_id", "limits_version"))


class Governance:
    """Folds halts, proposals and limits into their three tables."""

    name: Final = "governance"
    tables: Final = (HALTS, CHANGES, HISTORY)
    types: Final = stored_names(
        LimitsSet,
        TradingHalted,
        TradingResumed,
        LimitsProposed,
        ResumeProposed,
        WiderLimitProposed,
        ChangeApproved,
        ChangeRefused,
        ChangeWithdrawn,
        ChangeExpired,
        ChangeSuperseded,
    )

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The halt, the change, or the limits before and of the version."""
        match fact.event:
            case TradingHalted() | TradingResumed() as event:
                return ((HALTS, _halt_key(event)),)
            case LimitsSet(account_id=account_id, limits_version=version):
                return ((HISTORY, (account_id, version)), (HISTORY, (account_id, version - 1)))
            case ChangeApproved(limits_version=int() as version) as event:
                return (
                    (CHANGES, _change_key(event)),
                    (HISTORY, (event.account_id, version)),
                )
            case LimitsProposed() | ResumeProposed() | WiderLimitProposed() as event:
                return ((CHANGES, _change_key(event)),)
            case event:
                return ((CHANGES, _change_key(event)),) if isinstance(event, _Ends) else ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event."""
        match fact.event:
            case TradingHalted() as event:
                rows.put(HALTS, _halted(event, fact))
            case TradingResumed() as event:
                if rows.get(HALTS, _halt_key(event)) is not None:
                    rows.delete(HALTS, _halt_key(event))
            case LimitsSet() as event:
                rows.put(HISTORY, _version(event, fact, rows))
            case LimitsProposed() | ResumeProposed() | WiderLimitProposed() as event:
                rows.put(CHANGES, _proposed(event, fact))
            case event:
                _end(event, fact, rows)


def _end(event: Event, fact: Fact, rows: Rows) -> None:
    if not isinstance(event, _Ends):
        message = f"governance does not fold {type(event).__name__}"
        raise FoldError(message)
    row = existing(rows.get(CHANGES, _change_key(event)), fact)
    rows.put(CHANGES, _decided(row, event, fact))
    if isinstance(event, ChangeApproved) and event.limits_version is not None:
        _credit(event, event.limits_version, fact, rows)


def _change_key(event: _Proposals | _Ends) -> tuple[str, str]:
    """Ids of commands, and so of changes, are unique within their account."""
    return event.account_id, event.change_id


def _halt_key(event: TradingHalted | TradingResumed) -> tuple[str, str]:
    own = event.account_id if event.scope is HaltScope.ACCOUNT else ""
    return event.scope.value, shown(event.subject) or own


def _halted(event: TradingHalted, fact: Fact) -> HaltRow:
    scope, subject = _halt_key(event)
    return HaltRow(
        scope=scope,
        subject=subject,
        mode=event.mode.value,
        reason=shown(event.reason),
        halted_by=shown(fact.actor),
        halted_at=instant(fact.at),
        position=fact.position,
    )


def _proposed(event: _Proposals, fact: Fact) -> ChangeRow:
    row = ChangeRow(
        change_id=event.change_id,
        account_id=event.account_id,
        kind="limits",
        scope=None,
        subject=None,
        status="pending",
        limits=None,
        looser="",
        reason=None,
        proposed_by=shown(event.proposed_by),
        proposed_at=instant(fact.at),
        proposed_position=fact.position,
        expires_at=instant(event.expires_at),
        decided_by=None,
        decided_at=None,
        remark=None,
        position=fact.position,
    )
    if isinstance(event, LimitsProposed):
        looser = ",".join(map(shown, event.looser))
        return row._replace(limits=_json(told(event.limits)), looser=looser)
    row = row._replace(scope=event.scope.value, subject=shown(event.subject))
    if isinstance(event, WiderLimitProposed):
        limit = {"currency": event.currency, event.counted.value: event.value}
        known = {name: _plain(value) for name, value in limit.items() if value is not None}
        return row._replace(kind="wider_limit", limits=_json(known), looser=event.counted.value)
    return row._replace(
        kind="resume",
        reason=shown(event.reason),
    )


def _decided(row: ChangeRow, event: _Ends, fact: Fact) -> ChangeRow:
    by: str | None = None
    remark: str | None = None
    match event:
        case ChangeApproved(approved_by=by):
            status = "approved"
        case ChangeRefused(refused_by=by, reason=remark):
            status = "refused"
        case ChangeWithdrawn(withdrawn_by=by, reason=remark):
            status = "withdrawn"
        case ChangeExpired():
            status = "expired"
        case ChangeSuperseded():
            status = "superseded"
    return row._replace(
        status=status,
        decided_by=None if by is None else shown(by),
        decided_at=instant(fact.at),
        remark=None if remark is None else shown(remark),
        position=fact.position,
    )


def _version(event: LimitsSet, fact: Fact, rows: Rows) -> LimitsRow:
    before = rows.get(HISTORY, (event.account_id, event.limits_version - 1))
    now = told(event.limits)
    old: dict[str, Any] = {} if before is None else json.loads(before.limits)
    changes = [
        f"{name} {_text(old.get(name))} -> {_text(now.get(name))}"
        for name in dict.fromkeys((*now, *old))
        if old.get(name) != now.get(name)
    ]
    return LimitsRow(
        account_id=event.account_id,
        limits_version=event.limits_version,
        limits=_json(now),
        changes=shown("\n".join(changes)),
        set_by=shown(fact.actor),
        proposed_by=None,
        change_id=None,
        set_at=instant(fact.at),
        position=fact.position,
    )


def _credit(event: ChangeApproved, version: int, fact: Fact, rows: Rows) -> None:
    """The limits that the change set were proposed by somebody else."""
    row = existing(rows.get(HISTORY, (event.account_id, version)), fact)
    rows.put(
        HISTORY,
        row._replace(proposed_by=shown(event.proposed_by), change_id=event.change_id),
    )


def told(limits: Limits) -> dict[str, Any]:
    """The limits that are set, by name, in the order of the fields; numbers as plain decimals."""
    return {
        each.name: _plain(value)
        for each in fields(limits)
        if (value := getattr(limits, each.name)) not in (None, False, 0, "", {}, ())
        or isinstance(value, Decimal)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return {shown(str(name)): _plain(each) for name, each in sorted(value.items())}
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if getattr(value, each.name) is not None
        }
    return shown(value) if isinstance(value, str) else value


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
