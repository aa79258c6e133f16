"""Faults of a venue on demand, drawn from one seed so that a run can be repeated."""

import random
from dataclasses import dataclass, field
from typing import Final, TypeVar

_T = TypeVar("_T")
_THOUSAND: Final = 1000


@dataclass(slots=True)
class Faults:
    """How badly the venue behaves; rates are so many of 1,000. All zero is good behaviour."""

    report_delay: float = 0.0
    """Seconds by which each delivery of reports is late."""
    duplicate: int = 0
    reorder: int = 0
    reject: int = 0
    lose_answer: int = 0
    seed: int = 0
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311  (faults, not secrets)

    def rejects(self) -> bool:
        """Whether the next order is rejected for no reason."""
        return self._hit(self.reject)

    def loses_answer(self) -> bool:
        """Whether the next answer is lost after the work was done."""
        return self._hit(self.lose_answer)

    def deliver(self, reports: list[_T]) -> list[_T]:
        """The reports as they are sent: some twice, some batches in another order."""
        sent = [report for report in reports for _ in range(1 + self._hit(self.duplicate))]
        if self._hit(self.reorder):
            self._dice.shuffle(sent)
        return sent

    def _hit(self, rate: int) -> bool:
        return rate > 0 and self._dice.randrange(_THOUSAND) < rate
