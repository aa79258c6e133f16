"""What random following is about: a leader, its followers, a hedged account, and their venue.

The worker between them and what is always true stand in test_following.py.
"""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
)

from domain.accounts.commands import OpenAccount
from domain.accounts.events import MarginMode, PositionMode
from domain.decision import Decision
from domain.dispatch import Command
from domain.ids import AccountId, ExecutionId, OrderId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import (
    CancelOrder,
    Liquidity,
    PlaceOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordFill,
)
from domain.orders.events import OrderPlaced
from domain.orders.state import Order
from domain.reasons import Reason
from domain.registry import TYPE_NAMES
from domain.risk.commands import Limits, SetLimits
from domain.strategies.commands import (
    ChangeAccess,
    ChangeFollower,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
    PauseStrategy,
    StartStrategy,
    UnfollowStrategy,
)
from domain.strategies.events import (
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftFound,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
)
from domain.strategies.terms import Access, CopySource, DriftPolicy, SizingRule, Terms
from domain.users.commands import RegisterUser
from domain.users.events import Sealed
from domain.values import PositionSide, Price, Quantity, Side, signed
from projections.following import TYPES, Following
from tests.property.drawn import picks, prices, quantities
from tests.support.membership import user_id
from tests.support.strategies import LEADER, MARKET, STRATEGY, register
from tests.support.trading import OTHER_ACCOUNT, RULES, START, SUSHI, Desk, place, usdt

HALF: Final = AccountId(derived("test", "follower", "half"))
FIXED: Final = AccountId(derived("test", "follower", "fixed"))
LIMITED: Final = AccountId(derived("test", "follower", "limited"))
HEDGED: Final = AccountId(derived("test", "hedged account"))
SMALL: Final = AccountId(derived("test", "follower", "small"))
FOLLOWERS: Final = (HALF, LIMITED, FIXED, SMALL, HEDGED)
LEGS: Final = (PositionSide.LONG, PositionSide.SHORT)
TERMS: Final = (
    Terms(SizingRule.RATIO, Decimal("0.5"), Quantity(Decimal(30)), drift=DriftPolicy.REPAIR),
    Terms(SizingRule.RATIO, Decimal(1), Quantity(Decimal(15)), tolerance=Decimal(1)),
    Terms(SizingRule.FIXED, Decimal(3), Quantity(Decimal(12)), drift=DriftPolicy.REPAIR),
    Terms(SizingRule.RATIO, Decimal("0.1"), Quantity(Decimal(30))),
    Terms(SizingRule.EQUITY_SHARE, Decimal("0.1"), Quantity(Decimal(40)), capital=usdt(800)),
    Terms(SizingRule.RATIO, Decimal("0.5"), Quantity(Decimal(30)), paused=True),
)
OF_FOLLOWERS: Final = (
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
    CopySkipped,
    CopyRefused,
    AmendCopied,
    DriftFound,
)


class Led(RuleBasedStateMachine):
    """The desk, and the fold that the role follow has."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.following = Following()
        self.orders: list[tuple[AccountId, OrderId]] = []
        self.executions = 0
        self.time = START

    @initialize(access=st.sampled_from(Access))
    def open_the_house(self, access: Access) -> None:
        self.do(ListInstrument(SUSHI, RULES))
        for account in (LEADER, HALF, FIXED, SMALL, HEDGED):
            self.do(SetLimits(account, Limits("USDT")))
        self.do(SetLimits(LIMITED, Limits("USDT", order_quantity=Decimal(8))))
        self.do(RegisterUser(user_id("ada"), Sealed("bmFtZQ=="), Sealed("ZW1haWw=")))
        hedge = PositionMode.HEDGE
        self.do(OpenAccount(HEDGED, user_id("ada"), "BINANCE", hedge, MarginMode.CROSS))
        self.do(register(source=CopySource.ORDERS, access=access))
        self.do(StartStrategy(STRATEGY, LEADER))
        if access is Access.INVITATION:
            stranger = self.do(FollowStrategy(STRATEGY, OTHER_ACCOUNT, TERMS[0])).rejected
            assert stranger is not None
            assert stranger.reason is Reason.NOT_INVITED
        for account, terms in zip(FOLLOWERS, TERMS, strict=False):
            self.do(InviteFollower(STRATEGY, LEADER, account))
            self.do(FollowStrategy(STRATEGY, account, terms))

    def do(self, command: Command) -> Decision:
        """Decide, and let the fold follow."""
        before = len(self.desk.changes)
        decision = self.desk.do(command)
        answer = "ok" if decision.rejected is None else decision.rejected.reason.name
        self.seen[f"{type(command).__name__}: {answer}"] += 1
        for position, change in enumerate(self.desk.changes[before:], start=before + 1):
            event = change.event
            if TYPE_NAMES[type(event)] in TYPES:
                self.following.fold(position, event, self.desk.at)
            if isinstance(event, OrderPlaced):
                self.orders.append((event.account_id, event.order_id))
            if isinstance(event, AmendCopied):
                self.seen[f"amend {event.action.value}"] += 1
            if isinstance(event, DriftFound):
                self.seen[f"drift {event.action.value}"] += 1
            if isinstance(event, IntentCopied):
                self._copied_within_the_maximum(event)
        return decision

    def _copied_within_the_maximum(self, event: IntentCopied) -> None:
        """Copying never takes a position past the follower's maximum; it may only reduce it."""
        terms = self.following.strategies[STRATEGY].followers[event.account_id].terms
        assert terms is not None
        after = abs(event.inputs.held + signed(event.side, event.quantity))
        assert after <= max(terms.maximum, abs(event.inputs.held))

    def order(self, order_id: OrderId) -> Order:
        return self.desk.order_of(order_id)

    def picked(self, pick: int) -> tuple[AccountId, OrderId] | None:
        """One of the last orders: stories meet there."""
        return self.orders[-6:][pick % min(6, len(self.orders))] if self.orders else None

    # What people do.

    @rule(
        side=st.sampled_from(Side),
        quantity=quantities,
        price=st.one_of(prices, prices, prices, st.none()),
        account=st.sampled_from([LEADER, LEADER, LEADER, LEADER, HALF, FIXED]),
        taken=st.sampled_from([True, True, False]),
        reduce=st.sampled_from([False] * 5 + [True]),
    )
    def trade_by_the_strategy(
        self,
        side: Side,
        quantity: Quantity,
        price: Price | None,
        account: AccountId,
        taken: bool,  # noqa: FBT001
        reduce: bool,  # noqa: FBT001
    ) -> None:
        order = place(f"o-{len(self.desk.changes)}", side, quantity, price, account=account)
        self._place(replace(order, reduce_only=reduce, strategy_id=STRATEGY, reference=MARKET))
        if taken:
            self.accept_all()

    @rule(
        side=st.sampled_from(Side),
        leg=st.sampled_from(LEGS),
        quantity=quantities,
        led=st.booleans(),
    )
    def trade_a_leg(
        self,
        side: Side,
        leg: PositionSide,
        quantity: Quantity,
        led: bool,  # noqa: FBT001
    ) -> None:
        order = place(f"o-{len(self.desk.changes)}", side, quantity, account=HEDGED)
        strategy = STRATEGY if led else None
        self._place(replace(order, position_side=leg, strategy_id=strategy))

    def _place(self, order: PlaceOrder) -> None:
        if self.do(order).rejected is None and order.position_side is not PositionSide.NET:
            self.seen["order of a leg"] += 1

    @rule(
        what=st.sampled_from(
            (
                *("follow", "follow", "change", "change", "leave"),
                *("pause", "start", "start", "invite", "invite", "dismiss", "open", "close"),
            )
        ),
        account=st.sampled_from(FOLLOWERS),
        terms=st.sampled_from(TERMS),
    )
    def administer(self, what: str, account: AccountId, terms: Terms) -> None:
        commands: dict[str, Command] = {
            "follow": FollowStrategy(STRATEGY, account, terms),
            "change": ChangeFollower(STRATEGY, account, terms),
            "leave": UnfollowStrategy(STRATEGY, account),
            "pause": PauseStrategy(STRATEGY, LEADER),
            "start": StartStrategy(STRATEGY, LEADER),
            "invite": InviteFollower(STRATEGY, LEADER, account),
            "dismiss": DismissFollower(STRATEGY, LEADER, account),
            "open": ChangeAccess(STRATEGY, LEADER, Access.OPEN),
            "close": ChangeAccess(STRATEGY, LEADER, Access.INVITATION),
        }
        self.do(commands[what])

    # What the venue says.

    @rule(pick=picks)
    def accept(self, pick: int) -> None:
        """One order, or all that wait."""
        found = self.picked(pick)
        if found is not None and pick % 2:
            self.do(RecordAcceptance(found[1], found[0], SUSHI, f"v-{found[1]}", START))
        elif found is not None:
            self.accept_all()

    def accept_all(self) -> None:
        for account, order_id in list(self.orders):
            order = self.order(order_id)
            if order.status.is_open and not order.venue_order_id:
                self.do(RecordAcceptance(order_id, account, SUSHI, f"v-{order_id}", START))

    @rule(pick=picks, part=st.sampled_from([1, 1, 2, 4]), price=prices)
    def fill(self, pick: int, part: int, price: Price) -> None:
        """All that is left, or a part of it on the step."""
        found = self.picked(pick)
        if found is None:
            return
        self.execute(*found, part, price)

    def execute(self, account: AccountId, order_id: OrderId, part: int, price: Price) -> None:
        """A fill of all that is left, or of a part of it."""
        order = self.order(order_id)
        left = order.quantity - order.filled
        amount = left if part == 1 else (left / part).quantize(Decimal("0.1"))
        if amount <= 0:
            return
        self.executions += 1
        report = RecordFill(
            order_id=order_id,
            account_id=account,
            instrument_id=SUSHI,
            execution_id=ExecutionId(f"x-{self.executions}"),
            side=order.side,
            price=price,
            quantity=Quantity(amount),
            fee=usdt("0.01"),
            liquidity=Liquidity.TAKER,
            venue_time=START,
            position_side=order.position_side,
        )
        self.do(report)

    @rule(pick=picks, says=st.sampled_from(["yes", "yes", "yes", "no"]))
    def answer_an_amend(self, pick: int, says: str) -> None:
        asked = [each for each in self.orders if self.order(each[1]).pending is not None]
        if not asked:
            return
        account, order_id = asked[pick % len(asked)]
        if says == "no":
            amends = self.order(order_id).amends
            self.do(RecordAmendRejection(order_id, account, SUSHI, amends, "no", START))
        else:
            self.answer_to(account, order_id)

    @rule(pick=picks, asked=st.booleans())
    def end(self, pick: int, asked: bool) -> None:  # noqa: FBT001
        found = self.picked(pick)
        if found is not None and asked:
            self.do(CancelOrder(found[1], found[0]))
        elif found is not None:
            self.do(RecordCancellation(found[1], found[0], SUSHI, START))

    def answer_to(self, account: AccountId, order_id: OrderId) -> None:
        """The venue does what it is asked."""
        order = self.order(order_id)
        assert order.pending is not None
        assert order.pending.price is not None
        self.time += 1
        now = Quantity(order.pending.quantity), Price(order.pending.price)
        self.do(RecordAmendment(order_id, account, SUSHI, order.amends, *now, self.time))
