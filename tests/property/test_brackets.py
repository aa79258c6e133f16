"""Brackets in any interleaving of fills, answers, cancels and halts, beside what is obvious.

The venue is slow and obedient or not; what was filled is summed up anew after every step. Named
invariants hold after every step; at the end everybody behaves, and nothing may be left open.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.brackets.commands import ExitTerms
from domain.brackets.events import BracketMoved, ExitOrdered
from domain.brackets.state import Bracket, Standing
from domain.dispatch import Command
from domain.ids import OrderId
from domain.orders.commands import BracketRole, CancelOrder, RecordCancelRejection, VenueReport
from domain.orders.events import (
    OrderCancelRejected,
    OrderCancelRequested,
    OrderFilled,
    OrderLinked,
    OrderResizeRequested,
)
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import HaltMode, HaltTrading, ResumeTrading
from domain.values import Side
from tests.property.slow_venue import Held, SlowVenue
from tests.support.brackets import (
    STOP_AT_7,
    STOP_LIMIT_AT_7,
    TARGET_AT_9,
    bracket,
    bracket_of,
    protect,
    trailing,
)
from tests.support.trading import ACCOUNT, Desk, desk, order_id

NAMES: Final = ("one", "two")
STOPS: Final = st.sampled_from([STOP_AT_7, STOP_LIMIT_AT_7, trailing(), None])
TARGETS: Final = st.sampled_from([TARGET_AT_9, TARGET_AT_9, None])
AMOUNTS: Final = st.sampled_from([Decimal(1), Decimal(2), Decimal(5), Decimal(50)])
ANY: Final = st.integers(0, 10_000)
_TURNS: Final = 300


class Brackets(RuleBasedStateMachine):
    """Two brackets of one account, and a venue that is not in a hurry."""

    seen: ClassVar[Counter[str]] = Counter()
    """What stories met before everybody behaved, by the names of events."""

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk = desk()
        self.venue = SlowVenue()
        self.heard: dict[OrderId, VenueReport] = {}
        self.halted = False
        self.rude = False
        """Whether the venue refused a request; a cancel is not asked for again at once."""
        self.own: set[OrderId] = set()
        """Orders of which the last cancel was asked for by the bracket itself."""
        self.kept: set[OrderId] = set()
        """Orders of which the venue refused one of those."""

    def _do(self, command: Command) -> Reason | None:
        before = len(self.desk.changes)
        reason = self._decide(command)
        for _, event in self.desk.changes[before:]:
            self.seen[type(event).__name__] += 1
            if isinstance(event, BracketMoved) and event.overrun:
                self.seen["overrun"] += 1
        return reason

    def _decide(self, command: Command) -> Reason | None:
        decision = self.desk.do(command)
        for _, event in decision.changes:
            if isinstance(event, OrderCancelRequested):
                note = self.own.discard if isinstance(command, CancelOrder) else self.own.add
                note(event.order_id)
            elif isinstance(event, OrderCancelRejected) and event.order_id in self.own:
                self.kept.add(event.order_id)
        self._exits_are_asked_for_what_is_held(decision.changes)
        self.venue.take(decision.changes)
        return None if decision.rejected is None else decision.rejected.reason

    def _order(self, pick: int, fits: Callable[[Held], bool] = lambda _: True) -> Held | None:
        """One of the orders with which something can be done; none if there is none."""
        orders = [one for one in self.venue.orders.values() if fits(one)]
        return orders[pick % len(orders)] if orders else None

    @initialize(stop=STOPS, wins=TARGETS)
    def begin(self, stop: ExitTerms | None, wins: ExitTerms | None) -> None:
        self.place(NAMES[0], stop, wins)

    @rule(name=st.sampled_from(NAMES), stop=STOPS, wins=TARGETS)
    def place(self, name: str, stop: ExitTerms | None, wins: ExitTerms | None) -> None:
        self._do(bracket(name, stop=stop, target=wins))

    @rule(pick=ANY)
    def accept(self, pick: int) -> None:
        if order := self._order(pick, lambda one: one.open and not one.accepted):
            self.venue.accept(order)

    @rule(pick=ANY)
    def reject(self, pick: int) -> None:
        if order := self._order(pick):
            self.venue.reject(order)

    @rule(pick=ANY)
    def trigger(self, pick: int) -> None:
        waiting = self._order(pick, lambda one: one.open and bool(one.placed.trigger))
        if waiting is not None:
            self.venue.accept(waiting)
            self.venue.trigger(waiting)

    @rule(pick=ANY, amount=AMOUNTS)
    def fill(self, pick: int, amount: Decimal) -> None:
        if order := self._order(pick, lambda one: one.left > 0):
            self.venue.accept(order)
            self.venue.fill(order, amount)

    @rule(pick=ANY, well=st.booleans())
    def answer(self, pick: int, *, well: bool) -> None:
        if order := self._order(pick):
            self.rude = self.rude or not well
            self.venue.answer(order, well=well)

    @rule(pick=ANY, expires=st.booleans())
    def end(self, pick: int, *, expires: bool) -> None:
        if order := self._order(pick):
            self.venue.end(order, expires=expires)

    @rule(pick=ANY, count=st.integers(1, 4))
    def hear(self, pick: int, count: int) -> None:
        order = self._order(pick, lambda one: bool(one.reports))
        for _ in range(count):
            if order is not None and order.reports:
                report = order.reports.popleft()
                self._do(report)
                self.heard[report.order_id] = report

    @precondition(lambda self: self.heard)
    @rule(pick=ANY)
    def hear_again(self, pick: int) -> None:
        report = list(self.heard.values())[pick % len(self.heard)]
        asked = self.desk.order_of(report.order_id).status is OrderStatus.PENDING_CANCEL
        if asked and isinstance(report, RecordCancelRejection):
            return  # it does not say which cancel it refuses, so it would be the next one's answer
        before = len(self.desk.changes)
        assert self._do(report) is not None, "a report twice says nothing new"
        assert len(self.desk.changes) == before

    @rule(pick=ANY)
    def cancel(self, pick: int) -> None:
        if order := self._order(pick):
            self._do(CancelOrder(order.placed.order_id, ACCOUNT))

    @rule(name=st.sampled_from(NAMES))
    def protect(self, name: str) -> None:
        self._do(protect(name))

    @rule(mode=st.sampled_from(HaltMode))
    def halt(self, mode: HaltMode) -> None:
        if self.halted:
            self._do(ResumeTrading(ACCOUNT, "calm"))
        else:
            self._do(HaltTrading(ACCOUNT, "storm", None, mode))
        self.halted = not self.halted

    def _exits_are_asked_for_what_is_held(self, changes: tuple) -> None:  # type: ignore[type-arg]
        """At the moment at which one is asked for; both directions of a resize."""
        for _, event in changes:
            if isinstance(event, ExitOrdered):
                held = self._held(event.entry_id)
                assert event.quantity == held > 0, "an exit is placed for what is held"
            elif isinstance(event, OrderResizeRequested):
                order = self.desk.order_of(event.order_id)
                assert order.link is not None
                held = self._held(order.link.entry_id)
                assert event.quantity - order.filled == held > 0, (
                    "an exit is resized to what is held"
                )

    def _fills(self) -> dict[OrderId, Decimal]:
        """Of every order, summed up from the log."""
        sums: dict[OrderId, Decimal] = {}
        for _, event in self.desk.changes:
            if isinstance(event, OrderFilled):
                sums[event.order_id] = sums.get(event.order_id, Decimal(0)) + event.quantity
        return sums

    def _held(self, entry_id: OrderId) -> Decimal:
        fills, held = self._fills(), Decimal(0)
        for _, event in self.desk.changes:
            if isinstance(event, OrderLinked) and event.entry_id == entry_id:
                filled = fills.get(event.order_id, Decimal(0))
                held += filled if event.role is BracketRole.ENTRY else -filled
        return held

    def _brackets(self) -> list[Bracket]:
        found = [bracket_of(self.desk, name) for name in NAMES]
        return [one for one in found if one.entry_id is not None]

    @invariant()
    def what_is_held_is_what_was_filled(self) -> None:
        for one in self._brackets():
            assert one.entry_id is not None
            assert one.held == self._held(one.entry_id)

    @invariant()
    def the_position_is_what_the_brackets_hold(self) -> None:
        total = sum((one.held for one in self._brackets()), Decimal(0))
        assert self.desk.position().net_quantity == total

    @invariant()
    def no_exit_is_sent_before_the_entry_trades(self) -> None:
        for one in self._brackets():
            if one.entered == 0:
                assert all(each.order_id is None for _, each in one.exits)

    @invariant()
    def one_order_of_a_role_is_open_at_most(self) -> None:
        open_: dict[tuple[OrderId, BracketRole], int] = {}
        for order_id_ in self.venue.orders:
            order = self.desk.order_of(order_id_)
            assert order.link is not None
            if order.status.is_open:
                open_[order.link] = open_.get(order.link, 0) + 1
        assert all(count == 1 for count in open_.values())

    @invariant()
    def risk_knows_the_open_exits_and_reserves_nothing_for_them(self) -> None:
        risk = self.desk.risk()
        orders = {each: self.desk.order_of(each) for each in self.venue.orders}
        exits = {each for each, order in orders.items() if order.is_exit and order.status.is_open}
        entries = {
            each for each, order in orders.items() if not order.is_exit and order.status.is_open
        }
        assert set(risk.exits) == exits
        assert set(risk.reservations) == entries
        assert all(exposure.open_sells == 0 for exposure in risk.exposures.values())

    @invariant()
    def exits_are_on_the_other_side_and_only_reduce(self) -> None:
        for each in self.venue.orders.values():
            if self.desk.order_of(each.placed.order_id).is_exit:
                assert each.placed.side is Side.SELL
                assert each.placed.reduce_only

    def teardown(self) -> None:
        """Everybody behaves until nothing happens any more; then the books are closed."""
        if self.halted:
            self._decide(ResumeTrading(ACCOUNT, "calm"))
        self._quiet()
        self._what_is_wanted_protects_exactly_what_is_held()
        for name in NAMES:
            self._decide(CancelOrder(order_id(name), ACCOUNT))
        self._quiet()
        self._what_is_wanted_protects_exactly_what_is_held()
        for each in list(self.venue.orders.values()):
            if self.desk.order_of(each.placed.order_id).is_exit and each.open:
                self.venue.fill(each, each.left)
                self._quiet()
        for known in list(self.venue.orders):
            self._decide(CancelOrder(known, ACCOUNT))
        self._quiet()
        assert not self.desk.risk().exits
        assert not self.desk.risk().reservations
        for one in self._brackets():
            assert one.ended, "nothing is open, so the bracket has ended"

    def _quiet(self) -> None:
        for _ in range(_TURNS):
            self.venue.behave()
            waiting = [order for order in self.venue.orders.values() if order.reports]
            if not waiting:
                return
            for order in waiting:
                self._decide(order.reports.popleft())
        raise AssertionError("brackets and venue never come to rest")

    def _what_is_wanted_protects_exactly_what_is_held(self) -> None:
        for one in self._brackets():
            for _, each in one.exits:
                order = None if each.order_id is None else self.desk.order_of(each.order_id)
                left = Decimal(0)
                if order is not None and order.status.is_open:
                    left = order.unfilled
                if one.held <= 0 and each.order_id in self.kept:
                    continue  # it can only reduce, and stays until somebody cancels it
                if each.standing is Standing.WANTED:
                    assert left == max(Decimal(0), one.held), (each, one.held, left)
                else:
                    assert left <= max(Decimal(0), one.held)
            if one.exited > 0:
                assert one.entry_id is not None
                entry = self.desk.order_of(one.entry_id)
                assert not entry.status.is_open or self.rude, "the trade is over"


def test_brackets_protect_exactly_what_they_hold() -> None:
    Brackets.seen.clear()
    run_state_machine_as_test(Brackets, settings=settings(stateful_step_count=40))
    seen = Brackets.seen
    for name in ("ExitOrdered", "BracketEnded"):
        assert seen[name] > 10, (name, seen)
