"""Random leading, following and trading of hedged legs, with a worker that is late or asks twice.

Orders are placed, amended, filled and ended as anybody likes; what is due for followers is what the
fold of the log says, and is asked for now, later, or once more after it was done. Invariants carry
names; a failure prints the shortest story that breaks one.
"""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.dispatch import Command
from domain.ids import AccountId, OrderId
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    RecordCancellation,
    ReferencePrice,
    TimeInForce,
)
from domain.orders.events import OrderFilled
from domain.orders.state import Order, OrderStatus
from domain.reasons import Reason
from domain.strategies.commands import (
    AmendCopy,
    CopyIntent,
    ReportDrift,
)
from domain.strategies.events import (
    AmendAction,
    CopyRefused,
    CopySkipped,
    IntentCopied,
)
from domain.strategies.terms import Intent
from domain.values import PositionSide, Price, Quantity, signed
from tests.property import read_models
from tests.property.drawn import picks, prices, quantities
from tests.property.following import FOLLOWERS, HEDGED, OF_FOLLOWERS, Led
from tests.support.strategies import LEADER, MARKET, STRATEGY
from tests.support.trading import START, SUSHI


class Follows(Led):
    """Whoever follows, by what the log says."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Command] = []

    # What the leader does while the worker may be at it.

    @rule(pick=picks, quantity=quantities, price=st.one_of(st.none(), prices))
    def amend(self, pick: int, quantity: Quantity, price: Price | None) -> None:
        self._amend(pick, quantity, price)

    @rule(pick=picks, quantity=st.one_of(st.none(), quantities), price=prices)
    def amend_another(self, pick: int, quantity: Quantity | None, price: Price) -> None:
        self._amend(pick, quantity, price)

    def _amend(self, pick: int, quantity: Quantity | None, price: Price | None) -> None:
        """Mostly of what the leader can amend; the venue and the worker may do so at once."""
        ours = [known for account, known in self.orders if account == LEADER]
        can = {OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED}
        ready = [known for known in ours if self.order(known).status in can]
        ours = ready if pick % 5 and ready else ours
        if not ours:
            return
        order_id = ours[pick % len(ours)]
        reference = ReferencePrice(Price(Decimal(8)), START)
        asked = self.do(AmendOrder(order_id, LEADER, SUSHI, quantity, price, reference))
        if asked.rejected is None and pick % 4:
            self.answer_to(LEADER, order_id)
        elif asked.rejected is None and pick % 8:
            self.execute(LEADER, order_id, 1, Price(Decimal(8)))
        if asked.rejected is None and pick % 4 > 1:
            self.work_all()

    # What the role follow does.

    @rule(pick=picks, what=st.sampled_from(["copy", "copy", "amend", "cancel", "drift"]))
    def work(self, pick: int, what: str) -> None:
        """One of the things that are due; nobody promises that it is the next one."""
        due = self._due(what)
        if due:
            self.ask(due[pick % len(due)])

    @rule()
    def work_all(self) -> None:
        """A turn of the worker, when the venue has what was asked for before."""
        self.accept_all()
        for what in ("copy", "cancel", "amend"):
            for command in self._due(what):
                self.ask(command)

    @rule()
    def compare(self) -> None:
        """Nothing is under way: all open orders have ended, and positions are compared."""
        for account, order_id in list(self.orders):
            if self.order(order_id).status.is_open:
                self.do(RecordCancellation(order_id, account, SUSHI, START))
        for command in self._due("drift"):
            self.ask(command)

    @rule(pick=picks)
    def work_again(self, pick: int) -> None:
        """What was asked for once is asked for again, as by a worker that was killed."""
        if self.asked:
            self.ask(self.asked[pick % len(self.asked)])

    def ask(self, command: Command) -> None:
        self.asked.append(command)
        self.do(command)

    def _due(self, what: str) -> list[Command]:
        match what:
            case "copy":
                return [CopyIntent(*due, MARKET) for due in self.following.copies()]
            case "amend":
                return [
                    AmendCopy(
                        due.strategy_id, due.account_id, due.intent, due.seen, due.held, MARKET
                    )
                    for due in self.following.amends()
                ]
            case "cancel":
                return [CancelOrder(*due) for due in self.following.cancels().items()]
            case _:
                found = self.following.drifts(quiet_since=START, again_before=START)
                return [ReportDrift(*due, MARKET) for due in found]

    # What is always true.

    @invariant()
    def every_intent_ends_once_for_every_follower(self) -> None:
        ends = Counter(
            (change.event.intent.intent_id, change.event.account_id)
            for change in self.desk.changes
            if isinstance(change.event, IntentCopied | CopySkipped | CopyRefused)
        )
        assert all(count == 1 for count in ends.values()), ends

    @invariant()
    def the_fold_knows_all_events_of_every_follower(self) -> None:
        led = self.following.strategies.get(STRATEGY)
        if led is None:
            return
        for account, copier in led.followers.items():
            events = [
                change.event
                for change in self.desk.changes
                if isinstance(change.event, OF_FOLLOWERS) and change.event.account_id == account
            ]
            assert copier.seen == len(events)

    @invariant()
    def the_fold_holds_what_fills_of_the_strategy_made(self) -> None:
        led = self.following.strategies.get(STRATEGY)
        if led is None:
            return
        held: dict[AccountId, Fraction] = {}
        for change in self.desk.changes:
            event = change.event
            if isinstance(event, OrderFilled) and event.strategy_id == STRATEGY:
                moved = Fraction(signed(event.side, event.quantity))
                held[event.account_id] = held.get(event.account_id, Fraction(0)) + moved
        for account in {*held, *led.held}:
            found = led.held.get(account, {}).get(SUSHI, Decimal(0))
            assert Fraction(found) == held.get(account, Fraction(0))

    @invariant()
    def what_is_open_by_the_strategy_is_what_its_orders_may_still_trade(self) -> None:
        led = self.following.strategies.get(STRATEGY)
        if led is None:
            return
        working: dict[AccountId, Fraction] = {}
        for account, order_id in self.orders:
            order = self.order(order_id)
            if order.strategy_id == STRATEGY and order.status.is_open:
                left = max(Fraction(0), Fraction(order.quantity) - Fraction(order.filled))
                rest = working.get(account, Fraction(0)) + left * order.side.sign
                working[account] = rest
        for account in {*working, *led.working}:
            found = led.working.get(account, {}).get(SUSHI, Decimal(0))
            assert Fraction(found) == working.get(account, Fraction(0)), account

    @invariant()
    def legs_keep_their_side(self) -> None:
        assert self.desk.position(HEDGED, SUSHI, PositionSide.LONG).net_quantity >= 0
        assert self.desk.position(HEDGED, SUSHI, PositionSide.SHORT).net_quantity <= 0
        assert self.desk.position(HEDGED, SUSHI).net_quantity == 0

    def teardown(self) -> None:
        self._strategies_parts_add_up_to_each_position()
        self._copies_come_to_be_what_their_leader_s_order_is()

    def _strategies_parts_add_up_to_each_position(self) -> None:
        sums: dict[tuple[str, str], Fraction] = {}
        for row in read_models.parts_of_strategies(self.desk):
            key = (row.account_id, row.position_side)
            sums[key] = sums.get(key, Fraction(0)) + Fraction(row.net_quantity)
        for account in (LEADER, *FOLLOWERS, HEDGED):
            for side in PositionSide:
                net = Fraction(self.desk.position(account, SUSHI, side).net_quantity)
                assert sums.get((account, side.value), Fraction(0)) == net

    def _everything_is_answered_and_asked(self) -> None:
        for _ in range(len(self.desk.changes)):
            self.accept_all()
            for account, order_id in list(self.orders):
                if self.order(order_id).pending is not None:
                    self.answer_to(account, order_id)
            due = [*self._due("copy"), *self._due("cancel"), *self._due("amend")]
            if not due:
                break
            for command in due:
                self.do(command)

    def _copies_come_to_be_what_their_leader_s_order_is(self) -> None:
        """With a venue that answers and a worker that works, nobody stays behind."""
        self._everything_is_answered_and_asked()
        assert self.following.copies() == []
        assert self.following.cancels() == {}
        assert self.following.amends() == []
        for known_as, copy in self.following.open.items():
            if copy.copies is None:
                continue
            led = self.order(OrderId(copy.copies.intent_id))
            if not led.status.is_open:
                now = self.order(known_as).status
                assert now is OrderStatus.PENDING_CANCEL or led.filled, "it outlives its leader's"
                continue
            if self._is_of_what_was_filled(copy.copies, led):
                assert copy.copies.quantity is not None
                assert copy.copies.quantity <= led.filled
                continue
            assert (copy.copies.quantity, copy.copies.price) == (led.quantity, led.price)
            if not copy.behind:
                continue
            terms = self.following.strategies[STRATEGY].followers[copy.account_id].terms
            ending = self.order(known_as).status is OrderStatus.PENDING_CANCEL
            assert terms is None or ending, "behind, and nobody will do anything about it"

    @staticmethod
    def _is_of_what_was_filled(copied: Intent, led: Order) -> bool:
        """Copied after its leader had asked to cancel: only what was filled then, and at once."""
        ending = led.status is OrderStatus.PENDING_CANCEL
        at_once = copied.time_in_force is TimeInForce.IOC
        return ending and at_once and copied.quantity != led.quantity


def test_random_following_keeps_its_promises() -> None:
    Follows.seen.clear()
    run_state_machine_as_test(Follows)
    seen = Follows.seen
    assert seen["CopyIntent: ok"] > 500, seen
    assert seen[f"CopyIntent: {Reason.ORDER_QUANTITY_LIMIT.name}"] > 20, seen
    assert seen[f"CopyIntent: {Reason.FOLLOWER_MOVED.name}"] > 20, seen
    assert seen["amend amended"] > 20, seen
    others = set(AmendAction) - {AmendAction.AMENDED}
    assert sum(seen[f"amend {action.value}"] for action in others) > 3, seen
    assert seen["drift reported"] + seen["drift repaired"] > 10, seen
    assert seen["order of a leg"] > 100, seen
