"""What the exchange tells the core: every report as the bytes that go into its store.

An order that the core did not send is described in every report about it, as venues do.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from adapters.proto.v1 import common_pb2, venues_pb2
from adapters.simulated.amends import Amend
from adapters.simulated.matching import Execution, VenueOrder
from domain.ids import InstrumentId, derived, order_id_of
from domain.instruments.events import TradingRules
from domain.orders.commands import Liquidity, Origin
from domain.ports import Clock
from domain.values import PositionSide, Side, plain

_SIDES: Final = {Side.BUY: common_pb2.SIDE_BUY, Side.SELL: common_pb2.SIDE_SELL}
_POSITION_SIDES: Final = {
    PositionSide.NET: common_pb2.POSITION_SIDE_NET,
    PositionSide.LONG: common_pb2.POSITION_SIDE_LONG,
    PositionSide.SHORT: common_pb2.POSITION_SIDE_SHORT,
}
_LIQUIDITIES: Final = {
    Liquidity.MAKER: venues_pb2.LIQUIDITY_MAKER,
    Liquidity.TAKER: venues_pb2.LIQUIDITY_TAKER,
}


class Reports:
    """Makes reports at the venue's time."""

    def __init__(self, rules: Mapping[InstrumentId, TradingRules], clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    def accepted(self, order: VenueOrder) -> bytes:
        """The exchange has the order."""
        report = self._of(order, "accepted")
        report.accepted.venue_order_id = order.venue_order_id
        return report.SerializeToString()

    def rejected(self, order: VenueOrder, reason: str) -> bytes:
        """The exchange does not take the order."""
        report = self._of(order, "rejected")
        report.rejected.reason = reason
        return report.SerializeToString()

    def triggered(self, order: VenueOrder, price: str) -> bytes:
        """What waited trades from now on."""
        report = self._of(order, "triggered")
        report.triggered.price = price
        return report.SerializeToString()

    def cancelled(self, order: VenueOrder) -> bytes:
        """Whoever may cancel has cancelled the order."""
        report = self._of(order, "cancelled")
        report.cancelled.SetInParent()
        return report.SerializeToString()

    def expired(self, order: VenueOrder, reason: str) -> bytes:
        """The exchange ended the order by a rule of its own."""
        report = self._of(order, "expired")
        report.expired.reason = reason
        return report.SerializeToString()

    def amended(self, order: VenueOrder, number: int) -> bytes:
        """The order has another quantity or price; the core counts its own requests alone."""
        ours = order.origin is Origin.PATRIOT
        report = self._of(order, "amended", str(number))
        report.amended.amendment = number if ours else 0
        report.amended.quantity = plain(order.quantity)
        report.amended.price = _text(order.price)
        return report.SerializeToString()

    def filled(self, order: VenueOrder, execution: Execution, number: str) -> tuple[bytes, int]:
        """One execution, and when it was."""
        report = self._of(order, "filled", number)
        fill = report.filled
        fill.execution_id = number
        fill.side = _SIDES[order.side]
        fill.price = plain(execution.price)
        fill.quantity = plain(execution.quantity)
        fill.fee = plain(execution.fee)
        fill.fee_currency = self._rules[order.instrument_id].currency
        fill.liquidity = _LIQUIDITIES[execution.liquidity]
        fill.position_side = _POSITION_SIDES[order.position_side]
        return report.SerializeToString(), report.venue_time

    def not_cancelled(
        self, order: VenueOrder | None, asked: tuple[str, str, InstrumentId], number: str
    ) -> bytes:
        """Why a cancel is refused; each request is answered, so each has its number."""
        if order is None:
            report = self._blank(asked, "cancel_rejected", number)
        else:
            report = self._of(order, "cancel_rejected", number)
        report.cancel_rejected.reason = (
            "unknown order" if order is None else f"the order is {order.status.value}"
        )
        return report.SerializeToString()

    def not_amended(self, amend: Amend, reason: str) -> bytes:
        """Why the order is what it was."""
        asked = (amend.client_order_id, amend.account_id, amend.instrument_id)
        report = self._blank(asked, "amend_rejected", str(amend.number))
        report.amend_rejected.amendment = amend.number
        report.amend_rejected.reason = reason
        return report.SerializeToString()

    def _of(self, order: VenueOrder, kind: str, number: str = "") -> venues_pb2.Report:
        named = (order.client_order_id, order.account_id, order.instrument_id)
        report = self._blank(named, kind, number)
        if order.origin is not Origin.PATRIOT:
            report.external.CopyFrom(self._described(order))
        return report

    def _blank(
        self, named: tuple[str, str, InstrumentId], kind: str, number: str
    ) -> venues_pb2.Report:
        """A report whose command id is a function of what it reports, so a repeat is known."""
        client_order_id, account_id, instrument_id = named
        return venues_pb2.Report(
            command_id=derived("simulated report", client_order_id, kind, number),
            account_id=account_id,
            order_id=order_id_of(client_order_id) or "",
            instrument=instrument_id,
            venue_time=self._clock.now(),
        )

    def _described(self, order: VenueOrder) -> venues_pb2.ExternalOrder:
        told = venues_pb2.ExternalOrder(
            origin=f"ORDER_ORIGIN_{order.origin.name}",
            venue_order_id=order.venue_order_id,
            client_order_id=order.client_order_id,
            side=f"SIDE_{order.side.name}",
            type=f"ORDER_TYPE_{order.type.name}",
            time_in_force=f"TIME_IN_FORCE_{order.time_in_force.name}",
            quantity=plain(order.quantity),
            price=_text(order.price),
            position_side=f"POSITION_SIDE_{order.position_side.name}",
            reduce_only=order.reduce_only,
            close_position=order.close_position,
            expires_at=order.expires_at or 0,
            currency=self._rules[order.instrument_id].currency,
        )
        condition = order.trigger
        if condition is not None:
            told.MergeFrom(
                venues_pb2.ExternalOrder(
                    trigger_source=f"TRIGGER_SOURCE_{condition.source.name}",
                    trigger_price=_text(condition.price),
                    trigger_callback=_text(condition.callback),
                    activation_price=_text(condition.activation),
                )
            )
        return told


def _text(number: Decimal | None) -> str:
    return "" if number is None else plain(number)
