"""Requests on brackets become commands, or a sentence that names the field that is wrong.

The entry and each exit are read as the orders that they are, so that no two modules disagree about
what a price or a trigger is.
"""

from collections.abc import Callable
from typing import Any

from adapters.proto.v1 import brackets_pb2, orders_pb2
from adapters.rpc import translate
from adapters.rpc.translate import InvalidRequest
from domain.brackets.commands import ExitTerms, PlaceBracket, ProtectBracket
from domain.ids import InstrumentId
from domain.orders.commands import ReferencePrice

_CONDITION = ("price", "trigger_price", "trigger_source", "trigger_callback", "activation_price")


def place_bracket(
    request: brackets_pb2.PlaceBracketRequest,
    latest: Callable[[InstrumentId], ReferencePrice | None] = lambda _: None,
) -> PlaceBracket:
    """The bracket as it was asked for, with the `latest` price of its instrument."""
    fields = {
        field.name: getattr(request, field.name)
        for field in request.DESCRIPTOR.fields
        if field.message_type is None
    }
    entry = orders_pb2.PlaceOrderRequest(**fields)
    return PlaceBracket(
        translate.place_order(entry, latest),
        _exit("stop", request.stop, entry) if request.HasField("stop") else None,
        _exit("target", request.target, entry) if request.HasField("target") else None,
    )


def protect_bracket(request: brackets_pb2.ProtectBracketRequest) -> ProtectBracket:
    """What a bracket lost is to be sent again."""
    return ProtectBracket(
        translate.order_of(request.order_id),
        translate.account(request.account_id),
        translate.instrument(request.instrument),
    )


def _exit(
    role: str, asked: brackets_pb2.BracketExit, entry: orders_pb2.PlaceOrderRequest
) -> ExitTerms:
    """The terms of an order that is the entry but for its form."""
    form: Any = {name: getattr(asked, name) for name in _CONDITION}
    order = orders_pb2.PlaceOrderRequest(
        order_id=entry.order_id,
        account_id=entry.account_id,
        instrument=entry.instrument,
        side=entry.side,
        type=asked.type,
        time_in_force=entry.time_in_force,
        quantity=entry.quantity,
        **form,
    )
    try:
        read = translate.place_order(order)
    except InvalidRequest as error:
        raise InvalidRequest(f"{role}.{error}") from None
    return ExitTerms(read.type, read.price, read.trigger)
