"""`patriot limits`: set an account's limits, and show those in force.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN (role
risk_manager), or signed with the key of the data folder (PATRIOT_DATA) for the subject given by
--as. What loosens waits for a second person: `patriot risk approve`.
"""

from typing import TextIO

import click

from adapters.cli.calling import query
from adapters.cli.documents import document, read
from adapters.cli.governing import send, signed_as, tell
from adapters.proto.v1 import queries_pb2, queries_pb2_grpc, risk_pb2


@click.group()
def limits() -> None:
    """Set an account's limits, and show those in force."""


@limits.command()
@click.argument("account")
def show(account: str) -> None:
    """Show every limit of ACCOUNT that is set; the strategy's id before those of a strategy."""
    request = queries_pb2.AccountRequest(account_id=account)
    found = query(queries_pb2_grpc.QueriesStub, "GetRisk", request)
    if not found.limits_version:
        click.echo("no limits were set: every order of this account is refused")
        return
    click.echo(f"version {found.limits_version}, in {found.currency}")
    for one in found.limits:
        scope = f"{one.strategy_id} " if one.strategy_id else ""
        click.echo(f"{scope}{one.name} {one.value}")


@limits.command("set")
@click.argument("account")
@document
@signed_as
def set_limits(account: str, file: TextIO, subject: str) -> None:
    """Replace all limits of ACCOUNT by those in FILE, or propose to.

    FILE (- for standard input) is JSON with the fields of patriot.v1.Limits (docs/commands.md),
    such as {"currency": "USDT", "order_notional": "2000"}; what is left out is not limited.
    """
    wanted = read(file, risk_pb2.Limits, "limits")
    request = risk_pb2.SetLimitsRequest(account_id=account, limits=wanted)
    tell(send("SetLimits", request, subject), f"these limits bind {account} from now on")
