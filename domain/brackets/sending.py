"""An exit as an order, and the events that send one to the venue."""

from decimal import Decimal

from domain.brackets.commands import ExitTerms
from domain.brackets.state import Bracket
from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import BracketRole, OrderType, PlaceOrder, TimeInForce
from domain.orders.events import OrderEvent, OrderLinked
from domain.placing import placed_order
from domain.risk.exits import ExitAdmitted
from domain.values import Quantity


def as_order(bracket: Bracket, order_id: OrderId, terms: ExitTerms, whole: Decimal) -> PlaceOrder:
    """The other side, the same leg, reduce only, for so much; until cancelled if it can wait."""
    account_id, instrument_id = whose(bracket)
    market = terms.type is OrderType.MARKET
    return PlaceOrder(
        order_id=order_id,
        account_id=account_id,
        instrument_id=instrument_id,
        side=bracket.side.opposite,
        type=terms.type,
        time_in_force=TimeInForce.IOC if market else TimeInForce.GTC,
        quantity=Quantity(whole),
        price=terms.price,
        reduce_only=True,
        strategy_id=bracket.strategy_id,
        position_side=bracket.position_side,
        trigger=terms.trigger,
    )


def whose(bracket: Bracket) -> tuple[AccountId, InstrumentId]:
    """Account and instrument of a bracket that exists."""
    assert bracket.account_id is not None
    assert bracket.instrument_id is not None
    return bracket.account_id, bracket.instrument_id


def admitted(
    order: PlaceOrder, entry_id: OrderId, *, limits_version: int, rules_version: int, at: int
) -> ExitAdmitted:
    """Risk lets it out and reserves nothing."""
    return ExitAdmitted(
        account_id=order.account_id,
        order_id=order.order_id,
        entry_id=entry_id,
        instrument_id=order.instrument_id,
        side=order.side,
        position_side=order.position_side,
        quantity=order.quantity,
        strategy_id=order.strategy_id,
        limits_version=limits_version,
        rules_version=rules_version,
        at=at,
    )


def placed(
    order: PlaceOrder, entry_id: OrderId, role: BracketRole, currency: str
) -> tuple[OrderEvent, OrderEvent]:
    """It is to be sent, and belongs to the bracket."""
    sent = placed_order(order, order.quantity, currency)
    return sent, OrderLinked(order.order_id, order.account_id, entry_id, role)
