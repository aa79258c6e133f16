"""`patriot orders`: what an account has asked for, and how a trader takes it back by hand.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is TRADER_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA). Placing by hand is left to programs: a typing slip
there costs money.
"""

from collections.abc import Iterator
from typing import Any

import click

from adapters.cli import listing
from adapters.cli.calling import TRADER, command
from adapters.cli.order_words import made_by
from adapters.cli.replacing import replacement
from adapters.clock import SystemClock
from adapters.proto.v1 import orders_pb2, orders_pb2_grpc, queries_pb2, queries_pb2_grpc
from domain.orders.commands import OrderType, Origin, TimeInForce, TriggerSource


@click.group()
def orders() -> None:
    """List orders, amend, replace and cancel them."""


@orders.command("list")
@click.argument("account_id")
@click.option("--open", "open_only", is_flag=True, help="Only those that may still trade.")
def list_(account_id: str, *, open_only: bool) -> None:
    """Orders of ACCOUNT_ID, the newest first."""
    nothing = "the account has no open order" if open_only else "the account has no order"
    listing.show(map(_line, _orders(account_id, open_only=open_only)), nothing)


def _orders(account_id: str, *, open_only: bool) -> Iterator[queries_pb2.Order]:
    request = queries_pb2.ListOrdersRequest(account_id=account_id, open_only=open_only)
    return listing.rows(queries_pb2_grpc.QueriesStub, "ListOrders", request, "orders", TRADER)


@orders.command()
@click.argument("account_id")
@click.argument("order_id")
def cancel(account_id: str, order_id: str) -> None:
    """Ask the venue to cancel ORDER_ID of ACCOUNT_ID."""
    request = orders_pb2.CancelOrderRequest(account_id=account_id, order_id=order_id)
    command(orders_pb2_grpc.OrderCommandsStub, "CancelOrder", request, TRADER)
    click.echo(f"the venue is asked to cancel {order_id}")


@orders.command()
@click.argument("account_id")
@click.argument("order_id")
@click.option("--instrument", required=True, help="The order's own, e.g. BINANCE:SUSHIUSDT.")
@click.option("--quantity", default="", help="Of the whole order, what is filled included.")
@click.option("--price", default="", help="Limit price.")
def amend(account_id: str, order_id: str, instrument: str, quantity: str, price: str) -> None:
    """Ask the venue for another quantity or price of ORDER_ID, if risk admits it."""
    request = orders_pb2.AmendOrderRequest(
        account_id=account_id,
        order_id=order_id,
        instrument=instrument,
        quantity=quantity,
        price=price,
    )
    command(orders_pb2_grpc.OrderCommandsStub, "AmendOrder", request, TRADER)
    click.echo(f"the venue is asked to amend {order_id}")


@orders.command()
@click.argument("account_id")
@click.argument("order_id")
@click.option("--quantity", help="The whole one, what ORDER_ID fills included.")
@click.option("--price", help="Limit price; empty for none.")
@click.option("--type", "type_", type=click.Choice([kind.value for kind in OrderType]))
@click.option("--time-in-force", type=click.Choice([word.value for word in TimeInForce]))
@click.option("--trigger-price", help="Of a stop or a take profit; empty for none.")
@click.option("--trigger-source", type=click.Choice([word.value for word in TriggerSource]))
@click.option("--trigger-callback", help="Of a trailing stop, as a part: 0.01 is 1 %.")
@click.option("--activation-price", help="Of a trailing stop; empty is at once.")
@click.option("--expires-at", type=int, help="Of a gtd order: microseconds since 1970.")
@click.option("--reduce-only/--may-open", default=None)
def replace(account_id: str, order_id: str, **terms: Any) -> None:
    """Cancel ORDER_ID and send another order in its place once it has ended.

    What is not said stays as ORDER_ID has it. The id of the new order is the answer.
    """
    old = _open_order(account_id, order_id)
    new_id = SystemClock().new_uuid()
    request = replacement(old, new_id, terms)
    command(orders_pb2_grpc.OrderCommandsStub, "ReplaceOrder", request, TRADER)
    click.echo(f"{new_id} is sent once {order_id} has ended")


def _open_order(account_id: str, order_id: str) -> queries_pb2.Order:
    for one in _orders(account_id, open_only=True):
        if one.order_id == order_id:
            return one
    raise click.ClickException(f"the account has no open order {order_id}")


@orders.command("cancel-all")
@click.argument("account_id")
@click.option("--instrument", default="", help="Only orders of this instrument.")
@click.option("--strategy", default="", help="Only orders of this strategy.")
def cancel_all(account_id: str, instrument: str, strategy: str) -> None:
    """Ask the venue to cancel whatever ACCOUNT_ID has open; passes every halt."""
    request = orders_pb2.CancelAllOrdersRequest(
        account_id=account_id, instrument=instrument, strategy_id=strategy
    )
    answer = command(orders_pb2_grpc.OrderCommandsStub, "CancelAllOrders", request, TRADER)
    for one in answer.orders:
        refusal = one.result.refusal
        done = f"{refusal.name}: {refusal.detail}" if refusal.reason else "the venue is asked"
        click.echo(f"{one.order_id}  {done}")
    if not answer.orders:
        click.echo("nothing is open")


def _made(order: Any) -> str:
    """Who made an order that was not placed here."""
    words = made_by(Origin(order.origin or Origin.PATRIOT))
    return f"  {words}" if words else ""


def _line(order: Any) -> str:
    price = f" at {order.price}" if order.price else ""
    waits = f" once {order.trigger_price} is reached" if order.trigger_price else ""
    return (
        f"{order.order_id}  {order.instrument:<20}  {order.status:<16}"
        f"  {order.side} {order.quantity}{price}{waits}"
        f"  {order.type} {order.time_in_force}  filled {order.filled_quantity}{_made(order)}"
        f"{_in_place(order)}"
    )


def _in_place(order: queries_pb2.Order) -> str:
    before = f"  in place of {order.replaces}" if order.replaces else ""
    return f"{before}  replaced by {order.replaced_by}" if order.replaced_by else before
