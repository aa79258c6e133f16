"""Random amends beside random trading: asked for, answered, refused, and made by other means."""

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import (
    AmendOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordFill,
    ReferencePrice,
    VenueReport,
)
from domain.orders.events import OrderAmendRequested
from domain.reasons import Reason
from domain.risk.events import AmendAdmitted, AmendRefused
from domain.values import Price, Quantity
from tests.property import invariants
from tests.property.drawn import picks, prices, quantities, references
from tests.property.funding import PaysFunding
from tests.property.order_model import Asked, OrderModel
from tests.support.trading import ACCOUNT, START, SUSHI, order_id


class Amending(PaysFunding):
    """Orders by name, what is told of them; amends, answers to them, changes by other means."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[VenueReport] = []
        self.venue_time = START

    def fresh(self) -> OrderId:
        """The id of the next order."""
        return order_id(f"random {len(self.house.orders)}")

    def known(self, pick: int) -> OrderId:
        """The id of one of the orders so far; of nobody's order while there is none.

        Two times out of three it is one of the last that were admitted: stories meet there.
        """
        admitted = [known for known, model in self.house.orders.items() if model.refused is None]
        ids = admitted[-3:] if pick % 3 and admitted else list(self.house.orders)
        return ids[pick % len(ids)] if ids else order_id("nobody")

    def known_in(self, statuses: set[str], pick: int) -> OrderId:
        """Three times out of four one of those in these states, if there is one."""
        found = [known for known, model in self.house.orders.items() if model.status() in statuses]
        return found[pick % len(found)] if found and pick % 4 else self.known(pick)

    def whose(self, order_id: OrderId) -> tuple[AccountId, InstrumentId]:
        """Account and instrument of an order; anything for one that was never placed."""
        order = self.house.orders.get(order_id)
        if order is None:
            return ACCOUNT, SUSHI
        return order.placed.account_id, order.placed.instrument_id

    def deliver(self, report: VenueReport) -> None:
        """Tell the order; remember the report to tell it again."""
        self.sent.append(report)
        order = self.house.orders.get(report.order_id)
        named = (report.account_id, report.instrument_id)
        if order is None or named != self.whose(report.order_id):
            assert self.desk.reason(report) is Reason.ORDER_UNKNOWN
            return
        self.tell(order, report)

    def tell(self, order: OrderModel, command: Asked) -> None:
        """The domain answers as the model does; what it records, the model records."""
        before, expected = order.status(), order.answer(command)
        decision = self.desk.do(command)
        found = self.counted(f"{type(command).__name__} of a {before} order", decision)
        assert found is expected, (before, command)
        if found is not None:
            assert decision.changes == (), "a report that is refused changes nothing"
            return
        order.history.append(command)
        if isinstance(command, RecordFill):
            self.house.fills.append(command)

    @rule(pick=picks, amount=st.none() | quantities, at=st.none() | prices, reference=references)
    def amend(
        self,
        pick: int,
        amount: Quantity | None,
        at: Price | None,
        reference: ReferencePrice,
    ) -> None:
        """Another quantity or price: judged as the order that it would be."""
        known = self.known_in({"accepted", "partially_filled"}, pick)
        if known in self.house.orders and self.house.orders[known].status() == "submitting":
            account, instrument = self.whose(known)
            self.deliver(RecordAcceptance(known, account, instrument, "v-1", START))
        account, instrument = self.whose(known)
        command = AmendOrder(known, account, instrument, amount, at, reference)
        order = self.house.orders.get(known)
        if order is None:
            assert self.desk.reason(command) is Reason.ORDER_UNKNOWN
            return
        before = order.status()
        expected = order.answer(command)
        judged = expected is None
        if judged:
            expected = self.house.amend_refusal(order.as_amended(command), self.desk.at)
        decision = self.desk.do(command)
        found = self.counted(f"AmendOrder of a {before} order", decision)
        assert found is expected, (before, command)
        events = [type(change.event) for change in decision.changes]
        if found is not None:
            assert events == [AmendRefused] * judged
            return
        assert events == [AmendAdmitted, OrderAmendRequested]
        asked = order.as_amended(command)
        more = Fraction(asked.quantity) >= order.quantity() and asked.price == order.price()
        order.history.append(command)
        if more:
            invariants.amended_order_is_within_every_limit(asked, order, self.house)

    @rule(
        pick=picks,
        ours=st.sampled_from([True, True, True, False]),
        refused=st.booleans(),
        amount=quantities,
        at=prices,
        later=st.sampled_from([0, 1, 1]),
    )
    def report_an_amendment(
        self,
        pick: int,
        ours: bool,  # noqa: FBT001
        refused: bool,  # noqa: FBT001
        amount: Quantity,
        at: Price,
        later: int,
    ) -> None:
        """The venue's answer to an amend, or a change that nobody here asked for."""
        waiting = [known for known, model in self.house.orders.items() if model.pending()]
        known = waiting[pick % len(waiting)] if waiting and ours else self.known(pick)
        account, instrument = self.whose(known)
        order = self.house.orders.get(known)
        number = len(order.amends()) if order is not None and ours else 0
        pending = order.pending() if order is not None and ours else None
        if pending is not None:
            amount, at = Quantity(pending[0]), Price(pending[1])
        self.venue_time += later
        self.deliver(
            RecordAmendRejection(known, account, instrument, max(1, number), "no", START)
            if refused
            else RecordAmendment(known, account, instrument, number, amount, at, self.venue_time)
        )
