"""`patriot strategies`: lead, follow and see what came of it, over the services' own doors.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is TRADER_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from adapters.cli import calling, listing
from adapters.cli.calling import TRADER
from adapters.clock import SystemClock
from adapters.proto.v1 import strategies_pb2 as wire_pb2
from adapters.proto.v1 import strategies_pb2_grpc, strategy_queries_pb2, strategy_queries_pb2_grpc

_STUB: Final = strategy_queries_pb2_grpc.StrategyQueriesStub
_RULES: Final = ("fixed", "ratio", "equity_share")

_ACCESS: Final = click.Choice(("open", "invitation"))

_account = click.option("--account", "account_id", required=True, help="Account that acts.")


@click.group()
def strategies() -> None:
    """Register, signal, follow, and show what was earned."""


@strategies.command()
@click.argument("strategy_id", required=False)
@_account
@click.option("--owner", required=True, help="User id of whoever answers for it.")
@click.option("--label", required=True, help="What it is called; no personal data in here.")
@click.option("--instrument", "instruments", multiple=True, required=True, help="May repeat.")
@click.option("--source", type=click.Choice(("signals", "orders")), default="signals")
@click.option("--access", type=_ACCESS, default="invitation", help="Who may follow.")
def register(
    strategy_id: str | None,
    account_id: str,
    owner: str,
    label: str,
    instruments: tuple[str, ...],
    source: str,
    access: str,
) -> None:
    """Make a strategy known; without STRATEGY_ID under a fresh one."""
    known_as = strategy_id or SystemClock().new_uuid()
    request = wire_pb2.RegisterStrategyRequest(
        strategy_id=known_as,
        account_id=account_id,
        owner=owner,
        label=label,
        instruments=instruments,
        source=f"COPY_SOURCE_{source.upper()}",
        access=f"STRATEGY_ACCESS_{access.upper()}",
    )
    _command("RegisterStrategy", request)
    click.echo(f"strategy {known_as} is registered: start it next")


@strategies.command()
@click.argument("strategy_id")
@_account
def start(strategy_id: str, account_id: str) -> None:
    """Let it trade, for the first time or after a pause."""
    _move("StartStrategy", strategy_id, account_id)
    click.echo(f"strategy {strategy_id} is running")


@strategies.command()
@click.argument("strategy_id")
@_account
def pause(strategy_id: str, account_id: str) -> None:
    """Let only reducing orders pass until it is started again."""
    _move("PauseStrategy", strategy_id, account_id)
    click.echo(f"strategy {strategy_id} is paused")


@strategies.command()
@click.argument("strategy_id")
@_account
def stop(strategy_id: str, account_id: str) -> None:
    """End it for ever."""
    _move("StopStrategy", strategy_id, account_id)
    click.echo(f"strategy {strategy_id} is stopped for ever")


@strategies.command("access")
@click.argument("strategy_id")
@click.argument("access", type=_ACCESS)
@_account
def change_access(strategy_id: str, access: str, account_id: str) -> None:
    """Let anybody follow who knows the id, or only whom the leader invites."""
    request = wire_pb2.AccessRequest(
        strategy_id=strategy_id, account_id=account_id, access=f"STRATEGY_ACCESS_{access.upper()}"
    )
    _command("ChangeAccess", request)
    click.echo(f"access to strategy {strategy_id} is {access}")


@strategies.command()
@click.argument("strategy_id")
@click.argument("follower")
@_account
def invite(strategy_id: str, follower: str, account_id: str) -> None:
    """Let the account FOLLOWER follow."""
    _invitation("InviteFollower", strategy_id, follower, account_id)
    click.echo(f"account {follower} may follow strategy {strategy_id}")


@strategies.command()
@click.argument("strategy_id")
@click.argument("follower")
@_account
def dismiss(strategy_id: str, follower: str, account_id: str) -> None:
    """Take an invitation back; what the account holds stays."""
    _invitation("DismissFollower", strategy_id, follower, account_id)
    click.echo(f"account {follower} may no longer follow strategy {strategy_id}")


@strategies.command()
@click.argument("strategy_id")
@click.argument("instrument")
@click.argument("signal_id", required=False)
@_account
@click.option("--side", type=click.Choice(("buy", "sell")), help="Or --target.")
@click.option("--target", default="", help="Signed position to be reached; 0 is flat.")
@click.option("--quantity", default="", help="Of the leader; followers by ratio need it.")
@click.option("--strength", default="", help="Above 0, at most 1.")
@click.option("--price", default="", help="Limit of the copies; without it the market's price.")
@click.option("--seconds", type=click.IntRange(1), help="How long it is valid; else for ever.")
def signal(
    strategy_id: str,
    instrument: str,
    signal_id: str | None,
    account_id: str,
    side: str | None,
    target: str,
    quantity: str,
    strength: str,
    price: str,
    seconds: int | None,
) -> None:
    """Say what the strategy wants; without SIGNAL_ID under a fresh one."""
    known_as = signal_id or SystemClock().new_uuid()
    until = 0 if seconds is None else SystemClock().now() + seconds * 1_000_000
    request = wire_pb2.SubmitSignalRequest(
        signal_id=known_as,
        strategy_id=strategy_id,
        account_id=account_id,
        instrument=instrument,
        side=None if side is None else f"SIDE_{side.upper()}",
        target=target,
        quantity=quantity,
        strength=strength,
        price=price,
        valid_until=until,
    )
    _command("SubmitSignal", request)
    click.echo(f"signal {known_as} is taken")


@strategies.command()
@click.argument("strategy_id")
@_account
@click.option("--rule", type=click.Choice(_RULES), required=True, help="How it is sized.")
@click.option("--value", required=True, help="Quantity, ratio, or part of the equity.")
@click.option("--maximum", required=True, help="Largest position that copying builds.")
@click.option("--capital", default="", help="What an equity share begins with, e.g. 10000.")
@click.option("--currency", default="", help="Of the capital, e.g. USDT.")
@click.option("--paused", is_flag=True, help="Copy nothing for now.")
@click.option("--tolerance", default="", help="Drift up to this quantity is none.")
@click.option("--repair", is_flag=True, help="Repair drift instead of reporting it alone.")
@click.option("--change", is_flag=True, help="Change the terms of who follows already.")
def follow(
    strategy_id: str,
    account_id: str,
    rule: str,
    value: str,
    maximum: str,
    capital: str,
    currency: str,
    tolerance: str,
    *,
    paused: bool,
    repair: bool,
    change: bool,
) -> None:
    """Copy a strategy from now on, or do so on other terms."""
    terms = wire_pb2.FollowTerms(
        rule=f"SIZING_RULE_{rule.upper()}",
        value=value,
        maximum=maximum,
        capital=capital,
        capital_currency=currency,
        paused=paused,
        tolerance=tolerance,
        drift="DRIFT_POLICY_REPAIR" if repair else "DRIFT_POLICY_REPORT",
    )
    request = wire_pb2.FollowRequest(strategy_id=strategy_id, account_id=account_id, terms=terms)
    _command("ChangeFollower" if change else "Follow", request)
    click.echo(f"account {account_id} follows strategy {strategy_id}")


@strategies.command()
@click.argument("strategy_id")
@_account
def unfollow(strategy_id: str, account_id: str) -> None:
    """Copy nothing more; what is held stays."""
    _move("Unfollow", strategy_id, account_id)
    click.echo(f"account {account_id} no longer follows strategy {strategy_id}")


@strategies.command("list")
def list_strategies() -> None:
    """List the strategies that the token's accounts lead or follow."""
    lines = (
        f"{one.strategy_id}  {one.status:<10}  {one.source:<7}  {one.signals:>7} signals  "
        f"{one.followers:>5} followers  {one.label}"
        for one in _strategies()
    )
    listing.show(lines, "no strategy was registered")


@strategies.command()
@click.argument("strategy_id")
def show(strategy_id: str) -> None:
    """Show a strategy, its followers and its newest signals."""
    found = [one for one in _strategies() if one.strategy_id == strategy_id]
    if not found:
        raise click.ClickException("there is no such strategy for this token: see the list")
    (one,) = found
    click.echo(f"strategy     {one.strategy_id}  {one.label}")
    click.echo(f"status       {one.status} since {_time(one.updated_at)}")
    click.echo(f"leader       account {one.account_id}, owner {one.owner}")
    click.echo(f"instruments  {', '.join(one.instruments)}, copied by {one.source}")
    click.echo(f"access       {one.access}, {one.invited} invited")
    click.echo(f"{one.signals} signals, {one.followers} followers")
    for given in _rows("ListInvitations", "invitations", strategy_id):
        state = "invited" if given.invited else "dismissed"
        click.echo(f"  account {given.account_id}  {state} {_time(given.updated_at)}")
    for follower in _rows("ListFollowers", "followers", strategy_id):
        click.echo(_follower(follower))
    request = strategy_queries_pb2.ListStrategyRowsRequest(strategy_id=strategy_id, page_size=10)
    for given in calling.query(_STUB, "ListSignals", request, TRADER).signals:
        wanted = given.side or f"target {given.target}"
        click.echo(
            f"  signal {given.signal_id}  {_time(given.submitted_at)}  {given.instrument}  {wanted}"
            f"  copied {given.copied}, skipped {given.skipped}, refused {given.refused}"
        )


@strategies.command()
@click.argument("strategy_id", required=False)
def copies(strategy_id: str | None) -> None:
    """Show what followers did with each signal or order, the newest first."""
    rows = _rows("ListCopies", "copies", strategy_id or "")
    listing.show(map(_copy, rows), "nothing was copied")


@strategies.command()
@click.argument("strategy_id", required=False)
def profit(strategy_id: str | None) -> None:
    """Show what each account earned by a strategy, or by all of them."""
    lines = (
        f"{row.strategy_id}  account {row.account_id}  {row.realised} {row.currency} "
        f"before fees of {row.fees}, volume {row.volume}, {row.orders} orders, "
        f"{row.fills} fills, {row.refusals} refused, {row.signals} signals"
        for row in _rows("ListStrategyProfit", "rows", strategy_id or "")
    )
    listing.show(lines, "no order carried the id of a strategy")


def _follower(row: strategy_queries_pb2.FollowerRow) -> str:
    state = ("paused" if row.paused else "following") if row.following else "left"
    counts = f"copied {row.copied}, skipped {row.skipped}, refused {row.refused}"
    if row.amended:
        counts += f", amended {row.amended}"
    reason = f", last reason {row.reason} {row.detail}" if row.reason else ""
    drift = ""
    if row.drifts:
        drift = (
            f", {row.drifts} drifts, last in {row.drift_instrument}: held {row.drift_held}, "
            f"expected {row.drift_expected}, {row.drift_action}"
        )
    return (
        f"  follower {row.account_id}  {state}  {row.rule} {row.value}, at most {row.maximum}  "
        f"{counts}{reason}{drift}"
    )


def _copy(row: strategy_queries_pb2.CopyRow) -> str:
    ordered = f"  order {row.order_id} {row.side} {row.quantity}" if row.order_id else ""
    priced = f" at {row.price}" if row.price else ""
    equity = f", equity {row.equity}" if row.equity else ""
    reason = f", reason {row.reason} {row.detail}" if row.reason else ""
    amended = ""
    if row.amends:
        why = f" ({row.amend_reason} {row.amend_detail})" if row.amend_reason else ""
        amended = f", {row.amends} amends, the last {_time(row.amended_at)} {row.amend_action}{why}"
    return (
        f"{_time(row.recorded_at)}  {row.kind} {row.intent_id}  account {row.account_id}  "
        f"{row.instrument}  {row.outcome}{ordered}{priced}, held {row.held}"
        f"{equity}{reason}{amended}"
    )


def _strategies() -> Iterator[strategy_queries_pb2.StrategyRow]:
    request = strategy_queries_pb2.ListStrategiesRequest()
    return listing.rows(_STUB, "ListStrategies", request, "strategies", TRADER)


def _rows(name: str, field: str, strategy_id: str) -> Iterator[Any]:
    request = strategy_queries_pb2.ListStrategyRowsRequest(strategy_id=strategy_id)
    return listing.rows(_STUB, name, request, field, TRADER)


def _move(name: str, strategy_id: str, account_id: str) -> None:
    _command(name, wire_pb2.StrategyRequest(strategy_id=strategy_id, account_id=account_id))


def _invitation(name: str, strategy_id: str, follower: str, account_id: str) -> None:
    request = wire_pb2.InvitationRequest(
        strategy_id=strategy_id, account_id=account_id, follower=follower
    )
    _command(name, request)


def _command(name: str, request: Any) -> Any:
    return calling.command(strategies_pb2_grpc.StrategyCommandsStub, name, request, TRADER)


def _time(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
