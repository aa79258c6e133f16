"""`patriot holdings`: what an account holds, its margin, its money, and which strategy made it.

QUERY_SERVICE_ADDRESS says where; the token is OPERATOR_TOKEN, or signed with the key of the data
folder (PATRIOT_DATA).
"""

from typing import Any, Final

import click

from adapters.cli.calling import query
from adapters.proto.v1 import queries_pb2, queries_pb2_grpc

_NOTHING: Final = "-"


@click.group()
def holdings() -> None:
    """Positions with their margin, money by currency, strategies' parts of it."""


@holdings.command()
@click.argument("account_id")
def positions(account_id: str) -> None:
    """Positions and legs of ACCOUNT_ID, with margin and liquidation price where they are known."""
    found = _asked("ListPositions", account_id).positions
    for one in found:
        click.echo(
            f"{one.instrument:<24}  {one.position_side:<5}  {one.net_quantity:>14}"
            f"  entry {one.average_price or _NOTHING}  mark {one.mark_price or _NOTHING}"
            f"  unrealised {one.unrealised or _NOTHING} {one.currency}"
        )
        click.echo(
            f"    leverage {one.leverage or _NOTHING}  initial {one.initial_margin or _NOTHING}"
            f"  maintenance {one.maintenance_margin or _NOTHING}"
            f"  liquidation {one.liquidation_price or _NOTHING}"
            f"  bankruptcy {one.bankruptcy_price or _NOTHING}"
            f"  fees {one.fees}  funding {one.funding}"
        )
    if not found:
        click.echo("the account never held a position")


@holdings.command()
@click.argument("account_id")
def cash(account_id: str) -> None:
    """What ACCOUNT_ID earned and paid in each currency, and what its wallet holds."""
    found = _asked("ListCash", account_id).cash
    for one in found:
        click.echo(
            f"{one.currency:<6}  balance {one.balance or _NOTHING}  realised {one.realised}"
            f"  fees {one.fees}  funding {one.funding}  earned {one.earned}"
        )
    if not found:
        click.echo("nothing was earned, paid or told")


@holdings.command()
@click.argument("account_id")
def strategies(account_id: str) -> None:
    """Positions of ACCOUNT_ID split by the strategy whose orders were filled."""
    found = _asked("ListVirtualPositions", account_id).positions
    for one in found:
        click.echo(
            f"{one.instrument:<24}  {one.position_side:<5}  {one.strategy_id or 'no strategy':<36}"
            f"  {one.net_quantity:>14}  entry {one.average_price or _NOTHING}"
            f"  realised {one.realised}  unrealised {one.unrealised or _NOTHING}"
        )
    if not found:
        click.echo("nothing was filled")


def _asked(name: str, account_id: str) -> Any:
    request = queries_pb2.AccountRequest(account_id=account_id)
    return query(queries_pb2_grpc.QueriesStub, name, request)
