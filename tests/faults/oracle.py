"""After the faults: what clients were told against what the log holds, counted.

Reads the database itself, past service and proxy, and recomputes what it can in another way.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
import psycopg

from adapters.audit.chain import ChainBroken
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from tests.faults.follower import Digest
from tests.faults.journal import Journal, Told

_PAGE = 5_000


@dataclass
class Verdict:
    """Counts, and a sentence for each violation."""

    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    skipped: int = 0
    unknown: int = 0
    events: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"acknowledged {self.acknowledged}, lost {self.lost}, duplicated {self.duplicated}, "
            f"skipped {self.skipped}, unknown {self.unknown}, events {self.events}"
        )


async def judge(admin_url: str, journal: Journal, followers: Sequence[Digest] = ()) -> Verdict:
    """Everything the log promises, checked."""
    verdict = Verdict(acknowledged=len(journal.answers), unknown=len(journal.open))
    verdict.violations += journal.broken
    verdict.violations += [f"{each}: its fate is unknown" for each in sorted(journal.open)[:10]]
    recorded = _commands(admin_url)
    _check_answers(verdict, journal, recorded)
    whole = await _check_events(verdict, admin_url, recorded)
    for number, seen in enumerate(followers):
        verdict.skipped += len(seen.skipped) + max(0, verdict.events - seen.position)
        verdict.violations += [f"follower {number}: {each}" for each in seen.skipped]
        if seen.value() != whole.value():
            verdict.violations.append(f"follower {number} saw something else than the log holds")
    try:
        await asyncio.to_thread(verify_chain, admin_url)
    except ChainBroken as error:
        verdict.violations.append(f"the chain: {error}")
    if verdict.lost or verdict.duplicated or verdict.skipped or verdict.unknown:
        verdict.violations.append(str(verdict))
    return verdict


@dataclass(frozen=True, slots=True)
class _Recorded:
    first: int
    last: int
    reason: int


def _commands(admin_url: str) -> dict[str, list[_Recorded]]:
    found: dict[str, list[_Recorded]] = {}
    with psycopg.connect(admin_url) as connection:
        rows = connection.execute(
            "SELECT command_id::text, first_position, last_position, result FROM log.commands"
        )
        for command_id, first, last, result in rows:
            rejected = orjson.loads(result)["rejected"]
            reason = rejected["reason"] if rejected else 0
            found.setdefault(command_id, []).append(_Recorded(first, last, reason))
    return found


def _check_answers(
    verdict: Verdict, journal: Journal, recorded: dict[str, list[_Recorded]]
) -> None:
    """Every answer is in the log, as it was given."""
    for command_id, told in journal.answers.items():
        entries = recorded.get(command_id, [])
        if not entries:
            verdict.lost += 1
            verdict.violations.append(f"{command_id}: acknowledged and not in the log")
            continue
        (entry,) = entries
        given = Told(entry.last if told.position >= 0 else -1, entry.reason)
        if given != told:
            verdict.violations.append(f"{command_id}: told {told}, the log has {entry}")


async def _check_events(
    verdict: Verdict, admin_url: str, recorded: dict[str, list[_Recorded]]
) -> Digest:
    """No hole in positions and versions; the events of a command are its span, whole."""
    whole = Digest()
    versions: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    spans: dict[str, tuple[int, int]] = {}
    log = PostgresEventLog(admin_url)
    await log.open()
    try:
        while events := await log.read_all(after=whole.position, limit=_PAGE):
            whole.add(events)
            for event in events:
                versions[event.stream_id] += 1
                if event.version != versions[event.stream_id]:
                    verdict.violations.append(f"{event.position}: version {event.version}")
                command_id = orjson.loads(event.metadata)["command_id"]
                first, _ = spans.get(command_id, (event.position.number, 0))
                spans[command_id] = (first, event.position.number)
                effects[command_id] += 1
    finally:
        await log.close()
    verdict.events = whole.position
    verdict.violations += [f"the log: {each}" for each in whole.skipped]
    for command_id, (first, last) in spans.items():
        entries = recorded.get(command_id, [])
        if [(each.first, each.last) for each in entries] != [(first, last)]:
            verdict.duplicated += 1
            verdict.violations.append(f"{command_id}: events {first} to {last}, known {entries}")
        elif effects[command_id] != last - first + 1:
            verdict.violations.append(f"{command_id}: other events between its own")
    with_events = {key for key, entries in recorded.items() if any(each.first for each in entries)}
    for command_id in with_events - spans.keys():
        verdict.violations.append(f"{command_id}: recorded, but its events are missing")
    return whole
