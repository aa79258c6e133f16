"""What operators do by hand: migrations, tokens, checks of the read models, set-aside records."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

import click

from adapters.embedded.paths import MIGRATIONS, default_data
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.migrate import migrate as apply_migrations
from adapters.postgres.rebuild import rebuild as rebuild_projection
from adapters.postgres.verify import Verified
from adapters.postgres.verify import verify as verify_rows
from adapters.rpc.tokens import Grant, mint
from adapters.settings import Environment, SettingsError
from domain.ids import InvalidId, parse_uuid
from domain.registry import Unknown
from projections.catalogue import PROJECTIONS

_ROLES: Final = ("trader", "risk_manager", "operator", "auditor", "service")
_DAY: Final = 86_400


@click.command()
def migrate() -> None:
    """Apply the migrations of both databases, as their administrators.

    LOG_ADMIN_URL and READ_ADMIN_URL.
    """
    environment = _environment()
    for variable, folder in (("LOG_ADMIN_URL", "eventlog"), ("READ_ADMIN_URL", "readmodel")):
        applied = asyncio.run(apply_migrations(environment.text(variable), MIGRATIONS / folder))
        click.echo(
            f"{folder}: applied {', '.join(applied)}" if applied else f"{folder}: up to date"
        )


@click.command()
@click.argument("role", type=click.Choice(_ROLES))
@click.option("--account", "accounts", multiple=True, help="Account id; repeat for more.")
@click.option("--all-accounts", is_flag=True, help="Every account (operators, auditors, services).")
@click.option("--subject", default="", help="Who it is for; the role's name if not given.")
@click.option("--hours", default=24, type=click.IntRange(1, 24 * 365), help="How long it holds.")
def token(
    role: str, accounts: tuple[str, ...], *, all_accounts: bool, subject: str, hours: int
) -> None:
    """Sign a token for ROLE with the embedded system's key, and print it.

    The key is that of the data folder (PATRIOT_DATA), or JWT_PRIVATE_KEY.
    """
    for account in accounts:
        try:
            parse_uuid(account)
        except InvalidId as error:
            raise click.UsageError(f"--account: {error}") from None
    if role == "trader" and not accounts:
        from adapters.embedded.seed import ACCOUNTS  # noqa: PLC0415  (slow to import)

        accounts = ACCOUNTS
    allowed = ("*",) if all_accounts else accounts
    if not allowed:
        raise click.UsageError("say which accounts: --account ID, or --all-accounts")
    grant = Grant(subject or role, allowed, (role,), hours * 3600)
    click.echo(mint(private_key(), grant, now=int(time.time())))


_UNKNOWN = click.option(
    "--unknown",
    default=Unknown.STOP.value,
    show_default=True,
    type=click.Choice([policy.value for policy in Unknown]),
    help="At an event of a newer release; skip is for the old colour of a blue/green release.",
)


@click.command()
@_UNKNOWN
def verify(unknown: str) -> None:
    """Compare the read models with a fresh replay of the log, while everything runs.

    DATABASE_URL (the log, role patriot_tail) and PROJECTION_DATABASE_URL. Exit code 1 when a row
    differs.
    """
    environment = _environment()
    log_url = environment.text("DATABASE_URL")
    read_url = environment.text("PROJECTION_DATABASE_URL")
    verified = asyncio.run(_verify(log_url, read_url, Unknown(unknown)))
    for name, position in verified.positions.items():
        click.echo(f"{name}: compared up to {position:,}")
    for table, rows in verified.rows.items():
        click.echo(f"{table}: {rows:,} rows, {verified.wrong_rows.get(table, 0):,} wrong")
    for difference in verified.differences:
        click.echo(f"  {difference}", err=True)
    if not verified.equal:
        raise click.ClickException("the read models differ from the log: patriot rebuild NAME")


@click.command()
@click.argument("name", type=click.Choice(sorted(PROJECTIONS)))
@_UNKNOWN
def rebuild(name: str, unknown: str) -> None:
    """Write the read model NAME anew from the log.

    DATABASE_URL (the log, role patriot_tail) and PROJECTION_DATABASE_URL.
    """
    environment = _environment()
    log_url = environment.text("DATABASE_URL")
    read_url = environment.text("PROJECTION_DATABASE_URL")
    asyncio.run(_rebuild(log_url, read_url, name, Unknown(unknown)))
    click.echo(f"{name}: written anew from the log")


@click.group()
def deadletters() -> None:
    """Records that could not be used (KAFKA_BROKERS)."""


@deadletters.command("list")
def list_deadletters() -> None:
    """Show what was set aside, and why."""
    from streams import deadletter  # noqa: PLC0415

    letters = asyncio.run(deadletter.list_deadletters(_environment().text("KAFKA_BROKERS")))
    for letter in letters:
        original = letter.original
        click.echo(
            f"{letter.id}  {original.topic}[{original.partition}]@{original.offset}  "
            f"{letter.consumer}: {letter.error}"
        )
    if not letters:
        click.echo("nothing was set aside")


@deadletters.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
def replay_deadletters(ids: tuple[str, ...], *, every: bool) -> None:
    """Send records back to where they came from; whoever applied one skips it."""
    from streams import deadletter  # noqa: PLC0415

    if bool(ids) == every:
        raise click.UsageError("name the records to replay, or --all")
    brokers = _environment().text("KAFKA_BROKERS")
    count = asyncio.run(deadletter.replay_deadletters(brokers, None if every else ids))
    click.echo(f"{count} records were sent back")


async def _verify(log_url: str, read_url: str, unknown: Unknown) -> Verified:
    log = PostgresEventLog(log_url)
    await log.open()
    try:
        return await verify_rows(log, read_url, unknown=unknown)
    finally:
        await log.close()


async def _rebuild(log_url: str, read_url: str, name: str, unknown: Unknown) -> None:
    log = PostgresEventLog(log_url)
    await log.open()
    try:
        await rebuild_projection(log, read_url, PROJECTIONS[name], unknown=unknown)
    finally:
        await log.close()


def _environment() -> Environment:
    return Environment(dict(os.environ))


def private_key() -> str:
    """The key that tokens are signed with; raises SettingsError."""
    environment = _environment()
    given = environment.text("JWT_PRIVATE_KEY", "")
    if given:
        return given
    key = Path(default_data()) / "secrets" / "token_key.pem"
    try:
        return key.read_text(encoding="utf-8")
    except OSError:
        raise SettingsError(
            f"there is no key at {key}: start `patriot run` once, or set JWT_PRIVATE_KEY_FILE"
        ) from None
