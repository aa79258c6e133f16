"""Random funding and balances beside random trading: new and known payments, early and late."""

from collections import Counter
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.decision import Decision
from domain.ids import AccountId, InstrumentId
from domain.reasons import Reason
from domain.values import Money
from tests.property import invariants
from tests.property.drawn import accounts, fees, instruments
from tests.property.models import House
from tests.support.reports import balance, funded
from tests.support.trading import START, Desk


class PaysFunding(RuleBasedStateMachine):
    """The desk and the house that the rules of trading share, and what venues pay."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.house = House()

    def counted(self, what: str, decision: Decision) -> Reason | None:
        """The answer, counted so that a run without meetings does not pass for a proof."""
        found = decision.rejected.reason if decision.rejected is not None else None
        self.seen[f"{what}: {'ok' if found is None else found.name}"] += 1
        return found

    @rule(
        account=accounts,
        instrument=instruments,
        number=st.integers(1, 12),
        payment=fees,
        microseconds=st.integers(0, 3),
    )
    def settle_funding(
        self,
        account: AccountId,
        instrument: InstrumentId,
        number: int,
        payment: Money,
        microseconds: int,
    ) -> None:
        """A payment, new or known, held or not; and the balance that the venue tells with it."""
        report = funded(
            f"f-{number}", payment.amount, currency=payment.currency, account=account,
            instrument=instrument,
        )  # fmt: skip
        known = [
            one
            for one in self.house.fundings
            if (one.account_id, one.instrument_id, one.funding_id)
            == (account, instrument, report.funding_id)
        ]
        expected = Reason.REPORT_ALREADY_APPLIED if known else None
        found = self.counted("funding", self.desk.do(report))
        assert found is expected
        if found is None:
            self.house.fundings.append(report)
        told = balance(
            # So much that no order is refused for want of margin; test_margin_checks has those.
            payment.amount + 10**9,
            currency=payment.currency,
            at=START + microseconds,
            account=account,
        )
        before = self.house.balances.get((account, payment.currency))
        late = before is not None and told.venue_time < before.venue_time
        outdated = Reason.BALANCE_OUTDATED if late else None
        answer = Reason.REPORT_ALREADY_APPLIED if told == before else outdated
        assert self.counted("balance", self.desk.do(told)) is answer
        if answer is None:
            self.house.balances[account, payment.currency] = told

    @invariant()
    def funding_adds_up_to_the_last_digit_and_counts_once(self) -> None:
        invariants.funding_adds_up_to_the_last_digit_and_counts_once(self.desk, self.house)
