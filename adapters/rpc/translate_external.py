"""Reports become commands; one about an order that was not placed here brings its description.

Such a report has no order id of ours: it is derived from the venue's own, so no sender can get it
wrong, and nobody can report somebody else's order under it.
"""

from dataclasses import replace
from typing import Final, cast, get_args

from adapters.proto.v1 import venues_pb2
from adapters.rpc import translate_life
from adapters.rpc.translate import (
    POSITION_SIDES,
    SIDES,
    TIMES_IN_FORCE,
    TYPES,
    InvalidRequest,
    account,
    choice_of,
    currency_of,
    expiry_of,
    instrument,
    price_of,
    quantity_of,
    token_of,
    trigger_of,
    venue_time,
)
from domain.ids import OrderId, external_order_id
from domain.orders.commands import Origin, RecordFill, VenueReport
from domain.orders.external import KINDS, ExternalOrder, ExternalReport, RecordExternalOrder
from domain.orders.forms import LIMITED
from domain.values import ZERO, Quantity

_ORIGINS: Final[dict[int, Origin]] = {
    venues_pb2.ORDER_ORIGIN_FOREIGN: Origin.FOREIGN,
    venues_pb2.ORDER_ORIGIN_LIQUIDATION: Origin.LIQUIDATION,
    venues_pb2.ORDER_ORIGIN_ADL: Origin.ADL,
    venues_pb2.ORDER_ORIGIN_SETTLEMENT: Origin.SETTLEMENT,
    venues_pb2.ORDER_ORIGIN_DELIVERY: Origin.DELIVERY,
}


def report(request: venues_pb2.Report) -> VenueReport | RecordExternalOrder:
    """What a venue said about one order, placed here or not; raises InvalidRequest."""
    if not request.HasField("external"):
        return translate_life.report(request)
    if request.order_id:
        raise InvalidRequest("order_id: must be empty beside external, it follows from that")
    order = _order(request)
    named = venues_pb2.Report()
    named.CopyFrom(request)
    named.order_id = order.order_id
    told = translate_life.report(named)
    if not isinstance(told, get_args(ExternalReport)):
        raise InvalidRequest("report: this is not said of an order that was not placed here")
    if isinstance(told, RecordFill) and not request.filled.kind:
        told = replace(told, kind=KINDS[order.origin])
    return RecordExternalOrder(order, cast("ExternalReport", told))


def _order(request: venues_pb2.Report) -> ExternalOrder:
    told = request.external
    account_id, traded = account(request.account_id), instrument(request.instrument)
    venue_order_id = token_of("external.venue_order_id", told.venue_order_id)
    expires_at = expiry_of(told, "external.expires_at")
    order = ExternalOrder(
        order_id=OrderId(external_order_id(account_id, traded, venue_order_id)),
        account_id=account_id,
        instrument_id=traded,
        origin=choice_of("external.origin", _ORIGINS, told.origin),
        venue_order_id=venue_order_id,
        client_order_id=_client_order_id(told),
        side=choice_of("external.side", SIDES, told.side),
        type=choice_of("external.type", TYPES, told.type),
        time_in_force=choice_of("external.time_in_force", TIMES_IN_FORCE, told.time_in_force),
        quantity=_quantity(told),
        price=price_of("external.price", told.price) if told.price else None,
        position_side=choice_of("external.position_side", POSITION_SIDES, told.position_side),
        reduce_only=told.reduce_only or told.close_position,
        close_position=told.close_position,
        trigger=trigger_of(told),
        expires_at=expires_at,
        currency=currency_of("external.currency", told.currency),
        venue_time=venue_time(request.venue_time),
    )
    if order.price is None and order.type in LIMITED:
        raise InvalidRequest("external.price: a limit order has one")
    return order


def _client_order_id(told: venues_pb2.ExternalOrder) -> str:
    named = told.client_order_id
    return token_of("external.client_order_id", named) if named else ""


def _quantity(told: venues_pb2.ExternalOrder) -> Quantity:
    """What closes the position has none of its own, whatever the venue writes there."""
    if told.close_position:
        return Quantity(ZERO)
    return quantity_of("external.quantity", told.quantity)
