"""Random interleavings of moves, wider limits, orders, fills and cancels beside a slow model.

The model keeps lists and adds them up anew every time. Prices stand still, so that whatever an
account uses more of was admitted: shares hold at the prices of an admission.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.allotments.commands import MoveAllotment
from domain.allotments.state import Allotments
from domain.decision import Aggregate
from domain.dispatch import initial
from domain.ids import PLATFORM, AccountId, InstrumentId, OrderId, allotment_stream
from domain.instruments.commands import ListInstrument
from domain.orders.commands import PlaceOrder, RecordCancellation
from domain.reasons import Reason
from domain.risk.commands import SetLimits
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.risk.rules.allotments import used
from domain.risk.wider import Counted, Wider, WiderScope, limit_of
from domain.values import Quantity, Side
from tests.property import invariants
from tests.property.drawn import ACCOUNTS, INSTRUMENTS, STRATEGIES
from tests.support.allotting import GROSS, OPEN, given, limited, of_user, taken
from tests.support.membership import open_account, register
from tests.support.trading import ACCOUNT, NO_LIMITS, RULES, START, Desk, filled, order_id, place

_MARK: Final = Decimal(8)
_POSITION: Final = Wider(WiderScope.VENUE, "BINANCE", Counted.POSITION_NOTIONAL, "USDT")
_STRATEGIC: Final = Wider(WiderScope.STRATEGY, STRATEGIES[0], Counted.OPEN_NOTIONAL, "USDT")
WIDER: Final = (GROSS, OPEN, _POSITION, of_user("ada"), _STRATEGIC)
_NOTHING: Final = Decimal(0)


@dataclass
class Ordered:
    """One admitted order, and what it may still trade."""

    order: PlaceOrder
    left: Decimal


@dataclass
class House:
    """Everything that happened, in lists."""

    ordered: list[Ordered] = field(default_factory=list)
    fills: list[tuple[PlaceOrder, Decimal]] = field(default_factory=list)
    moves: list[tuple[Wider, AccountId, Decimal]] = field(default_factory=list)
    limits: dict[Wider, Decimal] = field(default_factory=dict)

    def share(self, wider: Wider, account: AccountId) -> Decimal:
        """What was given less what was taken."""
        mine = (amount for one, whose, amount in self.moves if (one, whose) == (wider, account))
        return sum(mine, _NOTHING)

    def allotted(self, wider: Wider) -> Decimal:
        """The same of all accounts."""
        return sum((self.share(wider, account) for account in ACCOUNTS), _NOTHING)

    def worst(
        self, account: AccountId, instrument: InstrumentId, more: PlaceOrder | None = None
    ) -> Decimal:
        """What the instrument could be worth, whichever of its sides is filled."""
        net = _NOTHING
        for order, amount in self.fills:
            if (order.account_id, order.instrument_id) == (account, instrument):
                net += amount * order.side.sign
        open_ = [(one.order, one.left) for one in self.ordered]
        open_ += [] if more is None else [(more, Decimal(more.quantity))]
        ends = []
        for side in Side:
            reached = net
            for order, left in open_:
                mine = (order.account_id, order.instrument_id, order.side)
                if mine == (account, instrument, side):
                    reached += left * side.sign
            ends.append(abs(reached))
        return max(ends) * _MARK

    def open(self, account: AccountId, wider: Wider, more: PlaceOrder | None = None) -> Decimal:
        """What open orders reserve at their own prices, of a strategy only its own."""
        open_ = [(one.order, one.left) for one in self.ordered]
        open_ += [] if more is None else [(more, Decimal(more.quantity))]
        total = _NOTHING
        for order, left in open_:
            its = wider.scope is not WiderScope.STRATEGY or order.strategy_id == wider.subject
            if order.account_id == account and its:
                total += left * (order.price or _MARK)
        return total

    def uses(self, wider: Wider, account: AccountId, more: PlaceOrder | None = None) -> Decimal:
        """What the account has of a limit; with an order more, of its instrument alone."""
        if wider.counted is Counted.OPEN_NOTIONAL:
            return self.open(account, wider, more)
        worst = {each: self.worst(account, each, more) for each in INSTRUMENTS}
        if wider.counted is Counted.GROSS_NOTIONAL:
            return sum(worst.values(), _NOTHING)
        return max(worst.values()) if more is None else worst[more.instrument_id]

    def opens(self, order: PlaceOrder) -> bool:
        """Whether something would be held on its side if all of that side were filled."""
        reached = _NOTHING
        for filled_, amount in self.fills:
            if _place(filled_) == _place(order):
                reached += amount * filled_.side.sign
        for one in self.ordered:
            if _place(one.order) == _place(order) and one.order.side is order.side:
                reached += one.left * order.side.sign
        reached += Decimal(order.quantity) * order.side.sign
        return reached * order.side.sign > 0

    def refuses(self, order: PlaceOrder) -> bool:
        """Whether the account's share of some limit is too small."""
        if order.reduce_only:
            return False
        for wider in self.limits:
            if not _binds(wider, order):
                continue
            asked = wider.counted is Counted.OPEN_NOTIONAL or self.opens(order)
            account = order.account_id
            if asked and self.uses(wider, account, order) > self.share(wider, account):
                return True
        return False


def _place(order: PlaceOrder) -> tuple[AccountId, InstrumentId]:
    return order.account_id, order.instrument_id


def _binds(wider: Wider, order: PlaceOrder) -> bool:
    if wider.scope is WiderScope.USER:
        return order.account_id == ACCOUNT
    return wider.scope is not WiderScope.STRATEGY or order.strategy_id == wider.subject


_amounts = st.integers(1, 40).map(lambda tens: Decimal(10 * tens))
_some_wider = st.sampled_from(WIDER)
_accounts = st.sampled_from(ACCOUNTS)


@st.composite
def _orders(draw: st.DrawFn) -> PlaceOrder:
    order = place(
        "later",
        draw(st.sampled_from(Side)),
        draw(st.integers(1, 20)),
        draw(st.sampled_from(["7.5", "8", "8.5"])),
        reference=_MARK,
        reduce_only=draw(st.sampled_from([False, False, False, True])),
        account=draw(_accounts),
        instrument=draw(st.sampled_from(INSTRUMENTS)),
    )
    return replace(order, strategy_id=draw(st.sampled_from([None, STRATEGIES[0]])))


class Allotting(RuleBasedStateMachine):
    """Two accounts at a desk, one of them ada's, and five wider limits."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.house = House()
        self.steps = 0
        self.used: dict[tuple[Wider, AccountId], Decimal] = {}

    @initialize()
    def open_the_house(self) -> None:
        for instrument in INSTRUMENTS:
            self.desk.events(ListInstrument(instrument, RULES))
        for account in ACCOUNTS:
            self.desk.events(SetLimits(account, NO_LIMITS))
        for name, account in zip(("ada", "bob"), ACCOUNTS, strict=True):
            self.desk.events(register(name))
            self.desk.events(open_account(account, name))
        for wider in WIDER:
            self.set_limit(wider, Decimal(500))
            for account in ACCOUNTS:
                self.move(given(200, wider, account))

    @rule(wider=_some_wider, value=st.one_of(st.none(), _amounts))
    def change_limit(self, wider: Wider, value: Decimal | None) -> None:
        self.seen[f"limit {self.set_limit(wider, value)}"] += 1

    def set_limit(self, wider: Wider, value: Decimal | None) -> Reason | None:
        """As it is decided where no second person is asked."""
        before = self.house.limits.get(wider)
        refused = None
        if value == before:
            refused = Reason.SETTING_UNCHANGED
        elif value is not None and value < self.house.allotted(wider):
            refused = Reason.WIDER_LIMIT_BELOW_SHARES
        elif value is None:
            del self.house.limits[wider]
        else:
            self.house.limits[wider] = value
        assert self.desk.reason(limited(value, wider)) is refused
        return refused

    @rule(wider=_some_wider, amount=_amounts, account=_accounts)
    def give(self, wider: Wider, amount: Decimal, account: AccountId) -> None:
        self.move(given(amount, wider, account))

    @rule(wider=_some_wider, amount=_amounts, account=_accounts)
    def take(self, wider: Wider, amount: Decimal, account: AccountId) -> None:
        self.move(taken(amount, wider, account))

    @rule(pick=st.integers(0, 100), extra=st.sampled_from([0, 1]))
    def take_what_is_unused(self, pick: int, extra: int) -> None:
        """And one more than that, of a limit that is used."""
        house = self.house
        pairs = [(wider, account) for wider in house.limits for account in ACCOUNTS]
        in_use = [pair for pair in pairs if house.uses(*pair) and house.share(*pair)]
        if in_use:
            wider, account = in_use[pick % len(in_use)]
            unused = house.share(wider, account) - house.uses(wider, account)
            if unused + extra > 0:
                self.move(taken(unused + extra, wider, account))

    def move(self, asked: MoveAllotment) -> None:
        """Both ways, as the lists say."""
        wider, account, amount, house = asked.wider, asked.account_id, asked.amount, self.house
        limit, share = house.limits.get(wider), house.share(wider, account)
        giving = asked == given(amount, wider, account)
        refused = None
        if giving and wider.scope is WiderScope.USER and account != ACCOUNT:
            refused = Reason.ALLOTMENT_OF_OTHERS
        elif giving and limit is not None and house.allotted(wider) + amount > limit:
            refused = Reason.ALLOTMENT_EXHAUSTED
        elif not giving and amount > share:
            refused = Reason.ALLOTMENT_TOO_SMALL
        elif not giving and limit is not None and share - amount < house.uses(wider, account):
            refused = Reason.ALLOTMENT_IN_USE
        else:
            house.moves.append((wider, account, amount if giving else -amount))
        assert self.desk.reason(asked) is refused
        self.seen[f"move {refused}"] += 1

    @rule(order=_orders())
    def ask(self, order: PlaceOrder) -> None:
        self.place(order)

    @rule(order=_orders())
    def ask_again(self, order: PlaceOrder) -> None:
        self.place(order)

    def place(self, order: PlaceOrder) -> None:
        """Refused by the share exactly when the lists say so."""
        self.steps += 1
        order = replace(order, order_id=order_id(f"allotted {self.steps}"))
        refused = self.house.refuses(order)
        verdict = self.desk.do(order).changes[-2].event
        assert isinstance(verdict, OrderAdmitted | OrderRefused)
        check = verdict.check if isinstance(verdict, OrderRefused) else "admitted"
        assert (check == "allotment") == refused, check
        self.seen[check] += 1
        if check != "admitted":
            return
        self.house.ordered.append(Ordered(order, Decimal(order.quantity)))
        if self.house.limits and not order.reduce_only:
            self.seen["within shares"] += 1
        if order.reduce_only:
            # It passes, and what it reserves is open: the one thing that may grow.
            for wider in (OPEN, _STRATEGIC):
                account = order.account_id
                self.used[wider, account] = self.house.uses(wider, account)

    @rule(pick=st.integers(0, 100), amount=st.integers(1, 20))
    def execute(self, pick: int, amount: int) -> None:
        """A part or all of what is left, at the price that stands."""
        open_ = [one for one in self.house.ordered if one.left]
        if not open_:
            return
        self.steps += 1
        one = open_[pick % len(open_)]
        quantity = min(one.left, Decimal(amount))
        report = replace(
            filled("x", f"x-{self.steps}", quantity, _MARK, side=one.order.side),
            order_id=one.order.order_id,
            account_id=one.order.account_id,
            instrument_id=one.order.instrument_id,
            quantity=Quantity(quantity),
        )
        self.desk.events(report)
        one.left -= quantity
        self.house.fills.append((one.order, quantity))

    @rule(pick=st.integers(0, 100))
    def cancel(self, pick: int) -> None:
        open_ = [one for one in self.house.ordered if one.left]
        if open_:
            one = open_[pick % len(open_)]
            which: tuple[OrderId, AccountId, InstrumentId] = (
                one.order.order_id, one.order.account_id, one.order.instrument_id
            )  # fmt: skip
            self.desk.events(RecordCancellation(*which, START))
            one.left = _NOTHING

    @invariant()
    def shares_stay_within_the_limit(self) -> None:
        for wider in WIDER:
            state = self.desk.states.get(allotment_stream(*wider), initial(Aggregate.ALLOTMENT))
            assert isinstance(state, Allotments)
            limit = limit_of(self.desk.risk(PLATFORM).governance.wider, wider)
            assert limit == self.house.limits.get(wider)
            assert state.allotted == sum(state.shares.values()) == self.house.allotted(wider)
            assert limit is None or state.allotted <= limit

    @invariant()
    def both_streams_say_the_same(self) -> None:
        for wider in WIDER:
            state = self.desk.states.get(allotment_stream(*wider), initial(Aggregate.ALLOTMENT))
            assert isinstance(state, Allotments)
            for account in ACCOUNTS:
                share = self.desk.risk(account).governance.shares.get(wider, _NOTHING)
                assert share == state.shares.get(account, _NOTHING)
                assert share == self.house.share(wider, account)

    @invariant()
    def nothing_grows_beyond_its_share(self) -> None:
        """Used and reserved are within the share, or no more than before or than what reduces."""
        for wider in WIDER:
            for account in ACCOUNTS:
                now = used(wider, self.desk.risk(account))
                assert now == self.house.uses(wider, account)
                binds = wider.scope is not WiderScope.USER or account == ACCOUNT
                if wider in self.house.limits and binds:
                    before = self.used.get((wider, account), _NOTHING)
                    assert now <= max(before, self.house.share(wider, account))
                self.used[wider, account] = now

    def teardown(self) -> None:
        invariants.the_whole_story_folds_to_the_states_that_grew(self.desk)


def test_random_interleavings_keep_every_share_within_its_limit() -> None:
    Allotting.seen.clear()
    # Each step adds everything up again: a third of the stories costs what others do.
    stories = max(1, settings().max_examples // 3)
    run_state_machine_as_test(Allotting, settings=settings(max_examples=stories))
    seen = Allotting.seen
    assert seen["within shares"] > 50, seen
    assert seen["allotment"] > 50, seen
    moved = {"move None", *(f"move {reason}" for reason in (
        Reason.ALLOTMENT_EXHAUSTED, Reason.ALLOTMENT_TOO_SMALL, Reason.ALLOTMENT_IN_USE,
        Reason.ALLOTMENT_OF_OTHERS))}  # fmt: skip
    assert {each for each in moved if seen[each]} == moved, seen
    assert seen["limit None"] > 18, seen
    assert seen[f"limit {Reason.WIDER_LIMIT_BELOW_SHARES}"] > 20, seen
    assert seen[f"limit {Reason.SETTING_UNCHANGED}"] > 8, seen
