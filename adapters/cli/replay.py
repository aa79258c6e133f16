"""`patriot replay`: the state as of a position or a time, and why each order was decided so."""

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

import click

from adapters import collector
from adapters import replay as reading
from adapters.cli.replay_view import as_json, as_text
from adapters.postgres.history import History, opened
from adapters.settings import Environment
from domain.ids import AccountId, InvalidId, OrderId, parse_uuid
from projections.asof import AsOf


class _Id(click.ParamType):
    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The canonical text of a UUID."""
        try:
            return parse_uuid(str(value))
        except InvalidId as error:
            self.fail(str(error), param, ctx)


class Until(click.ParamType):
    """A position of the log, or a time."""

    name = "position|time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | datetime:
        """A position, or a time with UTC where it names no zone."""
        text = str(value)
        if text.isascii() and text.isdigit():
            return int(text)
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            told = f"{text!r} is neither a position nor a time such as 2021-07-22T12:00:00Z"
            self.fail(told, param, ctx)
        return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


@click.command()
@click.option("--until", type=Until(), help="Last position or time to reflect; now if not given.")
@click.option("--account", type=_Id(), help="One account: its risk, positions and orders.")
@click.option("--order", type=_Id(), help="One order: its life and every check of its decision.")
@click.option("--json", "machine", is_flag=True, help="Everything, for programs.")
def replay(
    until: int | datetime | None, account: str | None, order: str | None, *, machine: bool
) -> None:
    """Rebuild the state as of then from the log alone, and derive each decision again.

    DATABASE_URL (the log, role patriot_tail). Exit code 1 when a decision is not what the states
    before it and its recorded inputs lead to.
    """
    url = Environment(dict(os.environ)).text("DATABASE_URL")
    collector.spare()
    reached, asof = asyncio.run(_replay(url, until, account, order))
    one = AccountId(account) if account is not None else None
    show = as_json if machine else as_text
    wanted = OrderId(order) if order is not None else None
    click.echo(show(asof, reached, account=one, order=wanted))
    if asof.differences:
        raise click.ClickException(
            f"{asof.differences} decisions are not what the log leads to: run `patriot log "
            "verify`; if the chain holds, another release decided by other rules"
        )


async def _replay(
    url: str, until: int | datetime | None, account: str | None, order: str | None
) -> tuple[int, AsOf]:
    async with opened(url) as history:
        reached = await place(history, until)
        owner = AccountId(account) if account is not None else None
        if order is not None:
            return reached, await reading.order(history, OrderId(order), reached, owner=owner)
        if owner is not None:
            return reached, await reading.account(history, owner, reached)
        return reached, await reading.everything(history, reached)


async def place(history: History, until: int | datetime | None) -> int:
    """The position that was asked for; raises ClickException where the log ends before it."""
    head = await history.head()
    if isinstance(until, datetime):
        return await history.position_at(until)
    if until is None:
        return head
    if until > head:
        raise click.ClickException(f"the log ends at position {head}: nothing is known of {until}")
    return until
