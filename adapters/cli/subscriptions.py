"""`patriot subscriptions`: named subscriptions of a query service, from a terminal.

QUERY_SERVICE_ADDRESS (127.0.0.1:8002 if not given) and PATRIOT_TOKEN, as `patriot token` prints it.
What the service refuses is shown as its own sentence, with exit code 1.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
import grpc

from adapters.cli.events import show_some
from adapters.proto.v1 import common_pb2, subscriptions_pb2, subscriptions_pb2_grpc
from adapters.settings import Environment, SettingsError
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, InvalidId, StreamId, parse_uuid

_SECONDS: Final = 10.0
_PAGE: Final = 500
_POSITION: Final = click.IntRange(1, 2**63 - 1)
_UNREACHED: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)

Call = Callable[[Any, Any], Coroutine[None, None, None]]
"""What to do with the service's stub and the metadata of a call."""


def _account(context: click.Context, parameter: click.Parameter, value: str) -> str:
    del context, parameter
    try:
        return parse_uuid(value) if value else ""
    except InvalidId as error:
        raise click.BadParameter(str(error)) from None


_of_account = click.option(
    "--account", default="", callback=_account, help="Account id; the whole log if not given."
)
_name = click.argument("name")
_positions = click.argument("positions", nargs=-1, type=_POSITION)
_every = click.option("--all", "every", is_flag=True, help="All of them.")


@click.group()
def subscriptions() -> None:
    """Named subscriptions to the log (QUERY_SERVICE_ADDRESS, PATRIOT_TOKEN)."""


@subscriptions.command()
@_name
@_of_account
@click.option("--type", "types", multiple=True, help="Only this event type; repeat for more.")
@click.option("--after", default=0, type=click.IntRange(0), help="Position to begin after.")
@click.option("--at-head", is_flag=True, help="Begin with what happens from now on.")
@click.option("--max-attempts", default=5, type=click.IntRange(1, 100), help="Before it is parked.")
@click.option("--window", default=100, type=click.IntRange(1, 1000), help="Unanswered at once.")
@click.option("--retry-delay-ms", default=1000, type=click.IntRange(0, 60_000))
def create(name: str, account: str, types: tuple[str, ...], after: int, **options: Any) -> None:
    """Make a subscription NAME; the same again changes nothing."""
    request = subscriptions_pb2.CreateSubscriptionRequest(
        account_id=account,
        name=name,
        after=_position(after),
        event_types=types,
        **options,
    )

    async def call(stub: Any, metadata: Any) -> None:
        made = await stub.Create(request, metadata=metadata, timeout=_SECONDS)
        click.echo(f"{made.name} begins after position {made.start.number}")

    _run(call)


@subscriptions.command("list")
@_of_account
def list_(account: str) -> None:
    """All of an account, or of the whole log."""
    request = subscriptions_pb2.ListSubscriptionsRequest(account_id=account)

    async def call(stub: Any, metadata: Any) -> None:
        found = await stub.List(request, metadata=metadata, timeout=_SECONDS)
        for each in found.subscriptions:
            click.echo(_line(each))
        if not found.subscriptions:
            click.echo("there are no subscriptions here")

    _run(call)


@subscriptions.command()
@_name
@_of_account
def show(name: str, account: str) -> None:
    """Everything about one."""
    request = subscriptions_pb2.SubscriptionRequest(account_id=account, name=name)

    async def call(stub: Any, metadata: Any) -> None:
        found = await stub.Get(request, metadata=metadata, timeout=_SECONDS)
        for title, value in (
            ("name", found.name),
            ("account", found.account_id or "the whole log"),
            ("event types", ", ".join(found.event_types) or "all"),
            ("begins after", found.start.number),
            ("checkpoint", found.checkpoint.number),
            ("behind", found.head.number - found.checkpoint.number),
            ("parked", found.parked),
            ("consumer", "connected" if found.consumer_connected else "none"),
            ("attempts", found.max_attempts),
            ("window", found.window),
            ("retry delay", f"{found.retry_delay_ms} ms"),
            ("created", f"{_time(found.created_at)} by {found.created_by}"),
        ):
            click.echo(f"{title:<13} {value}")

    _run(call)


@subscriptions.command()
@_name
@_of_account
@click.option("--limit", default=0, type=click.IntRange(0), help="End after so many; 0 is never.")
def consume(name: str, account: str, limit: int) -> None:
    """Print events and acknowledge them, until Ctrl-C."""
    _run(lambda stub, metadata: _consume(stub, metadata, name, account, limit))


@subscriptions.command()
@_name
@_of_account
def parked(name: str, account: str) -> None:
    """What was refused too often, and why."""
    request = subscriptions_pb2.ListParkedRequest(account_id=account, name=name, page_size=_PAGE)

    async def call(stub: Any, metadata: Any) -> None:
        while True:
            page = await stub.ListParked(request, metadata=metadata, timeout=_SECONDS)
            for each in page.events:
                again = "  (to be replayed)" if each.replaying else ""
                click.echo(
                    f"{each.position:>8}  {_time(each.parked_at)}  {each.attempts} attempts  "
                    f"{each.reason}{again}"
                )
            if len(page.events) < _PAGE:
                break
            request.after_position = page.events[-1].position
        if not page.events and not request.after_position:
            click.echo("nothing is parked")

    _run(call)


@subscriptions.command("replay-parked")
@_name
@_positions
@_of_account
@_every
def replay_parked(name: str, positions: tuple[int, ...], account: str, *, every: bool) -> None:
    """Deliver parked events again."""
    request = _of_parked(name, account, positions, every=every)

    async def call(stub: Any, metadata: Any) -> None:
        done = await stub.ReplayParked(request, metadata=metadata, timeout=_SECONDS)
        click.echo(f"{done.events} events will be delivered again")

    _run(call)


@subscriptions.command("drop-parked")
@_name
@_positions
@_of_account
@_every
def drop_parked(name: str, positions: tuple[int, ...], account: str, *, every: bool) -> None:
    """Give parked events up for good."""
    request = _of_parked(name, account, positions, every=every)

    async def call(stub: Any, metadata: Any) -> None:
        done = await stub.DropParked(request, metadata=metadata, timeout=_SECONDS)
        click.echo(f"{done.events} events were given up")

    _run(call)


@subscriptions.command()
@_name
@_of_account
@click.option("--after", required=True, type=click.IntRange(0), help="Position to go on after.")
def reset(name: str, account: str, after: int) -> None:
    """Move the checkpoint, forwards or back; its consumer has to connect again."""
    request = subscriptions_pb2.ResetSubscriptionRequest(
        account_id=account, name=name, after=_position(after)
    )

    async def call(stub: Any, metadata: Any) -> None:
        moved = await stub.Reset(request, metadata=metadata, timeout=_SECONDS)
        click.echo(f"{moved.name} goes on after position {moved.checkpoint.number}")

    _run(call)


@subscriptions.command()
@_name
@_of_account
def delete(name: str, account: str) -> None:
    """Forget a subscription with its checkpoint and what is parked."""
    request = subscriptions_pb2.SubscriptionRequest(account_id=account, name=name)

    async def call(stub: Any, metadata: Any) -> None:
        await stub.Delete(request, metadata=metadata, timeout=_SECONDS)
        click.echo(f"{name} is gone")

    _run(call)


async def _consume(stub: Any, metadata: Any, name: str, account: str, limit: int) -> None:
    # Not more than will be printed is taken, so that nothing has to be given back.
    window = min(limit, 100)
    stream = stub.Consume(metadata=metadata)
    await stream.write(
        subscriptions_pb2.ConsumeRequest(account_id=account, name=name, window=window)
    )
    printed = 0
    async for message in stream:
        deliveries = list(message.deliveries)
        if limit:
            deliveries = deliveries[: limit - printed]
        if not deliveries:
            continue
        show_some([_event(delivery.event) for delivery in deliveries], as_json=False)
        printed += len(deliveries)
        # Only what has been printed: a broken pipe has raised by now.
        handled = [delivery.event.position.number for delivery in deliveries]
        await stream.write(subscriptions_pb2.ConsumeRequest(acknowledged=handled))
        if limit and printed >= limit:
            await stream.done_writing()


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[Any, Any]]:
    environment = Environment(dict(os.environ))
    address = environment.text("QUERY_SERVICE_ADDRESS", "127.0.0.1:8002")
    token = environment.secret("PATRIOT_TOKEN")
    if not (token.isascii() and token.isprintable()):
        raise SettingsError("PATRIOT_TOKEN is no token: `patriot token` prints one")
    async with grpc.aio.insecure_channel(address) as channel:
        stub = subscriptions_pb2_grpc.SubscriptionsStub(channel)  # type: ignore[no-untyped-call]
        try:
            yield stub, (("authorization", f"Bearer {token}"),)
        except grpc.aio.AioRpcError as error:
            told = error.details() or error.code().name
            if error.code() in _UNREACHED:
                told = f"the query service at {address} does not answer: {told}"
            if error.code() is grpc.StatusCode.UNIMPLEMENTED:
                told = "this query service has no subscriptions: set SUBSCRIPTION_DATABASE_URL"
            raise click.ClickException(told) from None


def _run(call: Call) -> None:
    async def work() -> None:
        async with _connected() as (stub, metadata):
            await call(stub, metadata)

    asyncio.run(work())


def _of_parked(
    name: str, account: str, positions: Sequence[int], *, every: bool
) -> subscriptions_pb2.ParkedRequest:
    if bool(positions) == every:
        raise click.UsageError("name the positions, or --all")
    return subscriptions_pb2.ParkedRequest(
        account_id=account, name=name, positions=positions, all=every
    )


def _position(number: int) -> common_pb2.Position:
    # A number that no field can hold is past every head as well.
    return common_pb2.Position(number=min(number, 2**64 - 1))


def _event(event: Any) -> RecordedEvent:
    return RecordedEvent(
        LogPosition(event.position.shard, event.position.number),
        StreamId(event.stream_id),
        event.version,
        event.type,
        AccountId(event.account_id),
        event.payload,
        event.metadata,
    )


def _line(found: Any) -> str:
    behind = found.head.number - found.checkpoint.number
    consumer = "connected" if found.consumer_connected else "no consumer"
    return (
        f"{found.name:<30} {consumer:<12} checkpoint {found.checkpoint.number}, {behind} behind, "
        f"{found.parked} parked"
    )


def _time(microseconds: int) -> str:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{time:%Y-%m-%d %H:%M:%S}"
