"""The state machine of a named subscription: nothing is passed that was not answered or parked."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.subscriptions import state as machine
from adapters.subscriptions.state import (
    Due,
    Failure,
    Handed,
    NotDelivered,
    Outcome,
    Refused,
    Rules,
    State,
)

_RULES = Rules(max_attempts=3, retry_delay=10.0)


def _offered(*positions: int, scanned: int = 0) -> State:
    state, _ = machine.offered(State(scanned=0), positions, scanned or positions[-1])
    return state


def test_a_fresh_one_stands_at_its_checkpoint() -> None:
    state = machine.resumed(7, {}, [])
    assert (state.checkpoint, state.scanned, state.room(5)) == (7, 7, 5)


def test_the_checkpoint_is_below_the_first_that_is_open() -> None:
    state = _offered(2, 5, 9, scanned=12)
    assert state.checkpoint == 1
    for acknowledged, checkpoint in (([5], 1), ([2], 8), ([9], 12)):
        state, outcome = machine.answered(state, acknowledged, [], 0.0, _RULES)
        assert (state.checkpoint, outcome) == (checkpoint, Outcome())


def test_a_repeated_acknowledgement_changes_nothing() -> None:
    state, _ = machine.answered(_offered(1, 2), [1], [], 0.0, _RULES)
    assert machine.answered(state, [1], [], 0.0, _RULES) == (state, Outcome())


@pytest.mark.parametrize(
    ("acknowledged", "refused"), [([3], []), ([1, 3], []), ([], [3]), ([1], [3]), ([1], [1])]
)
def test_an_answer_for_what_was_not_delivered_is_refused(
    acknowledged: list[int], refused: list[int]
) -> None:
    refusals = [Refused(position, "why") for position in refused]
    with pytest.raises(NotDelivered):
        machine.answered(_offered(1, 2), acknowledged, refusals, 0.0, _RULES)


def test_a_refused_event_is_due_after_the_delay_and_nothing_new_before_it() -> None:
    state, outcome = machine.answered(_offered(1, 2), [1], [Refused(2, "why")], 5.0, _RULES)
    assert outcome == Outcome(retried=(Failure(2, 1, "why"),))
    assert (state.checkpoint, state.room(10)) == (1, 0)
    assert machine.taken_due(state, 14.9, 10) == (state, ())
    state, ready = machine.taken_due(state, 15.0, 10)
    assert ready == (Due(2, 2, 15.0),)
    assert (state.waiting, state.room(10)) == ({2: Handed(2)}, 9)


def test_the_last_refusal_parks_and_the_checkpoint_goes_on() -> None:
    state = machine.resumed(0, {1: 2}, [])
    state, handed = machine.offered(state, [1], 1)
    assert handed == [Handed(3)]
    state, outcome = machine.answered(state, [], [Refused(1, "why")], 0.0, _RULES)
    assert outcome == Outcome(parked=(Failure(1, 3, "why"),))
    assert (state.checkpoint, state.due, state.failures) == (1, (), {})


def test_failures_are_forgotten_once_the_event_is_handled() -> None:
    state, _ = machine.offered(machine.resumed(0, {1: 1}, []), [1], 1)
    _, outcome = machine.answered(state, [1], [], 0.0, _RULES)
    assert outcome == Outcome(forgotten=(1,))


def test_a_replay_does_not_hold_the_checkpoint_and_begins_to_count_anew() -> None:
    state = machine.resumed(9, {}, [4])
    assert (state.checkpoint, state.due) == (9, (Due(4, 1, replayed=True),))
    state, _ = machine.taken_due(state, 0.0, 10)
    assert state.checkpoint == 9
    assert machine.with_replays(state, [4]) == state, "it is under way"
    again, outcome = machine.answered(state, [], [Refused(4, "why")], 0.0, _RULES)
    assert (again.due, outcome) == ((Due(4, 2, 10.0, replayed=True),), Outcome())
    assert again.room(5) == 5, "nothing has to wait for a replay"
    _, outcome = machine.answered(state, [4], [], 0.0, _RULES)
    assert outcome == Outcome(replayed=(4,))


def test_a_replay_that_fails_is_parked_again() -> None:
    state = replace(State(scanned=9), waiting={4: Handed(3, replayed=True)})
    state, outcome = machine.answered(state, [], [Refused(4, "why")], 0.0, _RULES)
    assert (state.due, outcome) == ((), Outcome(parked=(Failure(4, 3, "why"),)))


def test_what_is_due_fits_into_the_window() -> None:
    state = machine.resumed(9, {}, [1, 2, 3])
    state, ready = machine.taken_due(state, 0.0, 2)
    assert [item.position for item in ready] == [1, 2]
    assert machine.taken_due(state, 0.0, 2) == (state, ())


def _story(seed: int) -> Iterator[tuple[str, State, Outcome]]:
    """Random events, answers and crashes, and what would be durable."""
    chance = random.Random(seed)
    state, now, head = machine.resumed(0, {}, []), 0.0, 60
    failures: dict[int, int] = {}
    for _ in range(600):
        now += chance.random() * 4
        turn = chance.random()
        waiting = sorted(state.waiting)
        outcome = Outcome()
        if turn < 0.05:
            state = machine.resumed(state.checkpoint, failures, [])
            yield "crash", state, outcome
            continue
        if turn < 0.4 and state.room(8) and state.scanned < head:
            upto = min(head, state.scanned + chance.randint(1, state.room(8)))
            wanted = [p for p in range(state.scanned + 1, upto + 1) if p % 7]
            state, _ = machine.offered(state, wanted, upto)
        elif turn < 0.5:
            state, _ = machine.taken_due(state, now, 8)
        elif waiting:
            chosen = chance.sample(waiting, chance.randint(1, len(waiting)))
            cut = chance.randint(0, len(chosen))
            refusals = [Refused(position, "why") for position in chosen[cut:]]
            state, outcome = machine.answered(state, chosen[:cut], refusals, now, _RULES)
            for failure in outcome.retried:
                failures[failure.position] = failure.attempts
            for settled in (*outcome.forgotten, *(f.position for f in outcome.parked)):
                failures.pop(settled, None)
            yield f"acknowledged {chosen[:cut]}", state, outcome
            continue
        yield "turn", state, outcome


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_each_event_is_acknowledged_or_parked_before_it_is_passed(
    seed: int,
) -> None:
    done: set[int] = set()
    checkpoint = 0
    for told, state, outcome in _story(seed):
        if told.startswith("acknowledged"):
            done |= {int(text) for text in told[14:-1].split(", ") if text}
        done |= {failure.position for failure in outcome.parked}
        assert state.checkpoint >= checkpoint, "a checkpoint never goes back"
        checkpoint = state.checkpoint
        passed = {position for position in range(1, checkpoint + 1) if position % 7}
        assert passed <= done
        assert len(state.waiting) <= 8
        assert all(failure.attempts == 3 for failure in outcome.parked)
