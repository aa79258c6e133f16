"""A lost order is recorded over real gRPC, whatever the words in which its venue failed."""

import pytest

from adapters.codec import decode_recorded
from adapters.texts import TEXT_MAX, is_free
from domain.orders.events import OrderOutcomeUnknown, OrderPlaced
from streams.searching import Search
from tests.support import rpc

pytestmark = pytest.mark.asyncio

PAGE = "502 Bad Gateway\r\n\t<html>\u202e\x1b[31m\x00 \U0001f44d</html>"


@pytest.mark.parametrize(
    "words", [PAGE, "", "x" * (3 * TEXT_MAX), "no answer"], ids=["a page", "none", "many", "few"]
)
async def test_a_lost_order_is_recorded_whatever_its_venue_said(words: str) -> None:
    async with rpc.services() as running:
        await rpc.prepare(running)
        await running.call("PlaceOrder", rpc.place())

        async def of(kind: type) -> list[object]:
            events = [decode_recorded(one) for one in await running.log.read_all(limit=1_000)]
            return [event for event in events if isinstance(event, kind)]

        [placed] = await of(OrderPlaced)
        assert isinstance(placed, OrderPlaced)
        search = Search(
            f"127.0.0.1:{running.port_of('RecordReports')}",
            lambda: running.token(("*",), ("service",)),
            running.clock,
        )
        try:
            assert await search.lost(placed, 1, words)
        finally:
            await search.close()
        [unknown] = await of(OrderOutcomeUnknown)
        assert isinstance(unknown, OrderOutcomeUnknown)
        assert is_free(unknown.reason)
