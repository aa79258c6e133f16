"""The call of log.append(): its statement, its arguments, and the positions that it gave.

Both writers use it, so that there is one write path: the event log of the core and the recorder of
the eventsourcing library.
"""

from collections.abc import Sequence
from typing import Any, Final

from adapters.postgres.arrays import BytesArray, IntegerArray, TextArray, UuidArray
from domain.envelope import LogPosition
from domain.ports import Batch, CommandRecord, RecordedCommand

STATEMENT: Final = """
    SELECT outcome, first_position, duplicate_accounts::text[], duplicate_ids::text[],
           conflict_streams::text[], conflict_versions
      FROM log.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)
"""
"""Needs a connection that knows adapters.postgres.arrays."""


def arguments(batch: Batch) -> Sequence[Any]:
    """The batch as the parallel arrays of the function."""
    commands = batch.commands
    events = [event for command in commands for event in command.events]
    return (
        UuidArray([command.account_id for command in commands]),
        UuidArray([command.command_id for command in commands]),
        BytesArray([command.fingerprint for command in commands]),
        BytesArray([command.result for command in commands]),
        IntegerArray([len(command.events) for command in commands]),
        UuidArray([event.stream_id for event in events]),
        IntegerArray([event.version for event in events]),
        TextArray([event.type for event in events]),
        UuidArray([event.account_id for event in events]),
        BytesArray([event.payload for event in events]),
        BytesArray([event.metadata for event in events]),
        UuidArray(list(batch.expected)),
        IntegerArray(list(batch.expected.values())),
    )


def recorded(
    commands: Sequence[CommandRecord], shard: int, first: int
) -> tuple[RecordedCommand, ...]:
    """Positions follow from the first one: the batch's events stand in the log side by side."""
    done: list[RecordedCommand] = []
    position = first
    for command in commands:
        count = len(command.events)
        done.append(
            RecordedCommand(
                command.account_id,
                command.command_id,
                command.fingerprint,
                command.result,
                LogPosition(shard, position if count else 0),
                LogPosition(shard, position + count - 1 if count else 0),
            )
        )
        position += count
    return tuple(done)
