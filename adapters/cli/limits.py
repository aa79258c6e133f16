"""`patriot limits`: set an account's limits, and show those in force.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN (role
risk_manager), or signed with the key of the data folder (PATRIOT_DATA).
"""

import json
from pathlib import Path

import click
from google.protobuf.json_format import ParseDict, ParseError

from adapters.cli.calling import command, query
from adapters.proto.v1 import queries_pb2, queries_pb2_grpc, risk_pb2, risk_pb2_grpc


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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_limits(account: str, file: Path) -> None:
    """Replace all limits of ACCOUNT by those in FILE (JSON, names as in docs/commands.md)."""
    try:
        wanted = ParseDict(json.loads(file.read_text(encoding="utf-8")), risk_pb2.Limits())
    except (ParseError, ValueError) as error:
        raise click.ClickException(f"{file} holds no limits: {error}") from None
    request = risk_pb2.SetLimitsRequest(account_id=account, limits=wanted)
    command(risk_pb2_grpc.RiskCommandsStub, "SetLimits", request)
    click.echo(f"these limits bind {account} from now on")
