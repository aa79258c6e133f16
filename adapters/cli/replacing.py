"""What `patriot orders replace` asks for: the terms that were said, the old order's for the rest.

A limit price goes only with types that have one, a trigger only with those that wait for one; so
another type drops what it has no use for.
"""

from collections.abc import Mapping
from typing import Any, Final

from adapters.proto.v1 import orders_pb2, queries_pb2
from domain.orders.commands import OrderType
from domain.orders.forms import CONDITIONAL, LIMITED

_TRIGGER: Final = ("trigger_price", "trigger_callback", "activation_price")


def replacement(
    old: queries_pb2.Order, new_id: str, said: Mapping[str, Any]
) -> orders_pb2.ReplaceOrderRequest:
    """The request, without a command id."""

    def term(name: str) -> Any:
        given = said.get("type_" if name == "type" else name)
        return getattr(old, name) if given is None else given

    kind = OrderType(term("type"))
    waits = kind in CONDITIONAL
    closes = old.close_position and said.get("quantity") is None
    gtd = term("time_in_force") == "gtd"
    source = term("trigger_source") or "last"
    return orders_pb2.ReplaceOrderRequest(
        account_id=old.account_id,
        order_id=old.order_id,
        replacement_id=new_id,
        instrument=old.instrument,
        type=f"ORDER_TYPE_{kind.name}",
        time_in_force=f"TIME_IN_FORCE_{term('time_in_force').upper()}",
        quantity="" if closes else term("quantity"),
        price=term("price") if kind in LIMITED else "",
        reduce_only=term("reduce_only"),
        close_position=closes,
        expires_at=term("expires_at") if gtd else 0,
        trigger_source=f"TRIGGER_SOURCE_{source.upper() if waits else 'UNSPECIFIED'}",
        **{name: term(name) if waits else "" for name in _TRIGGER},
    )
