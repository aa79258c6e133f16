"""Followers of the log without a name share one connection that listens, and lose nothing by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import psycopg
import pytest

from adapters.proto.v1 import common_pb2, log_pb2, log_pb2_grpc
from tests.support.servers import Database
from tests.support.subscribing import Serving, serving

pytestmark = pytest.mark.asyncio

_LISTENING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""
_CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = 'patriot_tail'
"""


class _Follower:
    """One call of Log/Subscribe and the positions that it has delivered."""

    def __init__(self, service: Serving, after: int = 0) -> None:
        stub = log_pb2_grpc.LogStub(service.channel)  # type: ignore[no-untyped-call]
        request = log_pb2.SubscribeRequest(after=common_pb2.Position(number=after))
        self._call = stub.Subscribe(request, metadata=service.header(("*",)))
        self.seen: list[int] = []

    async def until(self, position: int) -> None:
        async with asyncio.timeout(20):
            while not self.seen or self.seen[-1] < position:
                batch = await self._call.read()
                self.seen += [event.position.number for event in batch.events]

    async def error(self) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.until(10**9)
        return caught.value

    def leave(self) -> None:
        self._call.cancel()


@asynccontextmanager
async def _followers(service: Serving, count: int) -> AsyncIterator[list[_Follower]]:
    followers = [_Follower(service) for _ in range(count)]
    try:
        yield followers
    finally:
        for follower in followers:
            follower.leave()


async def test_many_followers_listen_by_one_connection(log_database: Database) -> None:
    async with serving(log_database) as service, _followers(service, 12) as followers:
        await service.append(3)
        await asyncio.gather(*(follower.until(3) for follower in followers))
        # Whoever is through with what is there waits for more by now.
        await service.append(2)
        await asyncio.gather(*(follower.until(5) for follower in followers))
        with psycopg.connect(log_database.admin_url) as admin:
            assert admin.execute(_LISTENING).fetchone() == (1,)
        assert [follower.seen for follower in followers] == [[1, 2, 3, 4, 5]] * 12


async def test_followers_go_on_after_an_outage(log_database: Database) -> None:
    async with serving(log_database) as service, _followers(service, 3) as followers:
        await service.append(3)
        await asyncio.gather(*(follower.until(3) for follower in followers))
        with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
            admin.execute(_CUT)
        await service.append(1)
        await asyncio.gather(*(follower.until(4) for follower in followers))
        assert [follower.seen for follower in followers] == [[1, 2, 3, 4]] * 3


async def test_a_gap_is_told_as_what_it_is(log_database: Database) -> None:
    async with serving(log_database) as service:
        await service.append(3)
        with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
            admin.execute("ALTER TABLE log.events DISABLE TRIGGER ALL")
            admin.execute("DELETE FROM log.events WHERE position = 2")
        error = await _Follower(service, after=1).error()
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert "events are missing from the log" in (error.details() or "")
