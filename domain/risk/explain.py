"""Why an order was admitted or refused: every check in its order, with limit, value and outcome.

An order is decided by the first check that refuses. The checks after it were never asked; what they
would have compared is shown all the same, because the next question is always "and otherwise?".
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.reasons import Rejected
from domain.risk.rules.measures import measure
from domain.risk.rules.question import Question
from domain.risk.rules.table import CHECKS


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_ASKED = "not asked"
    """A check before it had refused already."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One check on one order; limit and value are empty where there was nothing to compare."""

    check: str
    outcome: Outcome
    limit: str
    value: str
    detail: str = ""
    """Of a refusal: why, in words."""


def explain(question: Question) -> tuple[CheckOutcome, ...]:
    """Every check of the table, in the order in which they are asked."""
    outcomes = []
    decided = False
    for check in CHECKS:
        limit, value = measure(check.name, question)
        refusal: Rejected | None = None if decided else check.refuses(question)
        if refusal is not None:
            decided = True
            outcomes.append(
                CheckOutcome(
                    check.name,
                    Outcome.REFUSED,
                    refusal.limit or limit,
                    refusal.value or value,
                    refusal.detail,
                )
            )
            continue
        outcome = Outcome.NOT_ASKED if decided else Outcome.PASSED
        outcomes.append(CheckOutcome(check.name, outcome, limit, value))
    return tuple(outcomes)
