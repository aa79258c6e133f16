"""`patriot brackets`: entries with their exits, what they hold, and what protects it.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is TRADER_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA). A bracket can be placed by hand, for it says where
the loss ends before it begins.
"""

from typing import Any, Final

import click

from adapters.cli import listing
from adapters.cli.calling import TRADER, command
from adapters.clock import SystemClock
from adapters.proto.v1 import (
    bracket_queries_pb2,
    bracket_queries_pb2_grpc,
    brackets_pb2,
    brackets_pb2_grpc,
    common_pb2,
)

_SIDES: Final = {"buy": common_pb2.SIDE_BUY, "sell": common_pb2.SIDE_SELL}
_LEGS: Final = {
    "net": common_pb2.POSITION_SIDE_NET,
    "long": common_pb2.POSITION_SIDE_LONG,
    "short": common_pb2.POSITION_SIDE_SHORT,
}


@click.group()
def brackets() -> None:
    """List brackets, place one, and protect again what lost its protection."""


@brackets.command("list")
@click.argument("account_id")
@click.option("--open", "open_only", is_flag=True, help="Only open and unprotected ones.")
def list_(account_id: str, *, open_only: bool) -> None:
    """Brackets of ACCOUNT_ID, the newest first."""
    request = bracket_queries_pb2.ListBracketsRequest(account_id=account_id, open_only=open_only)
    stub = bracket_queries_pb2_grpc.BracketQueriesStub
    rows = listing.rows(stub, "ListBrackets", request, "brackets", TRADER)
    nothing = "the account has no open bracket" if open_only else "the account has no bracket"
    listing.show(("\n".join(_lines(one)) for one in rows), nothing)


@brackets.command()
@click.argument("account_id")
@click.argument("instrument")
@click.argument("side", type=click.Choice(sorted(_SIDES)))
@click.argument("quantity")
@click.option("--price", default="", help="Limit price of the entry; without it at the market.")
@click.option("--stop", default="", help="Price that triggers the stop at the market.")
@click.option("--target", default="", help="Limit price of the target.")
@click.option("--leg", type=click.Choice(sorted(_LEGS)), default="net", help="In hedge mode.")
def place(
    account_id: str,
    instrument: str,
    side: str,
    quantity: str,
    price: str,
    stop: str,
    target: str,
    leg: str,
) -> None:
    """Enter INSTRUMENT for ACCOUNT_ID with a stop at the market, a limit target or both."""
    entry_id = SystemClock().new_uuid()
    request = brackets_pb2.PlaceBracketRequest(
        account_id=account_id,
        order_id=entry_id,
        instrument=instrument,
        side=_SIDES[side],
        type=common_pb2.ORDER_TYPE_LIMIT if price else common_pb2.ORDER_TYPE_MARKET,
        time_in_force=common_pb2.TIME_IN_FORCE_GTC if price else common_pb2.TIME_IN_FORCE_IOC,
        quantity=quantity,
        price=price,
        position_side=_LEGS[leg],
    )
    if stop:
        request.stop.type = common_pb2.ORDER_TYPE_STOP_MARKET
        request.stop.trigger_price = stop
    if target:
        request.target.type = common_pb2.ORDER_TYPE_LIMIT
        request.target.price = target
    command(brackets_pb2_grpc.BracketCommandsStub, "PlaceBracket", request, TRADER)
    click.echo(f"the entry {entry_id} is on its way; its exits follow with its fills")


@brackets.command()
@click.argument("account_id")
@click.argument("entry_id")
@click.option("--instrument", required=True, help="The entry's own, e.g. BINANCE:SUSHIUSDT.")
def protect(account_id: str, entry_id: str, instrument: str) -> None:
    """Send again the exits that the bracket of ENTRY_ID lost or gave up."""
    request = brackets_pb2.ProtectBracketRequest(
        account_id=account_id, order_id=entry_id, instrument=instrument
    )
    command(brackets_pb2_grpc.BracketCommandsStub, "ProtectBracket", request, TRADER)
    click.echo("the exits that were missing are on their way")


def _lines(one: Any) -> list[str]:
    """The bracket, then each exit under it."""
    unprotected = "  UNPROTECTED" if one.unprotected else ""
    why = f"  {one.reason} {one.detail}" if one.reason else ""
    moved = f"  entered {one.entered}, exited {one.exited}{unprotected}{why}"
    return [
        f"{one.entry_id}  {one.instrument:<20}  {one.status:<7}  {one.side} {one.quantity}{moved}",
        *(
            f"  {role:<6}  {_terms(getattr(one, role))}"
            for role in ("stop", "target")
            if one.HasField(role)
        ),
    ]


def _terms(exit_: Any) -> str:
    parts = [exit_.type]
    if exit_.price:
        parts.append(f"at {exit_.price}")
    if exit_.trigger_price:
        parts.append(f"once {exit_.trigger_price} is reached")
    if exit_.trigger_callback:
        parts.append(f"trailing by {exit_.trigger_callback}")
    order = f"  order {exit_.order_id}" if exit_.order_id else "  not sent yet"
    return f"{' '.join(parts)}{order}  {exit_.standing}"
