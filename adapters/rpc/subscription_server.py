"""The handlers of named subscriptions: each request names its account, and the token must hold it.

A subscription is found by account and name, so what belongs to others can neither be seen nor be
guessed. Who creates, resets, deletes, replays or drops is written to the audit log.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any, Final, TypeAlias

import grpc

from adapters.postgres.news import News
from adapters.postgres.subscriptions import SubscriptionStore
from adapters.postgres.tail import GapInLog
from adapters.proto.v1 import common_pb2, subscriptions_pb2, subscriptions_pb2_grpc
from adapters.rpc import subscription_requests as checked
from adapters.rpc.guard import Exhausted, caller
from adapters.rpc.query_server import event_message, scope
from adapters.rpc.translate import InvalidRequest
from adapters.subscriptions.definition import (
    WHOLE_LOG,
    Kept,
    Key,
    positions_text,
)
from adapters.subscriptions.session import Answers, Delivered, Session
from domain.ids import AccountId
from domain.ports import Clock, EventLog

_logger: Final = logging.getLogger(__name__)
_CONSUMERS_MAX: Final = 32
"""Each holds a connection to the log's server, and those are not many."""
_OF_ACCOUNT_MAX: Final = 16
_BYTES_A_MESSAGE: Final = 1024 * 1024
_OPENING_SECONDS: Final = 10.0

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Messages: TypeAlias = AsyncIterator[subscriptions_pb2.ConsumeRequest]


class Subscriptions(subscriptions_pb2_grpc.SubscriptionsServicer):
    """Named subscriptions of an account, or of the whole log."""

    def __init__(self, log: EventLog, store: SubscriptionStore, news: News, clock: Clock) -> None:
        self._log = log
        self._store = store
        self._news = news
        self._clock = clock
        self._consumers: dict[AccountId, int] = {}

    async def Create(  # noqa: N802
        self, request: subscriptions_pb2.CreateSubscriptionRequest, context: _Context
    ) -> subscriptions_pb2.Subscription:
        """Keep a definition; the same again is answered as it is."""
        del context
        key = _key(request)
        head = await self._head()
        wanted = checked.definition(key, request, head)
        kept = await self._store.create(wanted, at_head=request.at_head, by=caller().subject)
        _audit("created", key, f"after position {kept.definition.start}")
        return _subscription(kept, head)

    async def List(  # noqa: N802
        self, request: subscriptions_pb2.ListSubscriptionsRequest, context: _Context
    ) -> subscriptions_pb2.SubscriptionList:
        """All of an account, by name."""
        del context
        found = await self._store.all_of(_account(request.account_id))
        head = await self._head()
        return subscriptions_pb2.SubscriptionList(
            subscriptions=[_subscription(kept, head) for kept in found]
        )

    async def Get(  # noqa: N802
        self, request: subscriptions_pb2.SubscriptionRequest, context: _Context
    ) -> subscriptions_pb2.Subscription:
        """One of an account."""
        del context
        kept = await self._store.get(_key(request))
        return _subscription(kept, await self._head())

    async def Delete(  # noqa: N802
        self, request: subscriptions_pb2.SubscriptionRequest, context: _Context
    ) -> subscriptions_pb2.SubscriptionDeleted:
        """Forget it; its consumer is told within a second or two."""
        del context
        key = _key(request)
        await self._store.delete(key)
        _audit("deleted", key)
        return subscriptions_pb2.SubscriptionDeleted()

    async def Reset(  # noqa: N802
        self, request: subscriptions_pb2.ResetSubscriptionRequest, context: _Context
    ) -> subscriptions_pb2.Subscription:
        """Move its checkpoint, forwards or back."""
        del context
        key = _key(request)
        head = await self._head()
        kept = await self._store.reset(key, checked.position("after", request.after, head))
        _audit("reset", key, f"to position {kept.checkpoint}")
        return _subscription(kept, head)

    async def Consume(  # noqa: N802
        self, requests: _Messages, context: _Context
    ) -> AsyncIterator[subscriptions_pb2.ConsumeResponse]:
        """Deliver, take answers, until the consumer says no more."""
        del context
        first = await _first(requests)
        key = _key(first)
        window = checked.window(first)
        answers = checked.answers(first)
        with self._counted(key.account_id):
            async with self._store.lease(key) as lease:
                await self._require_log(lease.kept)
                session = Session(self._log, self._news, lease, self._clock, window)
                listening = asyncio.create_task(session.listen(_answers(answers, requests)))
                try:
                    async with aclosing(session.run()) as told:
                        async for delivered in told:
                            for message in _messages(delivered):
                                yield message
                    await listening
                except GapInLog as error:
                    _logger.error("subscription %s stands still: %s", key.name, error)  # noqa: TRY400
                    raise
                finally:
                    listening.cancel()
                    with suppress(asyncio.CancelledError, Exception):
                        await listening

    async def ListParked(  # noqa: N802
        self, request: subscriptions_pb2.ListParkedRequest, context: _Context
    ) -> subscriptions_pb2.ParkedPage:
        """What was refused too often, and why."""
        del context
        key = _key(request)
        after, limit = checked.page(request)
        rows = await self._store.parked(key, after, limit)
        events = [
            subscriptions_pb2.ParkedEvent(
                position=row.position,
                attempts=row.attempts,
                reason=row.reason,
                parked_at=row.parked_at,
                replaying=row.replaying,
            )
            for row in rows
        ]
        return subscriptions_pb2.ParkedPage(events=events)

    async def ReplayParked(  # noqa: N802
        self, request: subscriptions_pb2.ParkedRequest, context: _Context
    ) -> subscriptions_pb2.ParkedCount:
        """Deliver again."""
        del context
        key, positions = _key(request), checked.positions(request)
        count = await self._store.replay(key, positions)
        _audit("replayed", key, _which(positions, count))
        return subscriptions_pb2.ParkedCount(events=count)

    async def DropParked(  # noqa: N802
        self, request: subscriptions_pb2.ParkedRequest, context: _Context
    ) -> subscriptions_pb2.ParkedCount:
        """Give up for good."""
        del context
        key, positions = _key(request), checked.positions(request)
        count = await self._store.drop(key, positions)
        _audit("dropped", key, _which(positions, count))
        return subscriptions_pb2.ParkedCount(events=count)

    async def _head(self) -> int:
        return (await self._log.head()).number

    async def _require_log(self, kept: Kept) -> None:
        """Raise GapInLog if the log ends before the checkpoint: what comes would be left out."""
        head = await self._head()
        if kept.checkpoint > head:
            name = kept.definition.key.name
            _logger.error(
                "subscription %s is at %d, but the log ends at %d: was an older log restored? "
                "Check it, then reset the subscription", name, kept.checkpoint, head,
            )  # fmt: skip
            raise GapInLog(f"the log ends at {head}, before the subscription")

    @contextmanager
    def _counted(self, account_id: AccountId) -> Iterator[None]:
        """One more consumer; no account can take the places of all others."""
        connected = self._consumers.get(account_id, 0)
        if sum(self._consumers.values()) >= _CONSUMERS_MAX:
            raise Exhausted(f"{_CONSUMERS_MAX} consumers are connected already: come back later")
        if connected >= _OF_ACCOUNT_MAX:
            raise Exhausted(f"{_OF_ACCOUNT_MAX} consumers of this account are connected already")
        self._consumers[account_id] = connected + 1
        try:
            yield
        finally:
            self._consumers[account_id] -= 1
            if not self._consumers[account_id]:
                del self._consumers[account_id]


def _account(account_id: str) -> AccountId:
    """The account asked for; the whole log, where the token allows that, has one of its own."""
    return scope(account_id) or WHOLE_LOG


def _key(request: Any) -> Key:
    return checked.key(_account(request.account_id), request.name)


async def _first(requests: _Messages) -> subscriptions_pb2.ConsumeRequest:
    try:
        async with asyncio.timeout(_OPENING_SECONDS):
            async for request in requests:
                return request
    except TimeoutError:
        pass
    raise InvalidRequest("name: the first message must say which subscription is consumed")


async def _answers(first: Answers, requests: _Messages) -> AsyncIterator[Answers]:
    yield first
    async for request in requests:
        if request.account_id or request.name or request.window:
            raise InvalidRequest("name: only the first message says which subscription is consumed")
        yield checked.answers(request)


def _messages(delivered: Delivered) -> Iterator[subscriptions_pb2.ConsumeResponse]:
    """Messages below the bound of a message; the checkpoint comes in one of its own."""
    message = subscriptions_pb2.ConsumeResponse()
    if delivered.checkpoint is not None:
        message.checkpoint.CopyFrom(common_pb2.Position(number=delivered.checkpoint))
        yield message
        message = subscriptions_pb2.ConsumeResponse()
    size = 0
    for event, handed in delivered.events:
        if size > _BYTES_A_MESSAGE:
            yield message
            message, size = subscriptions_pb2.ConsumeResponse(), 0
        size += len(event.payload) + len(event.metadata)
        message.deliveries.add(
            event=event_message(event), attempt=handed.attempt, replayed=handed.replayed
        )
    if message.deliveries:
        yield message


def _subscription(kept: Kept, head: int) -> subscriptions_pb2.Subscription:
    definition = kept.definition
    account_id = definition.key.account_id
    return subscriptions_pb2.Subscription(
        account_id="" if account_id == WHOLE_LOG else account_id,
        name=definition.key.name,
        event_types=definition.event_types,
        max_attempts=definition.max_attempts,
        window=definition.window,
        retry_delay_ms=definition.retry_delay_ms,
        start=common_pb2.Position(number=definition.start),
        checkpoint=common_pb2.Position(number=kept.checkpoint),
        head=common_pb2.Position(number=max(head, kept.checkpoint)),
        parked=kept.parked,
        consumer_connected=kept.connected,
        created_by=kept.created_by,
        created_at=kept.created_at,
    )


def _which(positions: Sequence[int] | None, count: int) -> str:
    asked = "all" if positions is None else positions_text(positions)
    return f"{count} parked events (asked for: {asked})"


def _audit(action: str, key: Key, detail: str = "") -> None:
    _logger.info(
        "subscription %s of %s %s by %s %s",
        key.name, key.account_id, action, caller().subject, detail,
        extra={"log_category": "audit", "action": f"subscription_{action}"},
    )  # fmt: skip
