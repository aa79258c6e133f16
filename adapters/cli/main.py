"""The command `patriot`: every role, the embedded system, and what operators do by hand.

The one place that puts parts together, and so the one place in adapters that may import streams
(lazily: a role loads only what it runs). A failure that an operator can mend is one plain sentence
and exit code 1; a wrong argument is exit code 2. A traceback means broken code.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import click

_COMMANDS: Final = {
    "run": (
        "adapters.cli.embedded",
        "run",
        "Start everything on this machine, with a live screen.",
    ),
    "demo": ("adapters.cli.embedded", "demo", "Run unattended, print the tables, check them."),
    "migrate": ("adapters.cli.operate", "migrate", "Apply the migrations of both databases."),
    "token": ("adapters.cli.operate", "token", "Sign a token with a private key."),
    "verify": ("adapters.cli.operate", "verify", "Compare the read models with a fresh replay."),
    "rebuild": ("adapters.cli.operate", "rebuild", "Write a read model anew from the log."),
    "deadletters": ("adapters.cli.operate", "deadletters", "List or replay set-aside records."),
    "users": ("adapters.cli.users", "users", "Register, show, suspend and erase users."),
    "accounts": ("adapters.cli.users", "accounts", "Open, list, suspend and close accounts."),
    "limits": (
        "adapters.cli.limits",
        "limits",
        "Set an account's limits, and show those in force.",
    ),
    "brackets": (
        "adapters.cli.brackets",
        "brackets",
        "List brackets, place one, protect again what lost its protection.",
    ),
    "orders": ("adapters.cli.orders", "orders", "List orders, amend and cancel them."),
    "holdings": (
        "adapters.cli.holdings",
        "holdings",
        "Positions with margin, money by currency, strategies' parts.",
    ),
    "instruments": (
        "adapters.cli.instruments",
        "instruments",
        "List instruments with their rules and margin tiers.",
    ),
    "keys": (
        "adapters.cli.venue_keys",
        "keys",
        "API keys of accounts at their venues; the master key.",
    ),
    "strategies": (
        "adapters.cli.strategies",
        "strategies",
        "Lead and follow: register, signal, follow, show, profit.",
    ),
    "log": ("adapters.cli.log", "log", "Show the event log."),
    "replay": (
        "adapters.cli.replay",
        "replay",
        "The state as of a position or a time, and why each order was decided so.",
    ),
    "explain": (
        "adapters.cli.explain",
        "explain",
        "Why one order was admitted or refused, and what became of it.",
    ),
    "risk": (
        "adapters.cli.risk",
        "risk",
        "Halts, and changes that wait for a second person.",
    ),
    "allotments": (
        "adapters.cli.allotments",
        "allotments",
        "Limits over many accounts, and the shares of them.",
    ),
    "snapshots": ("adapters.cli.snapshots", "snapshots", "Keep the states of long streams."),
    "subscriptions": (
        "adapters.cli.subscriptions",
        "subscriptions",
        "Named subscriptions: create, consume, parked events.",
    ),
    "command-service": ("adapters.cli.roles", "command_service", "Role: commands over gRPC."),
    "query-service": (
        "adapters.cli.roles",
        "query_service",
        "Role: read models and log over gRPC.",
    ),
    "head-signer": ("adapters.cli.roles", "head_signer", "Role: signed heads of the log."),
    "relay": ("adapters.cli.roles", "relay", "Role: the log to Kafka."),
    "worker": (
        "adapters.cli.roles",
        "worker",
        "Role: Faust agents (projections|market|execution).",
    ),
    "market-data": ("adapters.cli.roles", "market_data", "Role: replay of recorded market data."),
    "simulated-venue": ("adapters.cli.roles", "simulated_venue", "Role: the simulated exchange."),
    "follow": ("adapters.cli.roles", "follow", "Role: copies of strategies for their followers."),
    "strategy": ("adapters.cli.roles", "strategy", "Role: the demonstration strategy."),
}
"""Command, where it lives and what it does; loaded only when it is asked for."""


class _Commands(click.Group):
    """Shows every command without importing any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module behind a name; None if there is no such command."""
        del ctx
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, attribute, _ = entry
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            message = f"{module}.{attribute} is not a command"
            raise TypeError(message)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands in `patriot --help`."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """PATRIOT: an event-sourced trading core on an append-only log."""


def main() -> None:
    """Entry point: runs the command and turns known failures into a sentence."""
    sys.exit(run(cli))


def run(command: Callable[..., object], arguments: list[str] | None = None) -> int:
    """Run a click command and give its exit code; a known failure is printed, not raised."""
    known = import_module("adapters.cli.failures").KNOWN
    try:
        result = command(args=arguments, standalone_mode=False, prog_name="patriot")
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except known as error:
        click.echo(f"patriot: {error}", err=True)
        return 1
    return result if isinstance(result, int) else 0
