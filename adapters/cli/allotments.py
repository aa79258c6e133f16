"""`patriot allotments`: limits over many accounts, and the shares of them that accounts hold.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN (role
risk_manager), or signed with the key of the data folder (PATRIOT_DATA) for the subject given by
--as. What loosens waits for a second person: `patriot risk approve`.
"""

from collections.abc import Callable
from typing import Any, Final

import click

from adapters.cli import listing
from adapters.cli.governing import send, signed_as, tell
from adapters.clock import SystemClock
from adapters.proto.v1 import risk_pb2, risk_queries_pb2
from adapters.proto.v1.risk_queries_pb2_grpc import RiskQueriesStub

_POOL: Final = "pool"
_as_of = click.option(
    "--as-of", default=0, help="As of this position of the log; now if not given.", type=int
)


@click.group()
def allotments() -> None:
    """Limits over many accounts, and who holds which share of them."""


def _named(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name one limit."""
    for option, told in (
        ("--strategy", "What a strategy has open, in whatever account."),
        ("--venue", "Accounts of a venue, e.g. BINANCE."),
        ("--user", "All accounts that were opened for a user."),
    ):
        function = click.option(option, default="", help=f"{told} Everybody if none is given.")(
            function
        )
    function = click.option("--currency", default="USDT", show_default=True)(function)
    counted = click.Choice(["gross", "position", "open"])
    return click.option("--of", "counted", type=counted, required=True, help="Which notional.")(
        function
    )


@allotments.command("limit")
@click.argument("value")
@_named
@signed_as
def set_limit(value: str, subject: str, **name: str) -> None:
    """Limit a sum over accounts to VALUE, or propose to; `none` takes the limit away."""
    wanted = "" if value == "none" else value
    request = risk_pb2.SetWiderLimitRequest(limit=_limit(**name), value=wanted)
    tell(send("SetWiderLimit", request, subject), f"the limit is {value} from now on")


@allotments.command()
@click.argument("amount")
@click.option("--from", "giver", default=_POOL, show_default=True, help="An account, or the pool.")
@click.option("--to", "taker", default=_POOL, show_default=True, help="An account, or the pool.")
@click.option("--id", "command_id", default="", help="Of an earlier try, to finish or repeat it.")
@_named
@signed_as
def move(amount: str, giver: str, taker: str, command_id: str, subject: str, **name: str) -> None:
    """Move AMOUNT of a limit from one account to another, or from or to what nobody holds.

    From one account to another it is taken first and given then. If the second step fails, the
    amount is in the pool, and the same call with the --id that was told finishes the move.
    """
    if giver == taker:
        raise click.UsageError("say from where to where: --from, --to, or both")
    known_as = command_id or SystemClock().new_uuid()
    steps = [
        (account, direction)
        for account, direction in (
            (giver, risk_pb2.ALLOTMENT_DIRECTION_TO_POOL),
            (taker, risk_pb2.ALLOTMENT_DIRECTION_TO_ACCOUNT),
        )
        if account != _POOL
    ]
    click.echo(f"move {known_as}")
    for account, direction in steps:
        # Ids of commands are unique within an account, so both steps have the move's own.
        request = risk_pb2.MoveAllotmentRequest(
            command_id=known_as,
            account_id=account,
            limit=_limit(**name),
            amount=amount,
            direction=direction,
        )
        send("MoveAllotment", request, subject)
        given = direction == risk_pb2.ALLOTMENT_DIRECTION_TO_ACCOUNT
        click.echo(f"{amount} {'given to' if given else 'taken from'} account {account}")


@allotments.command()
@_as_of
def limits(as_of: int) -> None:
    """List the limits over many accounts, and what of each is left to give."""
    request = risk_queries_pb2.ListWiderLimitsRequest(as_of=as_of)
    rows = listing.rows(RiskQueriesStub, "ListWiderLimits", request, "limits")
    listing.show(map(_limited, rows), "there is no limit over accounts")


@allotments.command()
@click.option("--account", default="", help="Only shares of this account.")
@_as_of
def show(account: str, as_of: int) -> None:
    """List which account holds how much of which limit."""
    request = risk_queries_pb2.ListAllotmentsRequest(account_id=account, as_of=as_of)
    lines = (
        f"{one.account_id}  {_words(one)}: {one.share}, moved by {one.moved_by}"
        for one in listing.rows(RiskQueriesStub, "ListAllotments", request, "allotments")
    )
    listing.show(lines, "nothing is allotted")


def _limit(
    *, user: str, venue: str, strategy: str, counted: str, currency: str
) -> risk_pb2.WiderLimit:
    return risk_pb2.WiderLimit(
        user_id=user,
        venue=venue,
        strategy_id=strategy,
        counted=f"COUNTED_{counted.upper()}_NOTIONAL",
        currency=currency,
    )


def _limited(one: risk_queries_pb2.WiderLimitRecord) -> str:
    value = one.value or "no limit"
    left = f", {one.unallotted} left" if one.value else ""
    return f"{_words(one)}: {value}, {one.allotted} allotted{left}"


def _words(one: risk_queries_pb2.WiderLimitRecord | risk_queries_pb2.AllotmentRecord) -> str:
    return f"{one.counted} of {one.scope} {one.subject}".rstrip() + f" in {one.currency}"
