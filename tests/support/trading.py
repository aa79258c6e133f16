"""Short words for trading in tests: example commands, and all streams in memory to run them on.

`Desk` decides and folds, nothing else: no log, no clock, no batches. Every decision is taken twice,
because a decision that differs on a second look is not pure.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from domain.accounts.state import Account
from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.dispatch import Command, State, decide, evolve, initial, streams_read
from domain.ids import (
    PLATFORM,
    AccountId,
    ExecutionId,
    InstrumentId,
    OrderId,
    StrategyId,
    StreamId,
    account_stream,
    derived,
    instrument_stream,
    order_stream,
    position_stream,
    risk_stream,
    strategy_stream,
)
from domain.instruments.commands import ListInstrument
from domain.instruments.events import TradingRules
from domain.instruments.state import Instrument
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
    RecordRejection,
    RecordTrigger,
    ReferencePrice,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.state import Order
from domain.positions.state import Position
from domain.reasons import Reason
from domain.registry import Event
from domain.risk.commands import Limits, SetLimits
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.strategies.state import Strategy
from domain.values import Money, PositionSide, Price, Quantity, Side

ACCOUNT: Final = AccountId(derived("test", "account"))
OTHER_ACCOUNT: Final = AccountId(derived("test", "other account"))
SUSHI: Final = InstrumentId("BINANCE:SUSHIUSDT")
RULES: Final = TradingRules(
    currency="USDT",
    tick=Decimal("0.001"),
    step=Decimal("0.1"),
    minimum_quantity=Decimal("0.5"),
    maximum_quantity=Decimal(10_000),
    maximum_market_quantity=Decimal(2_000),
    minimum_notional=Decimal(5),
    trading=True,
)
NO_LIMITS: Final = Limits(currency="USDT")
START: Final = 1_626_912_000_000_000
"""2021-07-22 00:00 UTC in microseconds."""


def number(text: str | int | Decimal) -> Decimal:
    """A decimal from what is short to write."""
    return Decimal(text)


def price(text: str | int | Decimal) -> Price:
    """A price from what is short to write."""
    return Price(Decimal(text))


def quantity(text: str | int | Decimal) -> Quantity:
    """A quantity from what is short to write."""
    return Quantity(Decimal(text))


def usdt(text: str | int | Decimal) -> Money:
    """Money of the examples' currency."""
    return Money(Decimal(text), "USDT")


def order_id(name: str) -> OrderId:
    """The id of an order that a test calls by a name."""
    return OrderId(derived("test", "order", name))


def place(
    name: str,
    side: Side = Side.BUY,
    amount: str | int | Decimal = 10,
    at: str | int | Decimal | None = "8",
    *,
    time_in_force: TimeInForce | None = None,
    reduce_only: bool = False,
    reference: str | int | Decimal | None = None,
    account: AccountId = ACCOUNT,
    instrument: InstrumentId = SUSHI,
) -> PlaceOrder:
    """A limit order at a price, or a market order without one."""
    market = at is None
    usual = TimeInForce.IOC if market else TimeInForce.GTC
    return PlaceOrder(
        order_id=order_id(name),
        account_id=account,
        instrument_id=instrument,
        side=side,
        type=OrderType.MARKET if market else OrderType.LIMIT,
        time_in_force=time_in_force or usual,
        quantity=quantity(amount),
        price=None if at is None else price(at),
        reduce_only=reduce_only,
        reference=None if reference is None else ReferencePrice(price(reference), START),
    )


def conditional(
    name: str,
    kind: OrderType = OrderType.STOP_MARKET,
    side: Side = Side.SELL,
    amount: str | int | Decimal = 10,
    at: str | int | Decimal | None = None,
    *,
    trigger: str | int | Decimal | None = "7.5",
    callback: str | None = None,
    activation: str | None = None,
    source: TriggerSource = TriggerSource.LAST,
    reference: str | int | Decimal | None = 8,
    time_in_force: TimeInForce = TimeInForce.GTC,
    reduce_only: bool = False,
) -> PlaceOrder:
    """A stop that sells below a market of 8, or what else was asked for."""
    return PlaceOrder(
        order_id=order_id(name),
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=side,
        type=kind,
        time_in_force=time_in_force,
        quantity=quantity(amount),
        price=None if at is None else price(at),
        reduce_only=reduce_only,
        reference=None if reference is None else ReferencePrice(price(reference), START),
        trigger=Trigger(
            source,
            None if trigger is None else price(trigger),
            None if callback is None else Decimal(callback),
            None if activation is None else price(activation),
        ),
    )


def closing(name: str, kind: OrderType = OrderType.STOP_MARKET, **values: object) -> PlaceOrder:
    """A stop that closes a long position below a market of 8, or what else was asked for."""
    order = conditional(name, kind, amount=0, reduce_only=True)
    changes: dict[str, Any] = {"close_position": True, **values}
    return replace(order, **changes)


def triggered(name: str, at: str | None = "7.5") -> RecordTrigger:
    """The venue triggered the order."""
    known = None if at is None else price(at)
    return RecordTrigger(order_id(name), ACCOUNT, SUSHI, known, START)


def cancel(name: str, *, account: AccountId = ACCOUNT) -> CancelOrder:
    """Ask to cancel."""
    return CancelOrder(order_id(name), account)


def accepted(name: str, venue_order_id: str = "v-1") -> RecordAcceptance:
    """The venue took the order."""
    return RecordAcceptance(order_id(name), ACCOUNT, SUSHI, venue_order_id, START)


def rejected(name: str) -> RecordRejection:
    """The venue refused the order."""
    return RecordRejection(order_id(name), ACCOUNT, SUSHI, "no margin", START)


def cancelled(name: str) -> RecordCancellation:
    """The venue cancelled."""
    return RecordCancellation(order_id(name), ACCOUNT, SUSHI, START)


def cancel_rejected(name: str) -> RecordCancelRejection:
    """The venue refused to cancel."""
    return RecordCancelRejection(order_id(name), ACCOUNT, SUSHI, "unknown order", START)


def expired(name: str) -> RecordExpiry:
    """The venue ended the order."""
    return RecordExpiry(order_id(name), ACCOUNT, SUSHI, "immediate or cancel", START)


def filled(
    name: str,
    execution: str,
    amount: str | int | Decimal,
    at: str | int | Decimal = "8",
    *,
    side: Side = Side.BUY,
    fee: Money | None = None,
) -> RecordFill:
    """The venue executed a part."""
    return RecordFill(
        order_id=order_id(name),
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        execution_id=ExecutionId(execution),
        side=side,
        price=price(at),
        quantity=quantity(amount),
        fee=fee or usdt("0.01"),
        liquidity=Liquidity.TAKER,
        venue_time=START,
    )


@dataclass(slots=True)
class Desk:
    """Every stream in memory, and the changes in the order in which they were decided."""

    at: int = START
    states: dict[StreamId, State] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def do(self, command: Command) -> Decision:
        """Decide, fold what was decided, and return the decision."""
        refs = streams_read(command, self._state)
        before = [self._state(ref) for ref in refs]
        decision = decide(command, before, self.at)
        assert decision == decide(command, before, self.at), "a decision is pure"
        for change in decision.changes:
            stream = change.stream
            assert stream in refs, "only declared streams are written"
            self.states[stream.stream_id] = evolve(self._state(stream), change.event)
        self.changes.extend(decision.changes)
        return decision

    def _state(self, ref: StreamRef) -> State:
        return self.states.get(ref.stream_id, initial(ref.aggregate))

    def events(self, command: Command) -> list[Event]:
        """The events of a command that must not be refused."""
        decision = self.do(command)
        assert decision.rejected is None, decision.rejected
        return [change.event for change in decision.changes]

    def reason(self, command: Command) -> Reason | None:
        """Why a command is refused; None when it is not."""
        decision = self.do(command)
        return decision.rejected.reason if decision.rejected is not None else None

    def order(self, name: str) -> Order:
        """An order by its name in the test."""
        return self.order_of(order_id(name))

    def order_of(self, known_as: OrderId) -> Order:
        """An order by its id."""
        state = self.states.get(order_stream(known_as), initial(Aggregate.ORDER))
        assert isinstance(state, Order)
        return state

    def risk(self, account: AccountId = ACCOUNT) -> Risk:
        """An account's risk."""
        state = self.states.get(risk_stream(account), initial(Aggregate.RISK))
        assert isinstance(state, Risk)
        return state

    def position(
        self,
        account: AccountId = ACCOUNT,
        instrument: InstrumentId = SUSHI,
        side: PositionSide = PositionSide.NET,
    ) -> Position:
        """An account's position."""
        stream = position_stream(account, instrument, side)
        state = self.states.get(stream, initial(Aggregate.POSITION))
        assert isinstance(state, Position)
        return state

    def question(self, order: PlaceOrder) -> Question:
        """What the checks would be asked about the order now."""
        risk = self.risk(order.account_id)
        return Question(
            order,
            risk,
            self.risk(PLATFORM),
            self.instrument(order.instrument_id),
            risk.exposure(order.instrument_id, order.position_side),
            self.at,
            self.account(order.account_id),
            self.strategy(order.strategy_id),
        )

    def strategy(self, strategy_id: StrategyId | None) -> Strategy:
        """A strategy; none is one that was never registered."""
        if strategy_id is None:
            return Strategy()
        stream = strategy_stream(strategy_id)
        state = self.states.get(stream, initial(Aggregate.STRATEGY))
        assert isinstance(state, Strategy)
        return state

    def account(self, account: AccountId = ACCOUNT) -> Account:
        """An account."""
        state = self.states.get(account_stream(account), initial(Aggregate.ACCOUNT))
        assert isinstance(state, Account)
        return state

    def instrument(self, instrument: InstrumentId = SUSHI) -> Instrument:
        """An instrument's rules."""
        state = self.states.get(instrument_stream(instrument), initial(Aggregate.INSTRUMENT))
        assert isinstance(state, Instrument)
        return state


def desk(limits: Limits | None = NO_LIMITS, rules: TradingRules | None = RULES) -> Desk:
    """A desk with the example instrument listed and the account's limits set."""
    new = Desk()
    if rules is not None:
        new.events(ListInstrument(SUSHI, rules))
    if limits is not None:
        new.events(SetLimits(ACCOUNT, limits))
    return new
