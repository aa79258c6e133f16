"""Random replacements at a venue that does whatever a venue may do, beside counting by hand.

The venue here is a second party: it has what was sent to it and nothing else, trades what it has,
and its reports come later, in its own order for each order, some of them twice.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from domain.dispatch import Command
from domain.ids import ExecutionId, OrderId
from domain.orders.commands import (
    CancelOrder,
    Liquidity,
    OrderType,
    PlaceOrder,
    RecordAcceptance,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordRejection,
    ReplaceOrder,
    TimeInForce,
    VenueReport,
)
from domain.orders.events import OrderCancelRequested, OrderHeld, OrderPlaced, OrderWithdrawn
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, ResumeTrading
from domain.values import ZERO, Price, Quantity, Side
from tests.property import read_models
from tests.support.trading import ACCOUNT, START, SUSHI, desk, order_id, usdt

MOST: Final = Decimal(400)
LIMITS: Final = Limits(
    currency="USDT", position_notional=MOST, open_orders=3, open_notional=Decimal(300)
)
PRICES: Final = st.sampled_from(["7.900", "8.000", "8.100"]).map(lambda text: Price(Decimal(text)))
AMOUNTS: Final = st.integers(1, 14).map(lambda whole: Quantity(Decimal(whole)))
picks: Final = st.integers(0, 1_000)


@dataclass(slots=True)
class AtVenue:
    """An order as the venue has it."""

    quantity: Decimal
    side: Side
    price: Decimal
    filled: Decimal = ZERO
    open: bool = True
    named: bool = False
    """Whether it has said that it has the order."""
    cancels: int = 0
    """Requests to cancel that are not answered."""
    reports: list[VenueReport] = field(default_factory=list)
    """Not delivered yet, the oldest first."""

    @property
    def left(self) -> Decimal:
        """What it may still trade there."""
        return self.quantity - self.filled if self.open else ZERO


class Replacing(RuleBasedStateMachine):
    """A trader, this house, and a venue."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = desk(LIMITS)
        self.venue: dict[OrderId, AtVenue] = {}
        self.wanted: dict[OrderId, tuple[OrderId, Decimal]] = {}
        """Of each replacement that was admitted: what it replaces, and its whole quantity."""
        self.delivered: list[VenueReport] = []
        self.named = 0

    def do(self, what: str, command: Command) -> Reason | None:
        """Decide; what is to be sent reaches the venue at once."""
        decision = self.desk.do(command)
        found = decision.rejected.reason if decision.rejected is not None else None
        self.seen[f"{what}: {'ok' if found is None else found.name}"] += 1
        for change in decision.changes:
            match change.event:
                case OrderPlaced() as sent:
                    assert sent.order_id not in self.venue, "nothing is sent twice"
                    assert sent.price is not None
                    self.venue[sent.order_id] = AtVenue(sent.quantity, sent.side, sent.price)
                case OrderCancelRequested(order_id=known):
                    self.venue[known].cancels += 1
                case OrderHeld() as held:
                    self.wanted[held.order_id] = held.replaces, held.quantity
                case OrderWithdrawn(reason=reason):
                    self.seen[f"withdrawn: {Reason(reason).name}"] += 1
                case _:
                    pass
        return found

    def fresh(self) -> OrderId:
        self.named += 1
        return order_id(f"replacing {self.named}")

    def one_of(self, pick: int, among: Callable[[AtVenue], bool]) -> OrderId | None:
        """One of the orders at the venue that are so; none if none is."""
        fitting = [known for known, order in self.venue.items() if among(order)]
        return fitting[pick % len(fitting)] if fitting else None

    @rule(side=st.sampled_from([Side.BUY, Side.BUY, Side.SELL]), amount=AMOUNTS, at=PRICES)
    def place(self, side: Side, amount: Quantity, at: Price) -> None:
        order = PlaceOrder(
            self.fresh(), ACCOUNT, SUSHI, side, OrderType.LIMIT, TimeInForce.GTC, amount, at
        )
        self.do("place", order)

    @rule(pick=picks, amount=AMOUNTS, at=PRICES, odd=st.sampled_from([False] * 9 + [True]))
    def replace(self, pick: int, amount: Quantity, at: Price, odd: bool) -> None:  # noqa: FBT001
        self.replaced(pick, amount, at, odd=odd)

    @rule(pick=picks, amount=AMOUNTS, at=PRICES)
    def replace_another(self, pick: int, amount: Quantity, at: Price) -> None:
        self.replaced(pick, amount, at, odd=False)

    @rule(pick=picks, amount=st.sampled_from([1, 5, 60]), at=PRICES)
    def replace_an_odd_one(self, pick: int, amount: int, at: Price) -> None:
        """By less than was filled, by more than a limit lets through, or of what is over."""
        self.replaced(pick, Quantity(Decimal(amount)), at, odd=True)

    def replaced(self, pick: int, amount: Quantity, at: Price, *, odd: bool) -> None:
        """Of the same size it is never refused by a limit, whatever else the account has."""
        everything = [*self.venue, *self.wanted]
        known = self.one_of(pick, lambda order: order.open and not order.cancels)
        if odd and everything:
            known = everything[pick % len(everything)]
        if known is None:
            return
        order = self.desk.order_of(known)
        same = order.price == at and amount <= order.quantity
        command = ReplaceOrder(
            known, self.fresh(), ACCOUNT, SUSHI, OrderType.LIMIT, TimeInForce.GTC, amount, at
        )
        found = self.do("replace", command)
        if same and order.status in {OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED}:
            assert found in {
                None,
                Reason.ACCOUNT_HALTED,
                Reason.AMEND_BELOW_FILLED,
                Reason.QUANTITY_BELOW_MINIMUM,
                Reason.NOTIONAL_BELOW_MINIMUM,
            }

    @rule(pick=picks, held=st.booleans())
    def cancel(self, pick: int, held: bool) -> None:  # noqa: FBT001
        waiting = [
            known for known in self.wanted if self.desk.order_of(known).status is OrderStatus.HELD
        ]
        if held and waiting:
            assert self.do("withdraw", CancelOrder(waiting[pick % len(waiting)], ACCOUNT)) is None
            return
        known = self.one_of(pick, lambda order: order.open)
        if known is not None:
            self.do("cancel", CancelOrder(known, ACCOUNT))

    @rule(halted=st.sampled_from([True, False, False, False]))
    def halt(self, halted: bool) -> None:  # noqa: FBT001
        self.desk.do(HaltTrading(ACCOUNT, "drill") if halted else ResumeTrading(ACCOUNT, "over"))

    @rule(
        pick=picks, what=st.sampled_from(["fill", "fill", "expire", "reject"]), whole=st.booleans()
    )
    def the_venue_acts(self, pick: int, what: str, whole: bool) -> None:  # noqa: FBT001
        known = self.one_of(pick, lambda order: order.left > 0)
        if known is None:
            return
        order, of = self.venue[known], (known, ACCOUNT, SUSHI)
        untouched = not order.filled and not order.reports
        if what == "fill":
            amount = order.left if whole else min(order.left, Decimal(10 + pick % 31) / 10)
            order.filled += amount
            execution = ExecutionId(f"x-{len(self.delivered)}-{pick}-{order.filled}")
            fill = RecordFill(
                *of, execution, order.side, Price(order.price), Quantity(amount), usdt(0),
                Liquidity.MAKER, START,
            )  # fmt: skip
            order.reports.append(fill)
            order.open = order.left > 0
        elif what == "expire":
            order.open = False
            order.reports.append(RecordExpiry(*of, "delisted", START))
        elif untouched and not order.named:
            order.open = False
            order.reports.append(RecordRejection(*of, "no margin", START))

    @rule(pick=picks, refuses=st.sampled_from([False, False, True]))
    def the_venue_answers_a_cancel(self, pick: int, refuses: bool) -> None:  # noqa: FBT001
        known = self.one_of(pick, lambda order: order.cancels > 0)
        if known is not None:
            self.answer_a_cancel(known, refuses=refuses)

    def answer_a_cancel(self, known: OrderId, *, refuses: bool) -> None:
        """What has ended cannot be cancelled any more."""
        order, of = self.venue[known], (known, ACCOUNT, SUSHI)
        order.cancels -= 1
        if refuses or not order.open:
            order.reports.append(RecordCancelRejection(*of, "too late", START))
        else:
            order.open = False
            order.reports.append(RecordCancellation(*of, START))

    @rule(pick=picks)
    def the_venue_accepts(self, pick: int) -> None:
        known = self.one_of(pick, lambda order: order.open and not order.named)
        if known is not None:
            self.venue[known].named = True
            self.venue[known].reports.append(RecordAcceptance(known, ACCOUNT, SUSHI, "v", START))

    @rule(pick=picks, had=st.booleans())
    def an_answer_is_lost(self, pick: int, had: bool) -> None:  # noqa: FBT001
        """The outcome is unknown; the venue may never have had the order."""
        known = self.one_of(pick, lambda order: order.left == order.quantity > 0)
        if known is None or self.venue[known].reports:
            return
        lost = RecordOutcomeUnknown(known, ACCOUNT, SUSHI, "no answer", START)
        if self.do("lost", lost) is None and not had:
            self.venue[known].open = False
            self.venue[known].cancels = 0
            self.venue[known].reports.append(RecordNotFound(known, ACCOUNT, SUSHI, START))

    @rule(pick=picks)
    def deliver(self, pick: int) -> None:
        known = self.one_of(pick, lambda order: bool(order.reports))
        if known is not None:
            self.told(self.venue[known].reports.pop(0))

    @rule(pick=picks)
    def deliver_all_of_one(self, pick: int) -> None:
        known = self.one_of(pick, lambda order: bool(order.reports))
        if known is not None:
            self.everything_is_told_of(known)

    def everything_is_told_of(self, known: OrderId) -> None:
        while self.venue[known].reports:
            self.told(self.venue[known].reports.pop(0))

    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        if self.delivered:
            again = self.delivered[pick % len(self.delivered)]
            if not isinstance(again, RecordCancelRejection):  # each of those is another one
                assert self.do("again", again) is not None

    def told(self, report: VenueReport) -> None:
        self.do(type(report).__name__, report)
        self.delivered.append(report)

    @invariant()
    def a_replacement_is_sent_after_the_end_of_the_order_before_it(self) -> None:
        for known, (before, whole) in self.wanted.items():
            sent, old = self.venue.get(known), self.venue[before]
            if sent is None:
                continue
            assert not old.open, "they are never open together"
            assert sent.quantity + old.filled == whole, "no more in all than was asked for"

    @invariant()
    def what_the_venue_may_trade_is_reserved(self) -> None:
        risk = self.desk.risk()
        exposure = risk.exposure(SUSHI)
        for side, reserved in (
            (Side.BUY, exposure.open_buys),
            (Side.SELL, exposure.open_sells),
        ):
            mine = [order for order in self.venue.values() if order.side is side]
            untold = sum(
                report.quantity
                for order in mine
                for report in order.reports
                if isinstance(report, RecordFill)
            )
            assert reserved >= sum(order.left for order in mine) + untold
        open_ = sum(order.open for order in self.venue.values())
        assert open_ <= len(risk.reservations) <= 3

    @invariant()
    def reserved_and_used_stay_within_the_limits(self) -> None:
        risk = self.desk.risk()
        exposure = risk.exposure(SUSHI)
        cheapest = Decimal("7.900")
        assert (exposure.net_quantity + exposure.open_buys) * cheapest <= MOST
        assert (exposure.open_sells - exposure.net_quantity) * cheapest <= MOST
        assert exposure.open_notional <= 300
        assert exposure.open_notional == risk.book.open_notional

    @invariant()
    def what_is_reserved_is_what_counting_says(self) -> None:
        """One entry for each order that is open as far as we know, for its replacement too."""
        expected = {}
        heirs = {before: known for known, (before, _) in self.wanted.items()}
        for known in self.venue:
            order = self.desk.order_of(known)
            if not order.status.is_open:
                continue
            needed = order.quantity - order.filled
            heir = heirs.get(known)
            if heir is not None and self.desk.order_of(heir).status is OrderStatus.HELD:
                needed = max(needed, self.wanted[heir][1] - order.filled)
            expected[known] = needed
        held = {known: one.quantity for known, one in self.desk.risk().reservations.items()}
        assert held == expected

    def teardown(self) -> None:
        """Everything is told: nothing waits any more, and the read models say the same."""
        for known in list(self.venue):
            order = self.venue[known]
            while order.cancels or order.reports:
                if order.cancels:
                    self.answer_a_cancel(known, refuses=False)
                self.everything_is_told_of(known)
        for known, (before, _) in self.wanted.items():
            if self.desk.order_of(known).status is OrderStatus.HELD:
                assert self.desk.order_of(before).status.is_open, "it waits for somebody"
        read_models.show_what_the_domain_holds(self.desk)


def test_random_replacements_agree_with_counting() -> None:
    Replacing.seen.clear()
    long = settings(stateful_step_count=2 * settings().stateful_step_count)
    run_state_machine_as_test(Replacing, settings=long)
    seen = Replacing.seen
    assert seen["replace: ok"] > 200, seen
    for what in (
        "NOTHING_LEFT",
        "REPLACED_ORDER_STANDS",
        "WITHDRAWN",
        "ACCOUNT_HALTED",
    ):
        assert seen[f"withdrawn: {what}"] > 0, (what, seen)
    assert len([what for what in seen if what.startswith("replace: ")]) > 5, seen
