"""The log in memory is the oracle of the one on PostgreSQL: the same batches, all answers equal.

Small pools of streams, versions and command ids make repeats and conflicts frequent.
"""

import random
from collections import Counter
from collections.abc import Mapping

import pytest

from adapters.memory.log import MemoryEventLog
from adapters.postgres.log import PostgresEventLog
from domain.ports import AppendOutcome, Batch, Duplicates, EventLog, LogError
from tests.support.batches import batch, command, event, stream
from tests.support.servers import Database

_STREAMS = ("a", "b", "c", "d")


def _batch(random_: random.Random, number: int, versions: Mapping[str, int]) -> Batch:
    """A batch by a writer who is right about versions most of the time."""
    commands = []
    mistake = random_.choice((-1, 1)) if random_.random() < 0.2 else 0
    written = {name: max(0, at + mistake) for name, at in versions.items()}
    for place in range(random_.randint(0, 4)):
        events = []
        for _ in range(random_.randint(0, 3)):
            name = random_.choice(_STREAMS)
            written[name] += 1
            events.append(event(name, written[name], random_.randbytes(random_.randint(0, 9))))
        repeated = random_.random() < 0.2
        commands.append(
            command(f"{random_.randint(0, number) if repeated else number} {place}", *events)
        )
    read = {name: at for name, at in versions.items() if random_.random() < 0.3}
    return batch(*commands, **read)


async def _answer(log: EventLog, asked: Batch) -> AppendOutcome | str:
    try:
        outcome = await log.append(asked)
    except LogError as error:
        return type(error).__name__
    if isinstance(outcome, Duplicates):
        return Duplicates(tuple(sorted(outcome.commands, key=lambda done: done.command_id)))
    return outcome


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(5))
async def test_both_logs_answer_alike(log_database: Database, seed: int) -> None:
    memory = MemoryEventLog()
    real = PostgresEventLog(log_database.url("patriot_append"))
    await real.open()
    random_ = random.Random(seed)
    kinds: Counter[str] = Counter()
    try:
        for number in range(300):
            versions = {name: len(await memory.read_stream(stream(name))) for name in _STREAMS}
            asked = _batch(random_, number, versions)
            answer = await _answer(memory, asked)
            assert await _answer(real, asked) == answer
            kinds[answer if isinstance(answer, str) else type(answer).__name__] += 1
        assert list(await real.read_all(limit=10_000)) == list(await memory.read_all(limit=10_000))
        for name in _STREAMS:
            assert list(await real.read_stream(stream(name))) == list(
                await memory.read_stream(stream(name))
            )
        assert min(kinds[kind] for kind in ("Appended", "Conflict", "Duplicates")) >= 5, kinds
    finally:
        await real.close()
