"""Bring into memory what commands are decided on; a command whose streams cannot be read is told.

Most commands name all of their streams. Some name a stream only by the state of another one (the
strategy of the order that is amended, the bracket of an order and its other orders, the order that
takes the place of one): those are read in further steps, until nothing new is named.
"""

import logging
from collections.abc import Collection, Sequence
from typing import Final

from adapters.commands.aggregates import Aggregates
from adapters.commands.deciding import Decided, streams_to_load
from adapters.commands.waiting import Waiting
from domain.decision import StreamRef
from domain.ids import StreamId
from domain.orders.commands import PlaceOrder

_logger: Final = logging.getLogger(__name__)
_Failed = list[tuple[Waiting, Exception]]


async def loaded(
    entries: Sequence[Waiting],
    decided: Decided,
    aggregates: Aggregates,
    existing: Collection[StreamId],
) -> tuple[list[Waiting], _Failed]:
    """Those that can be decided now, in order, and those that cannot, each with the reason."""
    needed = [(entry, streams_to_load(entry.submission, existing)) for entry in entries]
    failed = await _read(needed, decided, aggregates)
    rest = _without(entries, failed)
    asked: set[StreamId] = set()
    while named := _named(rest, decided, aggregates, asked):
        asked.update(stream.stream_id for _, streams in named for stream in streams)
        lost = await _read(named, decided, aggregates)
        rest, failed = _without(rest, lost), failed + lost
    return rest, failed


def _named(
    entries: Sequence[Waiting], decided: Decided, aggregates: Aggregates, asked: set[StreamId]
) -> list[tuple[Waiting, tuple[StreamRef, ...]]]:
    """What is named by what is in memory by now, where something of it was not asked for yet."""
    return [
        (entry, streams)
        for entry in entries
        if entry.submission.command.__class__ is not PlaceOrder
        and (streams := decided.further(entry.submission, aggregates))
        and any(stream.stream_id not in asked for stream in streams)
    ]


def _without(entries: Sequence[Waiting], failed: _Failed) -> list[Waiting]:
    if not failed:
        return list(entries)
    lost = {id(entry) for entry, _ in failed}
    return [entry for entry in entries if id(entry) not in lost]


async def _read(
    needed: Sequence[tuple[Waiting, Sequence[StreamRef]]],
    decided: Decided,
    aggregates: Aggregates,
) -> _Failed:
    failed = await aggregates.load(
        {
            stream.stream_id: stream
            for _, streams in needed
            for stream in streams
            if not decided.knows(stream.stream_id)
        }.values()
    )
    for stream_id, error in failed.items():
        _logger.warning("the stream %s cannot be read: %s", stream_id, error)
    if not failed:
        return []
    found: _Failed = []
    for entry, streams in needed:
        errors = [failed[each.stream_id] for each in streams if each.stream_id in failed]
        if errors:
            found.append((entry, errors[0]))
    return found
