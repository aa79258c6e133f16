"""The queue of commands: turns of the accounts, order within one, room for who has little."""

import asyncio
from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.commands.answers import Answer, Submission
from adapters.commands.waiting import Expired, FairQueue, Overloaded, Waiting
from domain.envelope import LogPosition
from domain.ids import AccountId, CommandId, OrderId
from domain.orders.commands import CancelOrder


def _entry(account: str, number: int, deadline: float | None = None) -> Waiting:
    owner = AccountId(account)
    submission = Submission(
        CancelOrder(OrderId("order"), owner), CommandId(str(number)), owner, "tester", "", b""
    )
    future: asyncio.Future[Answer] = asyncio.Future(loop=_LOOP)
    return Waiting(submission, future, deadline)


_LOOP = asyncio.new_event_loop()
_LOOP.close()


def _names(entries: list[Waiting]) -> list[str]:
    return [f"{entry.submission.account_id}{entry.submission.command_id}" for entry in entries]


def _queue(capacity: int, *accounts: str) -> FairQueue:
    queue = FairQueue(capacity)
    for number, account in enumerate(accounts):
        queue.push(_entry(account, number))
    return queue


def test_accounts_take_turns_and_keep_their_order() -> None:
    queue = _queue(10, "a", "a", "a", "a", "b", "c", "b")
    assert _names(queue.take(5)) == ["a0", "b4", "c5", "a1", "b6"]
    assert _names(queue.take(5)) == ["a2", "a3"]
    assert len(queue) == 0


def test_a_turn_goes_on_where_the_last_batch_ended() -> None:
    queue = _queue(10, "a", "a", "b", "b", "c")
    assert _names(queue.take(1)) == ["a0"]
    assert _names(queue.take(1)) == ["b2"]
    assert _names(queue.take(1)) == ["c4"]
    assert _names(queue.take(1)) == ["a1"]


def test_what_is_put_back_is_next_in_the_same_order() -> None:
    queue = _queue(10, "a", "a", "a", "b", "b")
    taken = queue.take(3)
    queue.put_back(taken)
    assert len(queue) == 5
    assert _names(queue.take(5)) == ["a0", "b3", "a1", "b4", "a2"]


def test_one_account_may_fill_the_queue_and_no_more() -> None:
    queue = _queue(3, "a", "a", "a")
    with pytest.raises(Overloaded):
        queue.push(_entry("a", 3))
    assert _names(queue.take(9)) == ["a0", "a1", "a2"]


def test_a_newcomer_takes_the_place_of_the_newest_of_the_longest_line() -> None:
    queue = _queue(5, "a", "a", "a", "a", "b")
    gone = queue.push(_entry("c", 5))
    assert gone is not None
    assert _names([gone]) == ["a3"]
    assert len(queue) == 5
    assert _names(queue.take(9)) == ["a0", "b4", "c5", "a1", "a2"]


def test_when_all_have_the_same_nobody_has_to_go() -> None:
    queue = _queue(4, "a", "a", "b", "b")
    with pytest.raises(Overloaded):
        queue.push(_entry("a", 4))
    assert queue.push(_entry("c", 5)) is not None
    for account in "abc":
        with pytest.raises(Overloaded):
            queue.push(_entry(account, 6))


def test_a_line_just_below_the_average_may_have_one_of_the_longest() -> None:
    queue = _queue(6, "a", "a", "a", "b", "c", "d")
    gone = queue.push(_entry("b", 6))
    assert gone is not None
    assert _names([gone]) == ["a2"]


def test_a_queue_without_room_at_all_refuses() -> None:
    with pytest.raises(Overloaded):
        FairQueue(0).push(_entry("a", 0))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=60))
def test_nobody_overtakes_within_an_account_and_no_command_is_lost(
    steps: list[tuple[str, int]],
) -> None:
    """Beside a model that has a list for each account."""
    queue = FairQueue(6)
    lines: dict[str, deque[Waiting]] = {account: deque() for account in "abcd"}
    for number, (account, taking) in enumerate(steps):
        entry = _entry(account, number)
        try:
            gone = queue.push(entry)
        except Overloaded:
            waiting = max(len(line) for line in lines.values())
            assert sum(map(len, lines.values())) == 6
            assert waiting <= len(lines[account]) + 1
        else:
            lines[account].append(entry)
            if gone is not None:
                assert lines[gone.submission.account_id].pop() is gone
        taken = queue.take(taking)
        shares = Counter(str(each.submission.account_id) for each in taken)
        for each in taken:
            assert lines[each.submission.account_id].popleft() is each
        for left, line in lines.items():
            # Who still has to wait got as much as anybody, but for the turn that was cut short.
            assert not line or shares[left] + 1 >= max(shares.values(), default=0)
        assert len(queue) == sum(map(len, lines.values()))


@pytest.mark.asyncio
async def test_an_error_is_told_once_and_not_after_an_answer() -> None:
    answer = Answer(CommandId("1"), 1, LogPosition(0, 1))
    entry = _entry("a", 1)
    entry.future = asyncio.get_running_loop().create_future()
    entry.future.set_result(answer)
    entry.fail(Expired())
    assert await entry.future == answer


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [(1.0, 2.0, 2.0), (2.0, 1.0, 2.0), (1.0, None, None), (None, 1.0, None)],
)
def test_two_senders_of_one_command_wait_until_the_later_deadline(
    first: float | None, second: float | None, both: float | None
) -> None:
    entry = _entry("a", 0, first)
    entry.extend(second)
    assert entry.deadline == both
