"""The log through Kafka and Faust into tables: every row is what a replay of the log says."""

import signal

import pytest

from tests.support.streams import Streams, until, wipe_topics

pytestmark = pytest.mark.asyncio


async def test_rows_are_a_replay_of_the_log(streams: Streams) -> None:
    await streams.trade(200)
    streams.start("relay")
    streams.start("projections")
    head = await streams.trade(100)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)


async def test_killed_worker_and_relay_lose_and_repeat_nothing(streams: Streams) -> None:
    relay, worker = streams.start("relay"), streams.start("projections")
    for round_number in range(4):
        await streams.trade(300)

        async def moving(before: int = sum(await streams.positions())) -> bool:
            return sum(await streams.positions()) > before

        await until(moving, "the projections to move", pause=0.01)
        victim = worker if round_number % 2 == 0 else relay
        victim.send(signal.SIGKILL)
        await victim.wait()
        if victim is worker:
            worker = streams.start("projections")
        else:
            relay = streams.start("relay")
    head = await streams.head()
    await streams.caught_up(head, seconds=90)
    await streams.assert_equal_to_replay(head)


async def test_wiped_topic_is_published_again_and_rows_stay(streams: Streams) -> None:
    streams.start("relay")
    streams.start("projections")
    head = await streams.trade(150)
    await streams.caught_up(head)
    wipe_topics(streams.bootstrap)
    head = await streams.trade(50)
    await streams.caught_up(head, seconds=90)
    await streams.assert_equal_to_replay(head)


async def test_standby_relay_takes_over(streams: Streams) -> None:
    first = streams.start("relay")
    streams.start("projections")
    head = await streams.trade(50)
    await streams.caught_up(head)
    second = streams.start("relay")

    async def standing_by() -> bool:
        return second.running and "publishing" not in second.log.read_text()

    await until(standing_by, "the second relay to stand by")
    first.send(signal.SIGKILL)
    head = await streams.trade(50)
    await streams.caught_up(head)
    assert "publishing from log position" in second.log.read_text()
    await streams.assert_equal_to_replay(head)


async def test_two_workers_share_and_take_over_partitions(streams: Streams) -> None:
    streams.start("relay")
    first, second = streams.start("projections"), streams.start("projections")
    await streams.trade(200)
    first.send(signal.SIGKILL)
    head = await streams.trade(200)
    await streams.caught_up(head, seconds=90)
    await streams.assert_equal_to_replay(head)
    assert second.running


async def test_everything_stops_when_told(streams: Streams) -> None:
    relay, worker = streams.start("relay"), streams.start("projections")
    head = await streams.trade(50)
    await streams.caught_up(head)
    for child in (relay, worker):
        child.send(signal.SIGTERM)
        assert await child.wait(seconds=20) == 0
