"""Amends, replacements, and what venues say of amends and of lost orders, become commands.

Checked as strictly as everything else; a report of another kind goes to translate.py.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from adapters.proto.v1 import orders_pb2, venues_pb2
from adapters.rpc import translate
from adapters.rpc.translate import (
    TIMES_IN_FORCE,
    TYPES,
    InvalidRequest,
    account,
    choice_of,
    decimal_of,
    expiry_of,
    fresh_order,
    instrument,
    order_of,
    ordered,
    price_of,
    quantity_of,
    text,
    token_of,
    trigger_of,
    venue_time,
)
from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import (
    AmendOrder,
    AmendReport,
    CancelOrder,
    PlaceOrder,
    RecordAmendment,
    RecordAmendRejection,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    ReferencePrice,
    ReplaceOrder,
    SearchReport,
    VenueReport,
)

_AMENDMENTS_MAX: Final = 1_000_000

_Common: TypeAlias = tuple[OrderId, AccountId, InstrumentId]


def amend_order(
    request: orders_pb2.AmendOrderRequest,
    latest: Callable[[InstrumentId], ReferencePrice | None] = lambda _: None,
) -> AmendOrder:
    """An amend, with the `latest` price of its instrument."""
    if not request.quantity and not request.price:
        raise InvalidRequest("quantity, price: say at least one of them")
    named = instrument(request.instrument)
    return AmendOrder(
        order_id=order_of(request.order_id),
        account_id=account(request.account_id),
        instrument_id=named,
        quantity=quantity_of("quantity", request.quantity) if request.quantity else None,
        price=price_of("price", request.price) if request.price else None,
        reference=latest(named),
    )


def replace_order(
    request: orders_pb2.ReplaceOrderRequest,
    latest: Callable[[InstrumentId], ReferencePrice | None] = lambda _: None,
) -> ReplaceOrder:
    """A replacement, with the `latest` price of its instrument."""
    named, closes = instrument(request.instrument), request.close_position
    return ReplaceOrder(
        order_id=order_of(request.order_id),
        replacement_id=fresh_order("replacement_id", request.replacement_id),
        account_id=account(request.account_id),
        instrument_id=named,
        type=choice_of("type", TYPES, request.type),
        time_in_force=choice_of("time_in_force", TIMES_IN_FORCE, request.time_in_force),
        quantity=ordered(request),
        price=price_of("price", request.price) if request.price else None,
        reduce_only=request.reduce_only or closes,
        reference=latest(named),
        expires_at=expiry_of(request),
        close_position=closes,
        trigger=trigger_of(request),
    )


def order_command(
    which: str | None, request: Any, latest: Callable[[InstrumentId], ReferencePrice | None]
) -> PlaceOrder | CancelOrder | AmendOrder | ReplaceOrder:
    """The command of one entry of a batch; raises InvalidRequest."""
    match which:
        case "place":
            return translate.place_order(request, latest)
        case "cancel":
            return translate.cancel_order(request)
        case "amend":
            return amend_order(request, latest)
        case "replace":
            return replace_order(request, latest)
    raise InvalidRequest("command: set place, cancel, amend or replace")


def report(request: venues_pb2.Report) -> VenueReport:
    """What a venue said about one order."""
    match request.WhichOneof("report"):
        case "amended" | "amend_rejected":
            return _amendment(request, _common(request), venue_time(request.venue_time))
        case "outcome_unknown" | "reconciled" | "not_found":
            return _searched(request, _common(request), venue_time(request.venue_time))
        case _:
            return translate.report(request)


def _common(request: venues_pb2.Report) -> _Common:
    named = instrument(request.instrument)
    return order_of(request.order_id), account(request.account_id), named


def _searched(request: venues_pb2.Report, common: _Common, at: int) -> SearchReport:
    match request.WhichOneof("report"):
        case "outcome_unknown":
            reason = text("outcome_unknown.reason", request.outcome_unknown.reason)
            return RecordOutcomeUnknown(*common, reason, at)
        case "reconciled":
            venue_id = token_of("reconciled.venue_order_id", request.reconciled.venue_order_id)
            filled = decimal_of("reconciled.filled_quantity", request.reconciled.filled_quantity)
            return RecordReconciled(*common, venue_id, filled, at)
        case _:
            return RecordNotFound(*common, at)


def _amendment(request: venues_pb2.Report, common: _Common, at: int) -> AmendReport:
    if request.HasField("amend_rejected"):
        refused = request.amend_rejected
        number = _amendment_number("amend_rejected.amendment", refused.amendment, least=1)
        reason = text("amend_rejected.reason", refused.reason)
        return RecordAmendRejection(*common, number, reason, at)
    amended = request.amended
    return RecordAmendment(
        *common,
        _amendment_number("amended.amendment", amended.amendment, least=0),
        quantity_of("amended.quantity", amended.quantity),
        price_of("amended.price", amended.price) if amended.price else None,
        at,
    )


def _amendment_number(field: str, value: int, *, least: int) -> int:
    if not least <= value <= _AMENDMENTS_MAX:
        raise InvalidRequest(f"{field} must be from {least} to {_AMENDMENTS_MAX}")
    return value
