"""The command line beside running services, as a person types it."""

import asyncio
from typing import Final

import click
from click.testing import CliRunner

from tests.support.rpc import Services

OPERATOR: Final = "OPERATOR_TOKEN"
TRADER: Final = "TRADER_TOKEN"


async def answered(
    running: Services,
    group: click.Command,
    *words: str,
    sender: str = OPERATOR,
    token: str | None = None,
    typed: str | None = None,
) -> tuple[int, str]:
    """How the command ends and what it says; its token may do everything unless one is given."""
    runner = CliRunner(
        env={
            "COMMAND_SERVICE_ADDRESS": f"127.0.0.1:{running.commands.port}",
            "QUERY_SERVICE_ADDRESS": f"127.0.0.1:{running.queries.port}",
            sender: token or running.token(("*",)),
        }
    )
    result = await asyncio.to_thread(runner.invoke, group, list(words), input=typed)
    return result.exit_code, result.output


async def patriot(
    running: Services,
    group: click.Command,
    *words: str,
    sender: str = OPERATOR,
    token: str | None = None,
    typed: str | None = None,
    fails: bool = False,
) -> str:
    """What the command says, which must work or must fail."""
    code, said = await answered(running, group, *words, sender=sender, token=token, typed=typed)
    assert (code != 0) is fails, said
    assert "Traceback" not in said
    return said
