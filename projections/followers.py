"""The read models of followers: their terms and counts, and what each did with each intent."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias, get_args

from domain.registry import stored_names
from domain.strategies.events import (
    AmendAction,
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftFound,
    FollowerEvent,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
)
from domain.strategies.terms import Terms
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class FollowerRow(NamedTuple):
    """Columns of model.followers."""

    strategy_id: str
    account_id: str
    following: bool
    rule: str
    value: Decimal
    maximum: Decimal
    capital: Decimal | None
    capital_currency: str | None
    paused: bool
    tolerance: Decimal
    drift_policy: str
    copied: int
    skipped: int
    refused: int
    drifts: int
    reason: int | None
    """Of the last intent that led to no order."""
    detail: str | None
    drift_instrument: str | None
    drift_held: Decimal | None
    drift_expected: Decimal | None
    drift_action: str | None
    drift_at: datetime | None
    begun_at: datetime
    updated_at: datetime
    version: int
    position: int
    amended: int


class CopyRow(NamedTuple):
    """Columns of model.copies."""

    strategy_id: str
    intent_id: str
    account_id: str
    kind: str
    instrument: str
    outcome: str
    order_id: str | None
    side: str | None
    quantity: Decimal | None
    price: Decimal | None
    held: Decimal
    equity: Decimal | None
    reason: int | None
    detail: str | None
    recorded_at: datetime
    position: int
    amends: int
    amend_action: str | None
    amend_reason: int | None
    amend_detail: str | None
    amended_at: datetime | None


FOLLOWERS: Final = Table("followers", FollowerRow, ("strategy_id", "account_id"))
COPIES: Final = Table("copies", CopyRow, ("strategy_id", "intent_id", "account_id"))

_Outcome: TypeAlias = IntentCopied | CopySkipped | CopyRefused


class Followers:
    """Folds the events of followers into model.followers and model.copies."""

    name: Final = "followers"
    tables: Final = (FOLLOWERS, COPIES)
    types: Final = stored_names(*get_args(FollowerEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The follower's row; a copy's row is read when the copy is amended."""
        event = _follower(fact)
        follower = (FOLLOWERS, (event.strategy_id, event.account_id))
        if isinstance(event, AmendCopied):
            return (follower, (COPIES, _key(event)))
        return (follower,)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of a follower."""
        event = _follower(fact)
        before = rows.get(FOLLOWERS, (event.strategy_id, event.account_id))
        if isinstance(event, FollowingBegun):
            row = _begun(event, before, fact)
        else:
            row = _moved(existing(before, fact), event, fact)
        rows.put(
            FOLLOWERS,
            row._replace(updated_at=instant(fact.at), version=fact.version, position=fact.position),
        )
        if isinstance(event, _Outcome):
            rows.put(COPIES, _copy(event, fact))
        elif isinstance(event, AmendCopied):
            copy = existing(rows.get(COPIES, _key(event)), fact)
            rows.put(COPIES, _amended(copy, event, fact))


def _follower(fact: Fact) -> FollowerEvent:
    if isinstance(fact.event, FollowerEvent):
        return fact.event
    message = f"followers do not fold {type(fact.event).__name__}"
    raise FoldError(message)


def _begun(event: FollowingBegun, before: FollowerRow | None, fact: Fact) -> FollowerRow:
    """Who comes back keeps its counts."""
    at = instant(fact.at)
    if before is not None:
        return before._replace(following=True, begun_at=at, **_terms(event.terms))
    return FollowerRow(
        strategy_id=event.strategy_id,
        account_id=event.account_id,
        following=True,
        **_terms(event.terms),
        copied=0,
        skipped=0,
        refused=0,
        drifts=0,
        reason=None,
        detail=None,
        drift_instrument=None,
        drift_held=None,
        drift_expected=None,
        drift_action=None,
        drift_at=None,
        begun_at=at,
        updated_at=at,
        version=fact.version,
        position=fact.position,
        amended=0,
    )


def _terms(terms: Terms) -> dict[str, Any]:
    capital = terms.capital
    return {
        "rule": terms.rule.value,
        "value": terms.value,
        "maximum": terms.maximum,
        "capital": None if capital is None else capital.amount,
        "capital_currency": None if capital is None else shown(capital.currency),
        "paused": terms.paused,
        "tolerance": terms.tolerance,
        "drift_policy": terms.drift.value,
    }


def _moved(row: FollowerRow, event: FollowerEvent, fact: Fact) -> FollowerRow:
    match event:
        case FollowingBegun() | FollowingChanged():
            return row._replace(**_terms(event.terms))
        case FollowingEnded():
            return row._replace(following=False)
        case IntentCopied():
            return row._replace(copied=row.copied + 1)
        case CopySkipped():
            detail = shown(event.detail)
            return row._replace(skipped=row.skipped + 1, reason=event.reason, detail=detail)
        case CopyRefused():
            detail = shown(event.detail)
            return row._replace(refused=row.refused + 1, reason=event.reason, detail=detail)
        case AmendCopied():
            return row._replace(amended=row.amended + 1)
        case DriftFound():
            return row._replace(
                drifts=row.drifts + 1,
                drift_instrument=event.instrument_id,
                drift_held=event.held,
                drift_expected=event.expected,
                drift_action=event.action.value,
                drift_at=instant(fact.at),
            )


def _copy(event: _Outcome, fact: Fact) -> CopyRow:
    intent, inputs = event.intent, event.inputs
    ordered = None if isinstance(event, CopySkipped) else event
    failed = None if isinstance(event, IntentCopied) else event
    return CopyRow(
        strategy_id=event.strategy_id,
        intent_id=intent.intent_id,
        account_id=event.account_id,
        kind=intent.kind.value,
        instrument=intent.instrument_id,
        outcome=_OUTCOMES[type(event)],
        order_id=None if ordered is None else ordered.order_id,
        side=None if ordered is None else ordered.side.value,
        quantity=None if ordered is None else ordered.quantity,
        price=inputs.price,
        held=inputs.held,
        equity=None if inputs.equity is None else inputs.equity.amount,
        reason=None if failed is None else failed.reason,
        detail=None if failed is None else shown(failed.detail),
        recorded_at=instant(fact.at),
        position=fact.position,
        amends=0,
        amend_action=None,
        amend_reason=None,
        amend_detail=None,
        amended_at=None,
    )


def _key(event: AmendCopied) -> tuple[str, str, str]:
    return (event.strategy_id, event.intent.intent_id, event.account_id)


def _amended(row: CopyRow, event: AmendCopied, fact: Fact) -> CopyRow:
    asked = event.action is AmendAction.AMENDED
    return row._replace(
        quantity=event.quantity if asked else row.quantity,
        price=event.inputs.price if asked else row.price,
        position=fact.position,
        amends=row.amends + 1,
        amend_action=event.action.value,
        amend_reason=event.reason,
        amend_detail=shown(event.detail) or None,
        amended_at=instant(fact.at),
    )


_OUTCOMES: Final[dict[type[_Outcome], str]] = {
    IntentCopied: "copied",
    CopySkipped: "skipped",
    CopyRefused: "refused",
}
