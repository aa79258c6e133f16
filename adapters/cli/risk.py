"""`patriot risk`: halts of every scope, and a second person's word on what loosens.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA) for the subject given by --as. Two persons are two
subjects.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from adapters.cli import listing
from adapters.cli.calling import query
from adapters.cli.governing import send, signed_as, tell
from adapters.proto.v1 import risk_pb2, risk_queries_pb2
from adapters.proto.v1.risk_queries_pb2_grpc import RiskQueriesStub

_PLATFORM: Final = "platform"

_reason = click.option("--reason", required=True, help="Kept for ever: no personal data in here.")


@click.group()
def risk() -> None:
    """Halts, and changes of halts and limits that wait for a second person."""


def _scopes(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a halt is about."""
    for option, told in (
        ("--strategy", "A strategy of any account."),
        ("--venue", "Every instrument of a venue, e.g. BINANCE."),
        ("--user", "All accounts that were opened for a user."),
        ("--account", "One account."),
    ):
        function = click.option(option, default="", help=told)(function)
    platform = click.option("--platform", is_flag=True, help="Everybody.")
    return platform(function)


@risk.command()
@_scopes
@click.option(
    "--mode",
    type=click.Choice(["full", "reduce-only"]),
    help="If not given: full for the platform, reduce-only for everything else.",
)
@_reason
@signed_as
def halt(mode: str | None, reason: str, subject: str, **scope: Any) -> None:
    """Refuse new orders of a scope, at once."""
    fields, what = _scope(**scope)
    word = "UNSPECIFIED" if mode is None else mode.replace("-", "_").upper()
    request = risk_pb2.HaltRequest(reason=reason, mode=f"HALT_MODE_{word}", **fields)
    send("Halt", request, subject)
    click.echo(f"{what} is halted")


@risk.command()
@_scopes
@_reason
@signed_as
def resume(reason: str, subject: str, **scope: Any) -> None:
    """Lift a halt, or propose to."""
    fields, what = _scope(**scope)
    request = risk_pb2.ResumeRequest(reason=reason, **fields)
    tell(send("Resume", request, subject), f"{what} trades again")


@risk.command()
@click.argument("change_id")
@click.option("--account", default="", help="Of the change; the platform if not given.")
@signed_as
def approve(change_id: str, account: str, subject: str) -> None:
    """Let a pending change take effect; not by the subject that proposed it."""
    request = risk_pb2.ApproveChangeRequest(account_id=account, change_id=change_id)
    send("ApproveChange", request, subject)
    click.echo(f"change {change_id} is in force")


@risk.command()
@click.argument("change_id")
@click.option("--account", default="", help="Of the change; the platform if not given.")
@_reason
@signed_as
def decline(change_id: str, account: str, reason: str, subject: str) -> None:
    """Refuse a pending change, or withdraw one's own."""
    request = risk_pb2.DeclineChangeRequest(account_id=account, change_id=change_id, reason=reason)
    send("DeclineChange", request, subject)
    click.echo(f"change {change_id} is off the list")


@risk.command()
@click.option("--account", default="", help="Only what binds this account.")
def halts(account: str) -> None:
    """List the halts in force."""
    request = risk_queries_pb2.ListHaltsRequest(account_id=account)
    found = query(RiskQueriesStub, "ListHalts", request)
    for one in found.halts:
        what = f"{one.scope} {one.subject}".rstrip()
        click.echo(
            f"{what:<45}  {one.mode:<11}  {_time(one.halted_at)}  by {one.halted_by}: {one.reason}"
        )
    if not found.halts:
        click.echo("nothing is halted")


@risk.command()
@click.option("--account", default="", help="Only changes of this account.")
@click.option("--all", "every", is_flag=True, help="Those that were decided, too.")
def changes(account: str, *, every: bool) -> None:
    """List the changes that wait for a second person."""
    request = risk_queries_pb2.ListChangesRequest(account_id=account, pending_only=not every)
    rows = listing.rows(RiskQueriesStub, "ListChanges", request, "changes")
    nothing = "no change was proposed" if every else "no change waits"
    listing.show(("\n".join(_change_lines(one)) for one in rows), nothing)


@risk.command()
@click.argument("account_id")
def history(account_id: str) -> None:
    """Show every version of the limits of ACCOUNT_ID: who changed what and when."""
    request = risk_queries_pb2.ListLimitsHistoryRequest(account_id=account_id)
    rows = listing.rows(RiskQueriesStub, "ListLimitsHistory", request, "versions")
    listing.show(("\n".join(_version_lines(one)) for one in rows), "the account never had limits")


def _version_lines(one: risk_queries_pb2.LimitsRecord) -> list[str]:
    by = f"approved by {one.set_by}, proposed by {one.proposed_by}"
    who = by if one.proposed_by else f"set by {one.set_by}"
    return [
        f"version {one.limits_version}  {_time(one.set_at)}  {who}",
        *(f"  {changed}" for changed in one.changes),
    ]


def _change_lines(one: risk_queries_pb2.ChangeRecord) -> list[str]:
    account = _PLATFORM if one.account_id.strip("0-") == "" else f"account {one.account_id}"
    what = f"limits of {account}, looser: {', '.join(one.looser)}"
    if one.kind == "wider_limit":
        what = f"{', '.join(one.looser)} of {one.scope} {one.subject}".rstrip() + " is limited less"
    if one.kind == "resume":
        of = account if one.scope in {"account", _PLATFORM} else f"{one.scope} {one.subject}"
        what = f"{of} trades again: {one.reason}"
    until = f"may be approved until {_time(one.expires_at)}"
    lines = [
        f"{one.change_id}  {one.status:<10}  {what}",
        f"  proposed by {one.proposed_by}, {_time(one.proposed_at)}; {until}",
    ]
    if one.limits:
        lines.append(f"  {one.limits}")
    if one.decided_by:
        remark = f": {one.remark}" if one.remark else ""
        lines.append(f"  {one.status} by {one.decided_by}, {_time(one.decided_at)}{remark}")
    return lines


def _scope(
    *, platform: bool, account: str, user: str, venue: str, strategy: str
) -> tuple[dict[str, str], str]:
    """Fields of the request, and what they mean in words."""
    named = {"account_id": account, "user_id": user, "venue": venue, "strategy_id": strategy}
    fields = {name: value for name, value in named.items() if value}
    if len(fields) + platform != 1:
        raise click.UsageError(
            "say what: one of --platform, --account, --user, --venue, --strategy"
        )
    if platform:
        return {}, "the platform"
    ((name, value),) = fields.items()
    return fields, f"{name.removesuffix('_id')} {value}"


def _time(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
