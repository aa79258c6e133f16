"""Lists in pages as the command line shows them: all of it, or that there is nothing."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import click
import grpc

from adapters.cli.calling import OPERATOR, Sender, query

_PAGE: Final = 500


def rows(
    stub: Callable[[grpc.aio.Channel], Any],
    name: str,
    request: Any,
    field: str,
    sender: Sender = OPERATOR,
) -> Iterator[Any]:
    """Every row of a list; `request` asks for its first page, `field` names the rows of one."""
    request.page_size = _PAGE
    while True:
        page = query(stub, name, request, sender)
        yield from getattr(page, field)
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def show(lines: Iterable[str], nothing: str) -> None:
    """A line, or several, for each row; what is said if there are none."""
    shown = 0
    for shown, line in enumerate(lines, 1):  # noqa: B007
        click.echo(line)
    if not shown:
        click.echo(nothing)
