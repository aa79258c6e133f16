"""Whatever is cut, resent or lost: records of a partition follow each other without a hole."""

from hypothesis import given
from hypothesis import strategies as st

from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, StreamId
from streams.packing import Outgoing, Packer, contiguous_through
from streams.record import Span


def event(position: int, account: str, size: int = 10) -> RecordedEvent:
    return RecordedEvent(
        LogPosition(0, position),
        StreamId(f"stream-{account}"),
        1,
        "order.accepted.v1",
        AccountId(account),
        b"x" * size,
        b"",
    )


def by_digit(account: str) -> int:
    return int(account[-1])


def packer(through: list[int] | None = None, **bounds: int) -> Packer:
    return Packer(through or [0, 0, 0], by_digit, **bounds)


def positions(records: list[Outgoing], partition: int) -> list[int]:
    return [
        event.position.number
        for record in records
        if record.partition == partition
        for event in record.events
    ]


def test_events_go_to_their_partition_and_the_last_record_reaches_the_head() -> None:
    records = packer().pack([event(1, "a0"), event(2, "a1"), event(3, "a0")])
    assert [(r.partition, r.span) for r in records] == [(0, Span(0, 3)), (1, Span(0, 3))]
    assert positions(records, 0) == [1, 3]


def test_silent_partitions_are_told_about_the_head_once() -> None:
    cut = packer()
    cut.pack([event(1, "a0")])
    assert cut.watermarks() == [Outgoing(1, Span(0, 1)), Outgoing(2, Span(0, 1))]
    assert cut.watermarks() == []


def test_a_record_is_bounded_by_events() -> None:
    records = packer(events_max=2).pack([event(n, "a0") for n in range(1, 6)])
    assert [r.span for r in records] == [Span(0, 2), Span(2, 4), Span(4, 5)]


def test_a_record_is_bounded_by_bytes_but_holds_one_event_at_least() -> None:
    records = packer(bytes_max=100).pack([event(n, "a0", size=60) for n in (1, 2)])
    assert [r.span for r in records] == [Span(0, 1), Span(1, 2)]
    assert len(packer(bytes_max=100).pack([event(1, "a0", size=1_000)])) == 1


def test_what_a_partition_holds_already_is_not_sent_again() -> None:
    cut = packer([2, 0, 5])
    assert cut.head == 0
    records = cut.pack([event(1, "a0"), event(2, "a1"), event(3, "a0"), event(4, "a2")])
    assert positions(records, 0) == [3]
    assert positions(records, 1) == [2]
    assert positions(records, 2) == []
    assert cut.watermarks() == []  # partition 2 is ahead of what was read


@given(
    accounts=st.lists(st.sampled_from(["a0", "a1", "a2"]), min_size=1, max_size=60),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=60),
    held=st.lists(st.integers(0, 30), min_size=3, max_size=3),
    events_max=st.integers(1, 5),
)
def test_each_partition_gets_all_its_events_once_in_order_without_a_hole(
    accounts: list[str], cuts: list[int], held: list[int], events_max: int
) -> None:
    log = [event(number, account) for number, account in enumerate(accounts, start=1)]
    cut = packer(list(held), events_max=events_max)
    position = cut.head
    records: list[Outgoing] = []
    for size in cuts:
        records += cut.pack(log[position : position + size])
        position = min(position + size, len(log))
        records += cut.watermarks()
    for partition in range(3):
        spans = [r.span for r in records if r.partition == partition]
        expected = held[partition]
        for span in spans:
            assert span.after == expected
            assert span.through > span.after
            expected = span.through
        assert positions(records, partition) == [
            e.position.number
            for e in log[:position]
            if by_digit(e.account_id) == partition and e.position.number > held[partition]
        ]


def test_an_empty_partition_begins_at_the_start() -> None:
    assert contiguous_through([], from_start=True) == 0


def test_the_end_of_a_whole_partition_is_its_last_record() -> None:
    assert contiguous_through([Span(0, 4), Span(4, 9)], from_start=True) == 9
    assert contiguous_through([Span(4, 9), Span(9, 12)], from_start=False) == 12


def test_repetitions_do_not_move_the_end_back() -> None:
    assert contiguous_through([Span(0, 9), Span(0, 4), Span(4, 7)], from_start=True) == 9


def test_a_hole_ends_what_counts_as_published() -> None:
    assert contiguous_through([Span(0, 4), Span(6, 9)], from_start=True) == 4
    assert contiguous_through([Span(2, 4), Span(4, 5)], from_start=True) == 0


def test_foreign_records_count_for_nothing() -> None:
    assert contiguous_through([None, Span(0, 4), None], from_start=True) == 4
    assert contiguous_through([None, None], from_start=False) == 0
