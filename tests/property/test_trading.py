"""Random trading against slow, obvious models: any commands, any reports, in any order, repeated.

Invariants checked after every step carry names; a failure prints the shortest story that breaks
one.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.ids import AccountId, ExecutionId, InstrumentId
from domain.instruments.commands import ListInstrument
from domain.orders.commands import (
    CancelOrder,
    Liquidity,
    PlaceOrder,
    RecordAcceptance,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    RecordRejection,
    RecordTrigger,
    VenueReport,
)
from domain.orders.forms import CONDITIONAL
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, SetLimits
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.values import Money, Price, Quantity, Side
from tests.property import invariants, read_models
from tests.property.amending import Amending
from tests.property.drawn import (
    INSTRUMENTS,
    accounts,
    fees,
    good_orders,
    instruments,
    limits,
    odd_orders,
    picks,
    prices,
    quantities,
    scopes,
)
from tests.property.order_model import OrderModel
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, RULES, START

_TRADES: Final = {"submitting", "accepted", "partially_filled", "pending_cancel"}


class Trading(Amending):
    """The domain beside the models; `house` is what is true by counting."""

    @initialize(mine=limits)
    def open_the_house(self, mine: Limits) -> None:
        """Most stories begin on a desk that can trade."""
        for instrument in INSTRUMENTS:
            self.list_instrument(instrument, trading=True)
        self.set_limits(ACCOUNT, mine)
        self.set_limits(OTHER_ACCOUNT, Limits(currency="USDT"))

    @rule(
        what=st.sampled_from(["halt", "resume", "resume", "limits", "list", "wait"]),
        scope=scopes,
        account=accounts,
        new=limits,
        instrument=instruments,
        trading=st.sampled_from([True, True, False]),
        microseconds=st.sampled_from([1, 999_999, 1_000_000]),
    )
    def administer(
        self,
        what: str,
        scope: AccountId,
        account: AccountId,
        new: Limits,
        instrument: InstrumentId,
        trading: bool,  # noqa: FBT001
        microseconds: int,
    ) -> None:
        match what:
            case "halt":
                self.halt(scope)
            case "resume":
                for halted in sorted(self.house.halted) or [scope]:
                    self.resume(halted)
            case "limits":
                self.set_limits(account, new)
            case "list":
                self.list_instrument(instrument, trading=trading)
            case _:
                self.desk.at += microseconds

    def list_instrument(self, instrument: InstrumentId, *, trading: bool) -> None:
        rules = replace(RULES, trading=trading)
        unchanged = self.house.rules.get(instrument) == rules
        expected = Reason.INSTRUMENT_UNCHANGED if unchanged else None
        assert self.desk.reason(ListInstrument(instrument, rules)) is expected
        self.house.rules[instrument] = rules

    def set_limits(self, account: AccountId, new: Limits) -> None:
        assert self.desk.reason(SetLimits(account, new)) is None
        self.house.limits[account] = new
        if not new.duplicate_window:
            for order in self.house.of(account):
                order.remembered = False

    def halt(self, account: AccountId) -> None:
        expected = Reason.ALREADY_HALTED if account in self.house.halted else None
        assert self.desk.reason(HaltTrading(account, "halt")) is expected
        self.house.halted.add(account)

    def resume(self, account: AccountId) -> None:
        expected = None if account in self.house.halted else Reason.NOT_HALTED
        assert self.desk.reason(ResumeTrading(account, "resume")) is expected
        self.house.halted.discard(account)

    @rule(order=good_orders())
    def place(self, order: PlaceOrder) -> None:
        self.send(replace(order, order_id=self.fresh()))

    @rule(order=good_orders())
    def place_another(self, order: PlaceOrder) -> None:
        self.send(replace(order, order_id=self.fresh()))

    @rule(order=odd_orders())
    def place_an_odd_one(self, order: PlaceOrder) -> None:
        self.send(replace(order, order_id=self.fresh()))

    @rule(pick=picks, order=good_orders())
    def place_under_a_taken_id(self, pick: int, order: PlaceOrder) -> None:
        self.send(replace(order, order_id=self.known(pick)))

    @rule(pick=picks)
    def repeat_an_intent(self, pick: int) -> None:
        before = self.house.orders.get(self.known(pick))
        if before is not None:
            self.send(replace(before.placed, order_id=self.fresh()))

    def send(self, order: PlaceOrder) -> None:
        expected = self.house.refusal(order, self.desk.at)
        decision = self.desk.do(order)
        found = self.counted("place", decision)
        assert found is expected, (found, expected)
        if found is Reason.ORDER_ALREADY_EXISTS:
            assert decision.changes == ()
            return
        verdict, _ = (change.event for change in decision.changes)
        assert isinstance(verdict, OrderAdmitted if found is None else OrderRefused)
        invariants.inputs_are_what_was_true(verdict, order, self.house)
        limits_now = self.house.limits[order.account_id]
        remembered = bool(limits_now.duplicate_window)
        held = self.house.closable(order)
        model = OrderModel(order, self.desk.at, found, remembered=remembered, held=held)
        self.house.orders[order.order_id] = model
        if found is None:
            invariants.reserved_plus_used_is_within_every_limit(order, self.house)

    @rule(pick=picks, account=accounts)
    def cancel(self, pick: int, account: AccountId) -> None:
        command = CancelOrder(self.known(pick), account)
        order = self.house.orders.get(command.order_id)
        if order is None or order.placed.account_id != account:
            assert self.desk.reason(command) is Reason.ORDER_UNKNOWN
            return
        self.tell(order, command)

    @rule(
        pick=picks,
        kind=st.sampled_from(
            ["accept"] * 4 + ["no cancel", "reject", "cancel", "expire", "lose", "find", "miss"]
        ),
        venue_order_id=st.sampled_from(["v-1", "v-1", "v-1", "v-2"]),
    )
    def report(self, pick: int, kind: str, venue_order_id: str) -> None:
        known = self.known(pick)
        account, instrument = self.whose(known)
        reports: dict[str, VenueReport] = {
            "accept": RecordAcceptance(known, account, instrument, venue_order_id, START),
            "no cancel": RecordCancelRejection(known, account, instrument, "gone", START),
            "reject": RecordRejection(known, account, instrument, "no", START),
            "cancel": RecordCancellation(known, account, instrument, START),
            "expire": RecordExpiry(known, account, instrument, "over", START),
            "lose": RecordOutcomeUnknown(known, account, instrument, "no answer", START),
            "find": RecordReconciled(known, account, instrument, venue_order_id, Decimal(0), START),
            "miss": RecordNotFound(known, account, instrument, START),
        }
        self.deliver(reports[kind])

    @rule(pick=picks)
    def trigger(self, pick: int) -> None:
        """What waits for a price is triggered, so that stories go on behind it."""
        waiting = [
            known
            for known, model in self.house.orders.items()
            if model.placed.type in CONDITIONAL and model.status() in {"submitting", "accepted"}
        ]
        known = waiting[pick % len(waiting)] if waiting else self.known(pick)
        account, instrument = self.whose(known)
        self.deliver(RecordTrigger(known, account, instrument, None, START))

    @rule(
        pick=picks,
        execution=st.integers(1, 40),
        price=prices,
        quantity=quantities,
        whole=st.booleans(),
        fee=fees,
        wrong_side=st.sampled_from([False] * 9 + [True]),
    )
    def fill(
        self,
        pick: int,
        execution: int,
        price: Price,
        quantity: Quantity,
        whole: bool,  # noqa: FBT001
        fee: Money,
        wrong_side: bool,  # noqa: FBT001
    ) -> None:
        known = self.known_in(_TRADES, pick)
        account, instrument = self.whose(known)
        order = self.house.orders.get(known)
        side = order.placed.side if order is not None else Side.BUY
        if order is not None and whole:
            left = order.most() - order.filled()
            if left > 0:
                quantity = Quantity(Decimal(left.numerator) / Decimal(left.denominator))
        self.deliver(
            RecordFill(
                order_id=known,
                account_id=account,
                instrument_id=instrument,
                execution_id=ExecutionId(f"x-{execution}"),
                side=side.opposite if wrong_side else side,
                price=price,
                quantity=quantity,
                fee=fee,
                liquidity=Liquidity.TAKER,
                venue_time=START,
            )
        )

    @rule(pick=picks, refused=st.booleans())
    def settle_a_cancel(self, pick: int, refused: bool) -> None:  # noqa: FBT001
        """The venue's answer to one of the cancels that were asked for."""
        pending = [o for o in self.house.orders.values() if o.status() == "pending_cancel"]
        if pending:
            order = pending[pick % len(pending)].placed
            where = order.order_id, order.account_id, order.instrument_id
            self.deliver(
                RecordCancelRejection(*where, "gone", START)
                if refused
                else RecordCancellation(*where, START)
            )

    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        """Any report of the past, long after it made sense."""
        if self.sent:
            self.deliver(self.sent[pick % len(self.sent)])

    @rule(pick=picks, account=accounts, instrument=instruments)
    def report_about_a_stranger(
        self, pick: int, account: AccountId, instrument: InstrumentId
    ) -> None:
        known = self.known(pick)
        if (account, instrument) != self.whose(known) or known not in self.house.orders:
            report = RecordCancellation(known, account, instrument, START)
            assert self.desk.reason(report) is Reason.ORDER_UNKNOWN

    @invariant()
    def every_order_is_what_its_history_makes_it(self) -> None:
        invariants.every_order_is_what_its_history_makes_it(self.desk, self.house)

    @invariant()
    def risk_holds_what_is_open_and_nothing_else(self) -> None:
        invariants.risk_holds_what_is_open_and_nothing_else(self.desk, self.house)

    @invariant()
    def what_can_lie_on_the_book_is_known(self) -> None:
        invariants.what_can_lie_on_the_book_is_known(self.desk, self.house)

    @invariant()
    def cash_profit_and_cost_add_up_to_the_last_digit(self) -> None:
        invariants.cash_profit_and_cost_add_up_to_the_last_digit(self.desk, self.house)

    @invariant()
    def fees_add_up_to_the_last_digit_in_each_currency(self) -> None:
        invariants.fees_add_up_to_the_last_digit_in_each_currency(self.desk, self.house)

    def teardown(self) -> None:
        invariants.the_whole_story_folds_to_the_states_that_grew(self.desk)
        read_models.show_what_the_domain_holds(self.desk)


def test_random_trading_agrees_with_the_models() -> None:
    Trading.seen.clear()
    # Long ones, so that stories meet whatever is drawn: Hypothesis also draws constants of the
    # modules that are loaded, and so other stories in a run of the whole suite than alone.
    long = settings(stateful_step_count=2 * settings().stateful_step_count)
    run_state_machine_as_test(Trading, settings=long)
    seen = Trading.seen
    assert seen["place: ok"] > 1_000, seen
    assert sum(n for what, n in seen.items() if what.startswith("place: ")) > 3_000, seen
    assert len([what for what in seen if what.startswith("place: ")]) > 17, seen
    assert seen["funding: ok"] > 20, seen
    assert seen["balance: BALANCE_OUTDATED"] > 5, seen
    amends = {what: count for what, count in seen.items() if what.startswith("AmendOrder")}
    assert sum(count for what, count in amends.items() if what.endswith("ok")) > 50, amends
    assert len(amends) > 10, amends
    answers = {what: count for what, count in seen.items() if what.startswith("RecordAmend")}
    assert sum(count for what, count in answers.items() if what.endswith("ok")) > 50, answers
    assert any(what.startswith("RecordTrigger") and what.endswith("ok") for what in seen), seen
    fills = {what: count for what, count in seen.items() if what.startswith("RecordFill")}
    assert sum(count for what, count in fills.items() if what.endswith("ok")) > 200, fills
    assert sum(count for what, count in fills.items() if what.endswith("APPLIED")) > 50, fills
