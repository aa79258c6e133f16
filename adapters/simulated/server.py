"""The exchange's gRPC interface: strict about what it is sent, and faulty when told to be."""

import re
from typing import Any, Final, NoReturn, TypeAlias

import grpc

from adapters.proto.v1 import exchange_pb2, exchange_pb2_grpc
from adapters.simulated.amends import Amend
from adapters.simulated.closing import CloseOut, is_reserved
from adapters.simulated.exchange import SimulatedExchange
from adapters.simulated.matching import VenueOrder
from adapters.simulated.members import Place
from adapters.simulated.misbehave import Faults
from adapters.simulated.store import StoredExecution, VenueStore
from domain.ids import InvalidId, order_id_of, parse_instrument, parse_uuid
from domain.orders.commands import OrderType, Origin, TimeInForce, Trigger, TriggerSource
from domain.values import InvalidNumber, PositionSide, Side, parse_price, parse_quantity, plain

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_RATE_MAX: Final = 1000
_CLIENT_ORDER_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z0-9]{2,12}", re.ASCII)
_NAME: Final = re.compile(r"[0-9a-z]{1,12}", re.ASCII)


class ExchangeService(exchange_pb2_grpc.ExchangeServicer):
    """Handlers of patriot.simulated.v1.Exchange."""

    def __init__(self, exchange: SimulatedExchange, store: VenueStore, faults: Faults) -> None:
        self._exchange = exchange
        self._store = store
        self.faults = faults

    async def Submit(  # noqa: N802
        self, request: exchange_pb2.SubmitRequest, context: _Context
    ) -> exchange_pb2.SubmitReply:
        """Take an order, once for each client order id."""
        try:
            order = _order(request)
        except (InvalidId, InvalidNumber, ValueError) as error:
            await _refuse(context, str(error))
        number = self._exchange.submit(order, reject=self.faults.rejects())
        await self._maybe_lose(context)
        return exchange_pb2.SubmitReply(venue_order_id=number)

    async def Cancel(  # noqa: N802
        self, request: exchange_pb2.CancelRequest, context: _Context
    ) -> exchange_pb2.CancelReply:
        """Take an order off the book; the outcome is reported."""
        try:
            _check_client_order_id(request.client_order_id)
            account = parse_uuid(request.account_id)
            instrument = parse_instrument(request.instrument)
        except (InvalidId, ValueError) as error:
            await _refuse(context, str(error))
        self._exchange.cancel(request.client_order_id, account, instrument)
        await self._maybe_lose(context)
        return exchange_pb2.CancelReply()

    async def Amend(  # noqa: N802
        self, request: exchange_pb2.AmendRequest, context: _Context
    ) -> exchange_pb2.AmendReply:
        """Change an order where it stands; the outcome is reported."""
        try:
            _check_client_order_id(request.client_order_id)
            amend = Amend(
                client_order_id=request.client_order_id,
                account_id=parse_uuid(request.account_id),
                instrument_id=parse_instrument(request.instrument),
                number=request.amendment,
                quantity=parse_quantity(request.quantity),
                price=parse_price(request.price) if request.price else None,
            )
        except (InvalidId, InvalidNumber, ValueError) as error:
            await _refuse(context, str(error))
        self._exchange.amend(amend)
        await self._maybe_lose(context)
        return exchange_pb2.AmendReply()

    async def Deposit(  # noqa: N802
        self, request: exchange_pb2.DepositRequest, context: _Context
    ) -> exchange_pb2.DepositReply:
        """Put money behind a member's positions."""
        try:
            account = parse_uuid(request.account_id)
            amount = parse_quantity(request.amount)
        except (InvalidId, InvalidNumber) as error:
            await _refuse(context, str(error))
        if _CURRENCY.fullmatch(request.currency) is None:
            await _refuse(context, "currency: expected one such as USDT")
        wallet = self._exchange.deposit(account, request.currency, amount)
        return exchange_pb2.DepositReply(wallet=plain(wallet))

    async def CloseOut(  # noqa: N802
        self, request: exchange_pb2.CloseOutRequest, context: _Context
    ) -> exchange_pb2.CloseOutReply:
        """Do to a position what an exchange does by its own rules; the outcome is reported."""
        try:
            close = _close_out(request)
        except (InvalidId, InvalidNumber, ValueError) as error:
            await _refuse(context, str(error))
        reason = self._exchange.close_out(close)
        if reason:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, reason)
        return exchange_pb2.CloseOutReply()

    async def Query(  # noqa: N802
        self, request: exchange_pb2.QueryRequest, context: _Context
    ) -> exchange_pb2.QueryReply:
        """What is known of an order."""
        del context
        known = self._exchange.query(request.client_order_id)
        if known is None:
            return exchange_pb2.QueryReply(known=False)
        order, executions = known
        return exchange_pb2.QueryReply(
            known=True,
            venue_order_id=order.venue_order_id,
            status=order.status.value,
            filled_quantity=plain(order.filled),
            executions=map(_execution, executions),
        )

    async def Misbehave(  # noqa: N802
        self, request: exchange_pb2.Misbehaviour, context: _Context
    ) -> exchange_pb2.MisbehaveReply:
        """Set the faults."""
        rates = (request.duplicate, request.reorder, request.reject, request.lose_answer)
        if max(rates) > _RATE_MAX:
            await _refuse(context, f"rates are so many of {_RATE_MAX}")
        self.faults = Faults(request.report_delay / 1000, *rates, seed=request.seed)
        return exchange_pb2.MisbehaveReply()

    async def Status(  # noqa: N802
        self, request: exchange_pb2.StatusRequest, context: _Context
    ) -> exchange_pb2.StatusReply:
        """How much there is of everything."""
        del request, context
        return exchange_pb2.StatusReply(**self._store.counts())

    async def _maybe_lose(self, context: _Context) -> None:
        if self.faults.loses_answer():
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost")


async def _refuse(context: _Context, text: str) -> NoReturn:
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, text)
    raise AssertionError  # abort raises


def _check_client_order_id(text: str) -> None:
    if _CLIENT_ORDER_ID.fullmatch(text) is None or is_reserved(text):
        message = f"expected a client order id of a member, was {text[:40]!r}"
        raise ValueError(message)


def _close_out(request: exchange_pb2.CloseOutRequest) -> CloseOut:
    place = Place(
        parse_uuid(request.account_id),
        parse_instrument(request.instrument),
        PositionSide(request.position_side or PositionSide.NET.value),
    )
    origin = Origin(request.origin)
    if origin not in {Origin.ADL, Origin.SETTLEMENT, Origin.DELIVERY}:
        message = "origin: expected adl, settlement or delivery; who is liquidated had too little"
        raise ValueError(message)
    if _NAME.fullmatch(request.name) is None:
        message = f"name: expected 1 to 12 digits or letters, was {request.name[:40]!r}"
        raise ValueError(message)
    return CloseOut(
        place,
        origin,
        request.name,
        parse_quantity(request.quantity) if request.quantity else None,
        parse_price(request.price) if request.price else None,
    )


def _execution(kept: StoredExecution) -> exchange_pb2.OrderExecution:
    execution = kept.execution
    return exchange_pb2.OrderExecution(
        execution_id=str(kept.number),
        price=plain(execution.price),
        quantity=plain(execution.quantity),
        fee=plain(execution.fee),
        liquidity=execution.liquidity.value,
        venue_time=kept.time,
    )


def _order(request: exchange_pb2.SubmitRequest) -> VenueOrder:
    _check_client_order_id(request.client_order_id)
    return VenueOrder(
        client_order_id=request.client_order_id,
        venue_order_id="",
        account_id=parse_uuid(request.account_id),
        instrument_id=parse_instrument(request.instrument),
        side=Side(request.side),
        type=OrderType(request.type),
        time_in_force=TimeInForce(request.time_in_force),
        quantity=parse_quantity(request.quantity),
        price=parse_price(request.price) if request.price else None,
        position_side=PositionSide(request.position_side or PositionSide.NET.value),
        reduce_only=request.reduce_only,
        close_position=request.close_position,
        trigger=_trigger(request),
        expires_at=request.expires_at or None,
        origin=Origin.PATRIOT if order_id_of(request.client_order_id) else Origin.FOREIGN,
    )


def _trigger(request: exchange_pb2.SubmitRequest) -> Trigger | None:
    if not request.trigger_source:
        return None
    prices = request.trigger_price, request.activation_price
    fixed, activation = (parse_price(text) if text else None for text in prices)
    callback = parse_quantity(request.trigger_callback) if request.trigger_callback else None
    if (fixed is None) is (callback is None):
        message = "expected either trigger_price or trigger_callback"
        raise ValueError(message)
    return Trigger(TriggerSource(request.trigger_source), fixed, callback, activation)
