"""The simulated venue as a venue: domain.ports.Venue over gRPC.

An answer that does not come leaves the outcome unknown; asking again with the same client order id
is safe, so that is all a caller has to do (VenueUnavailable). An answer that refuses the request
itself is final (VenueRefused).
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc
import grpc.aio

from adapters.proto.v1 import exchange_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from domain.orders.commands import Trigger
from domain.orders.events import (
    OrderAmendRequested,
    OrderCancelRequested,
    OrderPlaced,
    OrderResizeRequested,
)
from domain.ports import VenueRefused, VenueUnavailable, VenueView
from domain.values import parse_decimal, plain

_TIMEOUT: Final = 5.0
_FINAL: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""Codes that say that the same request will be refused again."""


def _condition(trigger: Trigger | None) -> dict[str, Any]:
    if trigger is None:
        return {}
    return {
        "trigger_source": trigger.source.value,
        "trigger_price": "" if trigger.price is None else plain(trigger.price),
        "trigger_callback": "" if trigger.callback is None else plain(trigger.callback),
        "activation_price": "" if trigger.activation is None else plain(trigger.activation),
    }


class SimulatedVenue:
    """A client of patriot.simulated.v1.Exchange; call from the running event loop."""

    def __init__(self, address: str, token: Callable[[], str] = str) -> None:
        self._channel = grpc.aio.insecure_channel(
            address,
            options=[
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 1_000),
            ],
        )
        self._exchange = ExchangeStub(self._channel)  # type: ignore[no-untyped-call]
        self._token = token

    async def submit(self, order: OrderPlaced) -> None:
        """Send an order; returns when the venue has it."""
        await self._call(
            self._exchange.Submit,
            exchange_pb2.SubmitRequest(
                client_order_id=order.client_order_id,
                account_id=order.account_id,
                instrument=order.instrument_id,
                side=order.side.value,
                type=order.type.value,
                time_in_force=order.time_in_force.value,
                quantity=plain(order.quantity),
                price="" if order.price is None else plain(order.price),
                position_side=order.position_side.value,
                reduce_only=order.reduce_only,
                close_position=order.close_position,
                expires_at=order.expires_at or 0,
                **_condition(order.trigger),
            ),
        )

    async def cancel(self, request: OrderCancelRequested) -> None:
        """Ask for an order to be taken off the book; returns when the venue knows."""
        await self._call(
            self._exchange.Cancel,
            exchange_pb2.CancelRequest(
                client_order_id=request.client_order_id,
                account_id=request.account_id,
                instrument=request.instrument_id,
            ),
        )

    async def amend(self, request: OrderAmendRequested | OrderResizeRequested) -> None:
        """Ask for another quantity and perhaps price; returns when the venue has the request."""
        price = plain(request.price) if isinstance(request, OrderAmendRequested) else ""
        await self._call(
            self._exchange.Amend,
            exchange_pb2.AmendRequest(
                client_order_id=request.client_order_id,
                account_id=request.account_id,
                instrument=request.instrument_id,
                amendment=request.amendment,
                quantity=plain(request.quantity),
                price=price,
            ),
        )

    async def find(self, order: OrderPlaced) -> VenueView | None:
        """What the venue knows of an order; None when it is sure never to have had it."""
        asked = exchange_pb2.QueryRequest(client_order_id=order.client_order_id)
        known = await self._call(self._exchange.Query, asked)
        if not known.known:
            return None
        return VenueView(
            venue_order_id=known.venue_order_id,
            open=known.status == "open",
            filled=parse_decimal(known.filled_quantity),
        )

    async def close(self) -> None:
        """Leave the venue."""
        await self._channel.close(grace=None)

    async def _call(self, method: Callable[..., Awaitable[Any]], request: Any) -> Any:
        token = self._token()
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        try:
            return await method(request, timeout=_TIMEOUT, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            text = f"{error.code().name}: {error.details()}"
            if error.code() in _FINAL:
                raise VenueRefused(text) from error
            raise VenueUnavailable(text) from error
