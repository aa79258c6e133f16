"""`patriot explain ORDER`: what was asked, every check of it, and what became of the order."""

import asyncio
import os
from datetime import datetime
from typing import Any

import click

from adapters import collector
from adapters import replay as reading
from adapters.cli.explain_view import as_json, as_text
from adapters.cli.replay import Until, place
from adapters.postgres.history import opened
from adapters.settings import Environment
from domain.ids import InvalidId, OrderId, order_id_of, parse_uuid


class _Order(click.ParamType):
    name = "order"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> OrderId:
        """The id as it is stored, whatever a mail or a spreadsheet made of its letters."""
        text = str(value).strip().lower()
        known = order_id_of(text)
        if known is not None:
            return known
        try:
            return OrderId(parse_uuid(text))
        except InvalidId:
            told = (
                f"{str(value)[:60]!r} is no order id: send the id of the order such as "
                "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11, or the one that the venue shows, pt- and "
                "32 digits or letters from a to f"
            )
            self.fail(told, param, ctx)


@click.command()
@click.argument("order", type=_Order())
@click.option("--until", type=Until(), help="Last position or time to look at; now if not given.")
@click.option("--json", "machine", is_flag=True, help="The same for programs.")
def explain(order: OrderId, until: int | datetime | None, *, machine: bool) -> None:
    """Say why ORDER was admitted or refused, and what became of it, from the log alone.

    ORDER is the id of the order, or the one that the venue knows (pt-...). DATABASE_URL (the log,
    role patriot_tail). Exit code 1 when the decision is not what the states before it lead to.
    """
    url = Environment(dict(os.environ)).text("DATABASE_URL")
    collector.spare()
    told = asyncio.run(_told(url, order, until))
    click.echo((as_json if machine else as_text)(told, order))
    if told.asof.differences:
        raise click.ClickException(
            "the decision is not what the log leads to: run `patriot log verify`; if the chain "
            "holds, another release decided by other rules"
        )


async def _told(url: str, order: OrderId, until: int | datetime | None) -> reading.Told:
    async with opened(url) as history:
        return await reading.told(history, order, await place(history, until))
