"""How a named subscription moves: pure functions from what a consumer answered to what follows.

An event of the log is, for one subscription, in one of these places, and leaves one only for the
next; so nothing is passed without having been answered, parked, or not asked for:

    ahead ──offered──▶ waiting ──acknowledged──▶ handled
                        │   ▲
                     refused └──── due (again)      max_attempts refusals ──▶ parked
                        └───────────▶ ┘                                        │ replay
                                      due (replayed) ◀─────────────────────────┘

The checkpoint is the highest position up to which everything is handled, parked or not asked for.
It never goes back: what is delivered lies above it, replays of parked events apart, which do not
count. Nothing new is offered while a retry is due, so it is overtaken only by what was with the
consumer already; a window of 1 is strict order.

    ValueError
    └── NotDelivered    the consumer answers for an event that it does not have: a defect of its own
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


class NotDelivered(ValueError):
    """An answer for an event that is not with the consumer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How patient a subscription is."""

    max_attempts: int
    retry_delay: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Handed:
    """An event that is with the consumer."""

    attempt: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """An event that is to be delivered again, not before a time of the monotonic clock."""

    position: int
    attempt: int
    not_before: float = 0.0
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A consumer could not handle an event."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What is kept of a refused event."""

    position: int
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """Where every event of interest is; everything above `scanned` is ahead."""

    scanned: int
    waiting: Mapping[int, Handed] = field(default_factory=dict)
    due: tuple[Due, ...] = ()
    failures: Mapping[int, int] = field(default_factory=dict)
    """Refusals so far of events that are not handled yet, kept over lost connections."""

    @property
    def checkpoint(self) -> int:
        """Everything up to here is settled."""
        open_ = [position for position, handed in self.waiting.items() if not handed.replayed]
        open_ += [item.position for item in self.due if not item.replayed]
        return min(open_) - 1 if open_ else self.scanned

    def room(self, window: int) -> int:
        """How many new events may be offered."""
        if any(not item.replayed for item in self.due):
            return 0
        return max(0, window - len(self.waiting))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must be made durable before the consumer is told of a checkpoint."""

    retried: tuple[Failure, ...] = ()
    parked: tuple[Failure, ...] = ()
    forgotten: tuple[int, ...] = ()
    """Events with failures that are handled now."""
    replayed: tuple[int, ...] = ()
    """Parked events that are handled now."""


def resumed(checkpoint: int, failures: Mapping[int, int], replays: Sequence[int]) -> State:
    """A new consumer begins behind the checkpoint; it has nothing yet."""
    state = State(scanned=checkpoint, failures=dict(failures))
    return with_replays(state, replays)


def with_replays(state: State, positions: Sequence[int]) -> State:
    """Parked events that somebody wants delivered again; those under way stay as they are."""
    known = {item.position for item in state.due if item.replayed}
    known |= {position for position, handed in state.waiting.items() if handed.replayed}
    new = [Due(position, 1, replayed=True) for position in positions if position not in known]
    # An event can be due, or with the consumer, in its own right: after a reset to before it. That
    # delivery comes first; the replay is asked for again until it is its turn.
    taken = {item.position for item in state.due} | state.waiting.keys()
    due = (*state.due, *(item for item in new if item.position not in taken))
    return replace(state, due=tuple(sorted(due, key=lambda item: item.position)))


def offered(state: State, positions: Sequence[int], scanned: int) -> tuple[State, list[Handed]]:
    """New events go to the consumer; `scanned` is how far the log was looked at for them."""
    handed = [Handed(state.failures.get(position, 0) + 1) for position in positions]
    waiting = {**state.waiting, **dict(zip(positions, handed, strict=True))}
    return replace(state, waiting=waiting, scanned=scanned), handed


def taken_due(state: State, now: float, window: int) -> tuple[State, tuple[Due, ...]]:
    """What is due by now goes to the consumer again, in the order of the log."""
    ready = [item for item in state.due if item.not_before <= now]
    ready = ready[: max(0, window - len(state.waiting))]
    if not ready:
        return state, ()
    waiting = {
        **state.waiting,
        **{item.position: Handed(item.attempt, item.replayed) for item in ready},
    }
    taken = {item.position for item in ready}
    left = tuple(item for item in state.due if item.position not in taken)
    return replace(state, waiting=waiting, due=left), tuple(ready)


def answered(
    state: State,
    acknowledged: Sequence[int],
    refused: Sequence[Refused],
    now: float,
    rules: Rules,
) -> tuple[State, Outcome]:
    """One message of the consumer; raises NotDelivered, and then nothing of it counts.

    An acknowledgement of what is settled already is a repeat and changes nothing. A refusal of it
    is an error: it would be forgotten in silence.
    """
    waiting, failures = dict(state.waiting), dict(state.failures)
    forgotten: list[int] = []
    replayed: list[int] = []
    for position in acknowledged:
        handed = waiting.pop(position, None)
        if handed is None:
            if position > state.scanned:
                raise NotDelivered(f"position {position} was not delivered")
        elif handed.replayed:
            replayed.append(position)
        elif failures.pop(position, None) is not None:
            forgotten.append(position)
    again: list[Due] = []
    retried: list[Failure] = []
    parked: list[Failure] = []
    for refusal in refused:
        position = refusal.position
        handed = waiting.pop(position, None)
        if handed is None:
            raise NotDelivered(f"position {position} is not with this consumer")
        failure = Failure(position, handed.attempt, refusal.reason)
        if handed.attempt >= rules.max_attempts:
            failures.pop(position, None)
            parked.append(failure)
            continue
        again.append(
            Due(position, handed.attempt + 1, now + rules.retry_delay, replayed=handed.replayed)
        )
        if not handed.replayed:
            failures[position] = handed.attempt
            retried.append(failure)
    due = tuple(sorted((*state.due, *again), key=lambda item: item.position))
    after = State(state.scanned, waiting, due, failures)
    return after, Outcome(tuple(retried), tuple(parked), tuple(forgotten), tuple(replayed))
