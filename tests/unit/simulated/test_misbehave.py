"""Faults: the same for the same seed, as often as asked, and nothing is lost by them."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.misbehave import Faults

rates = st.integers(0, 1000)


def test_a_well_behaved_venue_draws_no_dice() -> None:
    faults = Faults()
    assert faults.deliver([1, 2, 3]) == [1, 2, 3]
    assert not any(faults.rejects() or faults.loses_answer() for _ in range(100))


@given(st.lists(st.integers(), max_size=30, unique=True), rates, rates, st.integers(0, 2**64 - 1))
def test_reports_are_repeated_and_mixed_but_never_lost(
    reports: list[int], duplicate: int, reorder: int, seed: int
) -> None:
    def deliver() -> list[int]:
        return Faults(duplicate=duplicate, reorder=reorder, seed=seed).deliver(reports)

    sent = Counter(deliver())
    assert set(sent) == set(reports)
    assert all(times in {1, 2} for times in sent.values())
    assert deliver() == deliver()


def test_a_thousand_of_a_thousand_is_always() -> None:
    faults = Faults(duplicate=1000, reorder=1000, reject=1000, lose_answer=1000, seed=3)
    assert faults.rejects()
    assert faults.loses_answer()
    sent = faults.deliver(list(range(50)))
    assert Counter(sent) == dict.fromkeys(range(50), 2)
    assert sent != sorted(sent)
