"""The Faust application of a worker, with only the parts of Faust that are wanted.

Faust gives consumer groups, rebalancing and flow control. It holds no state: no tables, no topics
made on the side, no web server, no files. What was applied is known by the store it was written
to, so offsets are only a hint where to read on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import faust
from faust.app.base import BootStrategy
from faust.types import AppT, EventT, StreamT
from mode import ServiceT

from streams.deadletter import Original

_logger: Final = logging.getLogger(__name__)

RECORDS_MAX: Final = 40
"""Records that an agent takes at once; fewer when fewer are there."""
_LINGER: Final = 0.004
"""Seconds that an agent waits for more before it works.

Faust hands records over one by one and goes several times round the event loop for each. Agents
that work on single records keep the loop so busy that the next record is late: measured at 300
records a second on a busy machine, 100 to 1,300 ms. With this pause it stayed under 50 ms.
"""


class Message(Protocol):
    """What is used of Faust's message."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


class _OnlyConsuming(BootStrategy):
    """No producer, no web server, and no topics of Faust's own (leader election, replies)."""

    enable_web = False
    enable_kafka_producer = False

    def kafka_consumer(self) -> Iterable[ServiceT]:
        """The consumer alone."""
        return [self.app.consumer]


class WorkerApp(faust.App):
    """A Faust app that leaves nothing behind on disk or in Kafka but its group's offsets."""

    BootStrategy = _OnlyConsuming

    def _create_directories(self) -> None:
        """There are no tables, so there is nothing to keep in files."""


def create_app(app_id: str, bootstrap: str, *, buffered: int) -> WorkerApp:
    """An app with this id, which is also its consumer group; call from the running event loop.

    At most `buffered` records wait for each agent in memory.
    """
    return WorkerApp(
        app_id,
        broker=[f"kafka://{address}" for address in bootstrap.split(",")],
        loop=asyncio.get_running_loop(),
        autodiscover=False,
        datadir=Path("/nonexistent"),
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_replication_factor=1,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
        # A topic that is made anew has to be found soon.
        consumer_metadata_max_age_ms=3_000,
        consumer_max_fetch_size=4 * 1024 * 1024,
        stream_buffer_maxsize=buffered,
        # A batch that waits for a database must not hold up a rebalance: positions in the store
        # make it harmless if another worker applies the same records.
        stream_wait_empty=False,
        broker_commit_interval=1.0,
        broker_session_timeout=20.0,
        broker_request_timeout=30.0,
        broker_rebalance_timeout=30.0,
        broker_max_poll_interval=3600.0,
        producer_acks=-1,
    )


Event = EventT[Any]
Handler = Callable[[Sequence[Event]], Awaitable[None]]


def add_agent(
    app: AppT,
    name: str,
    topics: Sequence[str],
    handle: Handler,
    failed: Callable[[BaseException], None],
    *,
    records_max: int = RECORDS_MAX,
) -> None:
    """An agent that hands over what has arrived, and acknowledges it when the handler returns.

    Faust's own take(n, within) waits for its whole time even when nothing more comes. Here a batch
    is what is in the agent's queue after a short pause: one record when it is quiet, many under
    load.
    """

    async def agent(stream: StreamT[Any]) -> None:
        unacknowledged: Any = stream.noack()  # type: ignore[attr-defined]  # not in its protocol
        queue = unacknowledged.channel.queue
        batch: list[Event] = []
        waited = False
        async for event in unacknowledged.events():
            batch.append(event)
            if not waited and len(batch) < records_max and queue.empty():
                waited = True
                await asyncio.sleep(_LINGER)
            if len(batch) < records_max and not queue.empty():
                continue
            try:
                await handle(batch)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                # Broken code, not a broken record: the process ends and is started again.
                failed(error)
                raise
            for done in batch:
                await unacknowledged.ack(done)
            batch = []
            waited = False

    channel = app.topic(*topics, key_serializer="raw", value_serializer="raw")
    app.agent(channel, name=name, concurrency=1)(agent)


def original_of(message: Message) -> Original:
    """A Faust message as it is set aside."""
    return Original(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value or b"",
        headers=headers_of(message),
    )


def headers_of(message: Message) -> dict[str, bytes]:
    """Headers as a dictionary; a later one of the same name wins."""
    return {name: value for name, value in message.headers or () if isinstance(value, bytes)}


def quiet_faust() -> None:
    """Let Faust and its client say only what an operator should see."""
    for name in ("faust", "mode", "aiokafka"):
        logging.getLogger(name).setLevel(logging.WARNING)
