"""The read models of risk: each account's limits and state, and every refusal and halt."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.registry import stored_names
from domain.risk.counting import OrderCounted
from domain.risk.events import (
    AmendAdmitted,
    AmendRefused,
    BalanceRecorded,
    FillApplied,
    FundingApplied,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationAmended,
    ReservationReleased,
    TradingHalted,
    TradingResumed,
)
from domain.risk.replacements import (
    ReplacementAdmitted,
    ReplacementDropped,
    ReplacementRefused,
    ReservationReplaced,
)
from domain.values import ZERO, minus
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class AccountRow(NamedTuple):
    """Columns of model.risk_accounts."""

    account_id: str
    limits_version: int
    currency: str | None
    order_quantity_limit: Decimal | None
    order_notional_limit: Decimal | None
    open_orders_limit: int | None
    position_notional_limit: Decimal | None
    price_collar: Decimal | None
    loss_limit: Decimal | None
    duplicate_window: int
    halted: bool
    halt_reason: str | None
    halt_changed_at: datetime | None
    halt_changed_position: int
    """Position of the last halt or resumption; 0 before the first."""
    open_orders: int
    admitted: int
    refusals: int
    version: int
    updated_at: datetime
    position: int


class ReservationRow(NamedTuple):
    """Columns of model.reservations: what an open order still holds of its reservation."""

    order_id: str
    account_id: str
    instrument: str
    side: str
    quantity: Decimal
    price: Decimal
    position: int


class ViolationRow(NamedTuple):
    """Columns of model.risk_violations."""

    position: int
    at: datetime
    account_id: str
    violation: str
    severity: str
    order_id: str | None
    instrument: str | None
    side: str | None
    quantity: Decimal | None
    price: Decimal | None
    reason: int | None
    detail: str
    limit_value: str
    would_be: str


ACCOUNTS: Final = Table("risk_accounts", AccountRow, ("account_id",))
RESERVATIONS: Final = Table("reservations", ReservationRow, ("order_id",))
VIOLATIONS: Final = Table("risk_violations", ViolationRow, ("position",))

_EVENTS: Final = (
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
    FillApplied,
    FundingApplied,
    BalanceRecorded,
    TradingHalted,
    TradingResumed,
    AmendAdmitted,
    AmendRefused,
    ReservationAmended,
    OrderCounted,
    ReplacementAdmitted,
    ReplacementRefused,
    ReservationReplaced,
    ReplacementDropped,
)


class Risk:
    """Folds the events of risk into its three tables."""

    name: Final = "risk"
    tables: Final = (ACCOUNTS, RESERVATIONS, VIOLATIONS)
    types: Final = stored_names(*_EVENTS)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The account's row, and the reservation that the event uses up."""
        match fact.event:
            case (
                ReservationReleased(order_id=order_id)
                | FillApplied(order_id=order_id)
                | AmendAdmitted(order_id=order_id)
                | ReservationAmended(order_id=order_id)
            ):
                return ((ACCOUNTS, fact.account_id), (RESERVATIONS, order_id))
            case ReplacementAdmitted() | ReplacementDropped() as event:
                return ((ACCOUNTS, fact.account_id), (RESERVATIONS, event.replaces))
            case ReservationReplaced() as event:
                return (
                    (ACCOUNTS, fact.account_id),
                    (RESERVATIONS, event.replaces),
                    (RESERVATIONS, event.order_id),
                )
            case _:
                return ((ACCOUNTS, fact.account_id),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of an account's risk."""
        account = rows.get(ACCOUNTS, fact.account_id) or _new_account(fact)
        changes = _changes(account, fact, rows)
        rows.put(
            ACCOUNTS,
            account._replace(
                **changes,
                version=fact.version,
                updated_at=instant(fact.at),
                position=fact.position,
            ),
        )


def _new_account(fact: Fact) -> AccountRow:
    return AccountRow(
        account_id=fact.account_id,
        limits_version=0,
        currency=None,
        order_quantity_limit=None,
        order_notional_limit=None,
        open_orders_limit=None,
        position_notional_limit=None,
        price_collar=None,
        loss_limit=None,
        duplicate_window=0,
        halted=False,
        halt_reason=None,
        halt_changed_at=None,
        halt_changed_position=0,
        open_orders=0,
        admitted=0,
        refusals=0,
        version=0,
        updated_at=instant(fact.at),
        position=fact.position,
    )


def _changes(account: AccountRow, fact: Fact, rows: Rows) -> dict[str, Any]:
    match fact.event:
        case LimitsSet() as event:
            return _limits(event)
        case OrderAdmitted() | OrderCounted() as event:
            rows.put(
                RESERVATIONS,
                _holding(event, event.order_id, event.quantity, event.price, fact),
            )
            ours = int(isinstance(event, OrderAdmitted))
            return {"open_orders": account.open_orders + 1, "admitted": account.admitted + ours}
        case (
            AmendAdmitted()
            | ReservationAmended()
            | ReplacementAdmitted()
            | ReservationReplaced()
            | ReplacementDropped()
        ) as event:
            return _resized(account, event, fact, rows)
        case OrderRefused() | AmendRefused() | ReplacementRefused() as event:
            rows.put(VIOLATIONS, _refusal(event, fact))
            return {"refusals": account.refusals + 1}
        case ReservationReleased() as event:
            return {"open_orders": account.open_orders - _used(event.quantity, event, fact, rows)}
        case FillApplied() as event:
            ended = _used(event.reserved_quantity, event, fact, rows)
            return {"open_orders": account.open_orders - ended}
        case FundingApplied() | BalanceRecorded():
            return {}  # money is in the read model of cash
        case TradingHalted() as event:
            rows.put(VIOLATIONS, _halt(event, fact))
            return _switched(event, fact)
        case TradingResumed() as event:
            return _switched(event, fact)
        case other:
            message = f"risk does not fold {type(other).__name__}"
            raise FoldError(message)


def _limits(event: LimitsSet) -> dict[str, Any]:
    limits = event.limits
    return {
        "limits_version": event.limits_version,
        "currency": shown(limits.currency),
        "order_quantity_limit": limits.order_quantity,
        "order_notional_limit": limits.order_notional,
        "open_orders_limit": limits.open_orders,
        "position_notional_limit": limits.position_notional,
        "price_collar": limits.price_collar,
        "loss_limit": limits.loss,
        "duplicate_window": limits.duplicate_window,
    }


def _switched(event: TradingHalted | TradingResumed, fact: Fact) -> dict[str, Any]:
    if event.subject:
        return {}  # of a user, venue or strategy: the platform itself goes on
    halted = isinstance(event, TradingHalted)
    return {
        "halted": halted,
        "halt_reason": shown(event.reason) if halted else None,
        "halt_changed_at": instant(fact.at),
        "halt_changed_position": fact.position,
    }


def _used(
    quantity: Decimal, event: ReservationReleased | FillApplied, fact: Fact, rows: Rows
) -> int:
    """Take a part off a reservation; 1 if nothing is left of it, so that the order is not open."""
    if not quantity:
        return 0  # a late fill, or an overfill: nothing was reserved any more
    reservation = existing(rows.get(RESERVATIONS, event.order_id), fact)
    left = minus(reservation.quantity, quantity)
    if left > 0:
        rows.put(RESERVATIONS, reservation._replace(quantity=left))
        return 0
    rows.delete(RESERVATIONS, reservation.order_id)
    return 1


def _resized(
    account: AccountRow,
    event: AmendAdmitted
    | ReservationAmended
    | ReplacementAdmitted
    | ReservationReplaced
    | ReplacementDropped,
    fact: Fact,
    rows: Rows,
) -> dict[str, Any]:
    """So much is reserved from now on; an order that held nothing is open again."""
    if not isinstance(event, AmendAdmitted | ReservationAmended):
        return _replaced(account, event, fact, rows)
    before = rows.get(RESERVATIONS, event.order_id)
    known = ZERO if before is None else before.price
    quantity, price = (
        (event.reserved_quantity, event.reserved_price)
        if isinstance(event, AmendAdmitted)
        else (event.quantity, event.price or known)
    )
    rows.put(RESERVATIONS, _holding(event, event.order_id, quantity, price, fact))
    return {"open_orders": account.open_orders + int(before is None)}


def _replaced(
    account: AccountRow,
    event: ReplacementAdmitted | ReservationReplaced | ReplacementDropped,
    fact: Fact,
    rows: Rows,
) -> dict[str, Any]:
    """One reservation for both, under the replaced order until the other takes its place."""
    changes: dict[str, Any] = {}
    before = rows.get(RESERVATIONS, event.replaces)
    held_by, quantity, price = event.replaces, ZERO, ZERO
    match event:
        case ReplacementAdmitted():
            quantity, price = event.reserved_quantity, event.reserved_price
            changes["admitted"] = account.admitted + 1
        case ReplacementDropped():
            quantity, price = event.quantity, event.price
        case ReservationReplaced():
            if before is not None:
                rows.delete(RESERVATIONS, event.replaces)
            held_by, quantity, price = event.order_id, event.quantity, event.price
    if quantity > 0:
        rows.put(RESERVATIONS, _holding(event, held_by, quantity, price, fact))
    elif before is not None:
        rows.delete(RESERVATIONS, event.replaces)
    changes["open_orders"] = account.open_orders + int(quantity > 0) - int(before is not None)
    return changes


def _holding(
    event: OrderAdmitted
    | OrderCounted
    | AmendAdmitted
    | ReservationAmended
    | ReplacementAdmitted
    | ReservationReplaced
    | ReplacementDropped,
    held_by: str,
    quantity: Decimal,
    price: Decimal,
    fact: Fact,
) -> ReservationRow:
    return ReservationRow(
        order_id=held_by,
        account_id=event.account_id,
        instrument=event.instrument_id,
        side=event.side.value,
        quantity=quantity,
        price=price,
        position=fact.position,
    )


def _refusal(event: OrderRefused | AmendRefused | ReplacementRefused, fact: Fact) -> ViolationRow:
    return ViolationRow(
        position=fact.position,
        at=instant(fact.at),
        account_id=event.account_id,
        violation=event.check,
        severity="warning",
        order_id=event.order_id,
        instrument=event.instrument_id,
        side=event.side.value,
        quantity=event.quantity,
        price=event.price,
        reason=event.reason,
        detail=shown(event.detail),
        limit_value=shown(event.limit),
        would_be=shown(event.value),
    )


def _halt(event: TradingHalted, fact: Fact) -> ViolationRow:
    whose = f"{event.scope.value} {event.subject}"
    return ViolationRow(
        position=fact.position,
        at=instant(fact.at),
        account_id=fact.account_id,
        violation="trading_halted",
        severity="critical",
        order_id=None,
        instrument=None,
        side=None,
        quantity=None,
        price=None,
        reason=None,
        detail=shown(f"{whose}: {event.reason}" if event.subject else event.reason),
        limit_value="",
        would_be="",
    )
