"""`patriot users` and `patriot accounts`: what operators do, over the services' own doors.

Name and e-mail are asked for where they are not given, since what is given as an argument can be
read in the list of processes. Where the services are: adapters/cli/calling.py.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from adapters.cli import calling, listing
from adapters.cli.venue_keys import keys_of_account
from adapters.clock import SystemClock
from adapters.proto.v1 import (
    settings_pb2,
    settings_pb2_grpc,
    user_queries_pb2,
    user_queries_pb2_grpc,
    users_pb2,
    users_pb2_grpc,
)

_ROLES: Final = ("trader", "risk_manager", "auditor", "operator", "service")
_MARGINS: Final = ("cross", "isolated")
_MODES: Final = ("one-way", "hedge")


@click.group()
def users() -> None:
    """Register, show, suspend and erase users."""


@click.group()
def accounts() -> None:
    """Open, list, suspend and close accounts; the keys of their venues."""


accounts.add_command(keys_of_account)


@users.command()
@click.argument("user_id", required=False)
@click.option("--name", prompt=True, help="Stored sealed; asked for if not given.")
@click.option("--email", prompt=True, help="Stored sealed; asked for if not given.")
def register(user_id: str | None, name: str, email: str) -> None:
    """Register a user; without USER_ID under a fresh one."""
    known_as = user_id or SystemClock().new_uuid()
    request = users_pb2.RegisterUserRequest(user_id=known_as, name=name, email=email)
    _command("RegisterUser", request)
    click.echo(f"user {known_as} is registered")


@users.command()
@click.argument("user_id")
def show(user_id: str) -> None:
    """Show a user, with name and e-mail in clear."""
    found = _query("GetUser", user_queries_pb2.GetUserRequest(user_id=user_id))
    click.echo(f"user    {found.user_id}")
    click.echo(f"status  {found.status}")
    click.echo(f"name    {found.name}")
    click.echo(f"e-mail  {found.email}")
    click.echo(f"roles   {', '.join(found.roles) or 'none'}")
    if found.suspension_reason:
        click.echo(f"reason  {found.suspension_reason}")
    click.echo(f"since   {_time(found.registered_at)}, changed {_time(found.updated_at)}")


@users.command()
@click.argument("user_id")
@click.argument("role", type=click.Choice(_ROLES))
def grant(user_id: str, role: str) -> None:
    """Give a user a role."""
    _command("GrantRole", users_pb2.RoleRequest(user_id=user_id, role=_role(role)))
    click.echo(f"user {user_id} has the role {role}")


@users.command()
@click.argument("user_id")
@click.argument("role", type=click.Choice(_ROLES))
def revoke(user_id: str, role: str) -> None:
    """Take a role away."""
    _command("RevokeRole", users_pb2.RoleRequest(user_id=user_id, role=_role(role)))
    click.echo(f"user {user_id} no longer has the role {role}")


@users.command("suspend")
@click.argument("user_id")
@click.option("--reason", prompt=True, help="Stored sealed; asked for if not given.")
def suspend_user(user_id: str, reason: str) -> None:
    """Suspend a user; accounts are suspended by themselves."""
    _command("SuspendUser", users_pb2.SuspendUserRequest(user_id=user_id, reason=reason))
    click.echo(f"user {user_id} is suspended")


@users.command("reinstate")
@click.argument("user_id")
def reinstate_user(user_id: str) -> None:
    """Lift a user's suspension."""
    _command("ReinstateUser", users_pb2.UserRequest(user_id=user_id))
    click.echo(f"user {user_id} is active again")


@users.command()
@click.argument("user_id")
@click.confirmation_option(prompt="Erase for ever? Nobody will be able to bring the data back")
def erase(user_id: str) -> None:
    """Make a user's personal data unreadable, everywhere and for ever."""
    _command("EraseUser", users_pb2.UserRequest(user_id=user_id))
    click.echo(f"user {user_id} is erased: name and e-mail can no longer be read by anybody")


@accounts.command("open")
@click.argument("account_id")
@click.option("--user", "user_id", required=True, help="User that it belongs to.")
@click.option("--venue", required=True, help="For example BINANCE.")
@click.option("--margin", type=click.Choice(_MARGINS), default="cross", help="Margin mode.")
@click.option("--mode", type=click.Choice(_MODES), default="one-way", help="Position mode.")
def open_account(account_id: str, user_id: str, venue: str, margin: str, mode: str) -> None:
    """Open an account for a user."""
    request = users_pb2.OpenAccountRequest(
        account_id=account_id,
        user_id=user_id,
        venue=venue,
        position_mode=_position_mode(mode),
        margin_mode=f"MARGIN_MODE_{margin.upper()}",
    )
    _command("OpenAccount", request)
    click.echo(f"account {account_id} is open")


@accounts.command("suspend")
@click.argument("account_id")
@click.option("--reason", required=True, help="Kept for ever: no personal data in here.")
def suspend_account(account_id: str, reason: str) -> None:
    """Let only cancels and reducing orders pass."""
    request = users_pb2.SuspendAccountRequest(account_id=account_id, reason=reason)
    _command("SuspendAccount", request)
    click.echo(f"account {account_id} is suspended")


@accounts.command("reinstate")
@click.argument("account_id")
def reinstate_account(account_id: str) -> None:
    """Lift an account's suspension."""
    _command("ReinstateAccount", users_pb2.AccountCommandRequest(account_id=account_id))
    click.echo(f"account {account_id} is open again")


@accounts.command()
@click.argument("account_id")
def close(account_id: str) -> None:
    """Close an account for ever; nothing may be open or held."""
    _command("CloseAccount", users_pb2.AccountCommandRequest(account_id=account_id))
    click.echo(f"account {account_id} is closed")


@accounts.command()
@click.argument("account_id")
@click.argument("instrument")
@click.argument("leverage")
def leverage(account_id: str, instrument: str, leverage: str) -> None:
    """Hold positions of INSTRUMENT at LEVERAGE, e.g. 20."""
    request = settings_pb2.SetLeverageRequest(
        account_id=account_id, instrument=instrument, leverage=leverage
    )
    calling.command(settings_pb2_grpc.AccountSettingsStub, "SetLeverage", request)
    click.echo(f"account {account_id} holds {instrument} at {leverage} times")


@accounts.command("position-mode")
@click.argument("account_id")
@click.argument("mode", type=click.Choice(_MODES))
def position_mode(account_id: str, mode: str) -> None:
    """Keep positions one-way or hedged; nothing may be open or held."""
    request = settings_pb2.ChangePositionModeRequest(
        account_id=account_id, position_mode=_position_mode(mode)
    )
    calling.command(settings_pb2_grpc.AccountSettingsStub, "ChangePositionMode", request)
    click.echo(f"account {account_id} is in {mode} mode")


@accounts.command("margin-mode")
@click.argument("account_id")
@click.argument("mode", type=click.Choice(_MARGINS))
def margin_mode(account_id: str, mode: str) -> None:
    """Put cross or isolated margin behind positions; nothing may be open or held."""
    request = settings_pb2.ChangeMarginModeRequest(
        account_id=account_id, margin_mode=f"MARGIN_MODE_{mode.upper()}"
    )
    calling.command(settings_pb2_grpc.AccountSettingsStub, "ChangeMarginMode", request)
    click.echo(f"account {account_id} is in {mode} margin")


@accounts.command("list")
@click.option("--user", "user_id", default="", help="Only accounts of this user.")
def list_accounts(user_id: str) -> None:
    """List the accounts that were opened."""
    request = user_queries_pb2.ListAccountsRequest(user_id=user_id)
    stub = user_queries_pb2_grpc.UserQueriesStub
    rows = listing.rows(stub, "ListAccounts", request, "accounts")
    listing.show(("\n".join(_lines(one)) for one in rows), "no account was opened")


def _lines(one: user_queries_pb2.AccountRecord) -> Iterator[str]:
    margin = f"{one.position_mode}/{one.margin_mode}"
    reason = f"  {one.reason}" if one.reason else ""
    yield (
        f"{one.account_id}  {one.status:<9}  {one.venue:<12}  {margin:<16}  "
        f"user {one.user_id}{reason}"
    )
    for instrument, times in sorted(one.leverages.items()):
        yield f"    {instrument}  {times}x"


def _command(name: str, request: Any) -> Any:
    return calling.command(users_pb2_grpc.UserCommandsStub, name, request)


def _query(name: str, request: Any) -> Any:
    return calling.query(user_queries_pb2_grpc.UserQueriesStub, name, request)


def _position_mode(name: str) -> str:
    return f"POSITION_MODE_{name.upper().replace('-', '_')}"


def _role(name: str) -> str:
    return f"USER_ROLE_{name.upper()}"


def _time(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
