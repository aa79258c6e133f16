"""What has to be copied: intents, followers and virtual positions as the log leaves them.

A fold of the log in its order, so that what it knows of leader and follower is of one moment. An
intent waits for each follower until that follower's own event says what became of it; whoever folds
the same log knows the same, which is why a copy is made once however many workers there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId
from domain.instruments.events import InstrumentListed, TradingRules
from domain.orders.commands import OrderType, TimeInForce
from domain.orders.events import (
    Finding,
    OrderAmended,
    OrderCancelled,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderReconciled,
    OrderRejected,
)
from domain.registry import Event, stored_names
from domain.strategies.events import (
    CopyRefused,
    CopySkipped,
    DriftFound,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
    SignalSubmitted,
    StrategyRegistered,
)
from domain.strategies.sizing import drifts, expected
from domain.strategies.terms import CopySource, DriftPolicy, Intent, IntentKind, Terms
from domain.values import ZERO, Quantity, Side, minus, plus, signed, times

TYPES: Final = stored_names(
    InstrumentListed, StrategyRegistered, SignalSubmitted, FollowingBegun, FollowingChanged,
    FollowingEnded, IntentCopied, CopySkipped, CopyRefused, DriftFound, OrderPlaced, OrderFilled,
    OrderCancelRequested, OrderCancelled, OrderExpired, OrderRejected, OrderAmended,
    OrderReconciled,
)  # fmt: skip
"""Stored names of the events that are folded; all others leave everything as it is."""

ORDER_VALID: Final = 60_000_000
"""Microseconds for which a leader's order is copied: later the market is another one."""


@dataclass(slots=True)
class Open:
    """An order of a strategy that the venue may still fill."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    left: Decimal
    intent_id: str = ""
    """Of the intent that it copies; empty for any other order."""
    filled: Decimal = ZERO


@dataclass(slots=True)
class LastDrift:
    """What was found last, so that it is not found again and again."""

    leader: Decimal
    held: Decimal
    at: int


@dataclass(slots=True)
class Copier:
    """One follower; without terms it follows no more."""

    terms: Terms | None
    seen: int
    waiting: list[Intent] = field(default_factory=list)
    """Intents without an outcome, the oldest first."""
    drift: dict[InstrumentId, LastDrift] = field(default_factory=dict)


@dataclass(slots=True)
class Led:
    """One registered strategy."""

    account_id: AccountId
    source: CopySource
    followers: dict[AccountId, Copier] = field(default_factory=dict)
    held: dict[AccountId, dict[InstrumentId, Decimal]] = field(default_factory=dict)
    working: dict[AccountId, dict[InstrumentId, Decimal]] = field(default_factory=dict)
    """What open orders may still add, signed."""
    moved: dict[AccountId, int] = field(default_factory=dict)
    """When an order of the account last changed."""


class Copy(NamedTuple):
    """The next intent of one follower."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    seen: int
    held: Decimal


class Drift(NamedTuple):
    """A follower that is not where it should be."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    seen: int
    leader: Decimal
    held: Decimal


@dataclass(slots=True)
class Following:
    """All of it, up to a position of the log."""

    position: int = 0
    strategies: dict[StrategyId, Led] = field(default_factory=dict)
    rules: dict[InstrumentId, TradingRules] = field(default_factory=dict)
    open: dict[OrderId, Open] = field(default_factory=dict)
    cancels: dict[OrderId, AccountId] = field(default_factory=dict)
    """Copies whose leader's order has ended, and that nobody was asked to cancel yet."""

    def copies(self) -> list[Copy]:
        """The next intent of each follower that has one."""
        return [
            Copy(
                strategy_id,
                account_id,
                copier.waiting[0],
                copier.seen,
                _held(led, account_id, copier.waiting[0].instrument_id),
            )
            for strategy_id, led in self.strategies.items()
            for account_id, copier in led.followers.items()
            if copier.waiting
        ]

    def drifts(self, *, quiet_since: int, again_before: int) -> list[Drift]:
        """Followers with nothing under way since then that are not where they should be.

        What was reported is not reported again; what was to be repaired is, if the last time was
        before `again_before`.
        """
        busy = {(one.strategy_id, one.account_id) for one in self.open.values()}
        found: list[Drift] = []
        for strategy_id, led in self.strategies.items():
            if (strategy_id, led.account_id) in busy or not _quiet(led, quiet_since):
                continue
            for account_id, copier in led.followers.items():
                if copier.waiting or (strategy_id, account_id) in busy:
                    continue
                if led.moved.get(account_id, 0) <= quiet_since:
                    found += self._of(strategy_id, account_id, again_before)
        return found

    def fold(self, position: int, event: Event, at: int) -> None:
        """One more event, of the types that are folded."""
        self.position = position
        match event:
            case InstrumentListed():
                self.rules[event.instrument_id] = event.rules
            case StrategyRegistered():
                self.strategies[event.strategy_id] = Led(event.account_id, event.source)
            case SignalSubmitted():
                led = self.strategies[event.strategy_id]
                if led.source is CopySource.SIGNALS:
                    _wait(led, _of_signal(event))
            case OrderPlaced() | OrderFilled():
                self._order(event, at)
            case OrderAmended():
                self._amended(event, at)
            case OrderReconciled():
                if event.finding is Finding.NOT_FOUND:
                    self._ending(event.order_id, at, ended=True)
            case (
                OrderCancelRequested(order_id=order_id)
                | OrderCancelled(order_id=order_id)
                | OrderExpired(order_id=order_id)
                | OrderRejected(order_id=order_id)
            ):
                self._ending(order_id, at, ended=not isinstance(event, OrderCancelRequested))
            case _:
                self._follower(event)

    def _follower(self, event: Event) -> None:
        match event:
            case FollowingBegun() | FollowingChanged():
                followers = self.strategies[event.strategy_id].followers
                copier = followers.setdefault(event.account_id, Copier(None, 0))
                copier.terms = event.terms
                copier.seen += 1
            case FollowingEnded():
                copier = self.strategies[event.strategy_id].followers[event.account_id]
                copier.terms = None
                copier.waiting.clear()
                copier.seen += 1
            case IntentCopied() | CopySkipped() | CopyRefused():
                copier = self.strategies[event.strategy_id].followers[event.account_id]
                done = event.intent.intent_id
                copier.waiting = [one for one in copier.waiting if one.intent_id != done]
                copier.seen += 1
                if isinstance(event, IntentCopied) and event.order_id in self.open:
                    self.open[event.order_id].intent_id = done
            case DriftFound():
                copier = self.strategies[event.strategy_id].followers[event.account_id]
                last = LastDrift(event.leader, event.held, event.at)
                copier.drift[event.instrument_id] = last
                copier.seen += 1
            case _:
                pass

    def _order(self, event: OrderPlaced | OrderFilled, at: int) -> None:
        strategy_id = event.strategy_id
        led = None if strategy_id is None else self.strategies.get(strategy_id)
        if led is None or strategy_id is None:
            return
        account, instrument = event.account_id, event.instrument_id
        led.moved[account] = at
        if isinstance(event, OrderPlaced):
            left = event.quantity
            self.open[event.order_id] = Open(strategy_id, account, instrument, event.side, left)
            _add(led.working, account, instrument, signed(event.side, left))
            if account == led.account_id and led.source is CopySource.ORDERS:
                _wait(led, _of_order(event, at))
            return
        _add(led.held, account, instrument, signed(event.side, event.quantity))
        order = self.open.get(event.order_id)
        if order is None:
            return
        took = min(order.left, event.quantity)
        order.left = minus(order.left, took)
        order.filled = plus(order.filled, event.quantity)
        _add(led.working, account, instrument, minus(ZERO, signed(event.side, Quantity(took))))
        if not order.left:
            self._forget(event.order_id)

    def _amended(self, event: OrderAmended, at: int) -> None:
        """Another quantity; copies stay what they are, and drift tells what that makes."""
        order = self.open.get(event.order_id)
        if order is None:
            return
        led = self.strategies[order.strategy_id]
        led.moved[order.account_id] = at
        left = max(ZERO, minus(event.quantity, order.filled))
        more = minus(left, order.left)
        order.left = left
        _add(
            led.working,
            order.account_id,
            order.instrument_id,
            times(more, Decimal(order.side.sign)),
        )
        if not left:
            self._forget(event.order_id)

    def _ending(self, order_id: OrderId, at: int, *, ended: bool) -> None:
        """The copies of a leader's order end with it; one's own end makes a cancel needless."""
        order = self.open.get(order_id)
        self.cancels.pop(order_id, None)
        if order is None:
            return
        led = self.strategies[order.strategy_id]
        led.moved[order.account_id] = at
        if order.account_id == led.account_id:
            for known_as, one in self.open.items():
                if one.intent_id == order_id:
                    self.cancels[known_as] = one.account_id
        if ended:
            rest = minus(ZERO, signed(order.side, Quantity(order.left)))
            _add(led.working, order.account_id, order.instrument_id, rest)
            self._forget(order_id)

    def _forget(self, order_id: OrderId) -> None:
        del self.open[order_id]
        self.cancels.pop(order_id, None)

    def _of(
        self, strategy_id: StrategyId, account_id: AccountId, again_before: int
    ) -> Iterator[Drift]:
        led = self.strategies[strategy_id]
        copier = led.followers[account_id]
        terms = copier.terms
        if terms is None:
            return
        leading, following = led.held.get(led.account_id, {}), led.held.get(account_id, {})
        for instrument in sorted({*leading, *following}):
            leader, held = leading.get(instrument, ZERO), following.get(instrument, ZERO)
            rules, last = self.rules.get(instrument), copier.drift.get(instrument)
            if rules is None:
                continue
            if not drifts(terms, expected(terms, leader, held, rules), held):
                continue
            told = last is not None and (last.leader, last.held) == (leader, held)
            if last is not None and told:
                told = terms.drift is DriftPolicy.REPORT or last.at >= again_before
            if told:
                continue
            yield Drift(strategy_id, account_id, instrument, copier.seen, leader, held)


def _quiet(led: Led, since: int) -> bool:
    return led.moved.get(led.account_id, 0) <= since


def _wait(led: Led, intent: Intent) -> None:
    for copier in led.followers.values():
        if copier.terms is not None:
            copier.waiting.append(intent)


def _held(led: Led, account: AccountId, instrument: InstrumentId) -> Decimal:
    """The position with what is open counted as filled."""
    filled = led.held.get(account, {}).get(instrument, ZERO)
    return plus(filled, led.working.get(account, {}).get(instrument, ZERO))


def _add(
    sums: dict[AccountId, dict[InstrumentId, Decimal]],
    account: AccountId,
    instrument: InstrumentId,
    quantity: Decimal,
) -> None:
    of_account = sums.setdefault(account, {})
    of_account[instrument] = plus(of_account.get(instrument, ZERO), quantity)


def _of_signal(event: SignalSubmitted) -> Intent:
    """With a price at once or not at all, so that nothing of it stays open."""
    return Intent(
        intent_id=event.signal_id,
        kind=IntentKind.SIGNAL,
        instrument_id=event.instrument_id,
        side=event.side,
        target=event.target,
        quantity=event.quantity,
        strength=event.strength,
        type=OrderType.MARKET if event.price is None else OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        price=event.price,
        reduce_only=False,
        valid_until=event.valid_until,
    )


def _of_order(event: OrderPlaced, at: int) -> Intent:
    return Intent(
        intent_id=event.order_id,
        kind=IntentKind.ORDER,
        instrument_id=event.instrument_id,
        side=event.side,
        target=None,
        quantity=event.quantity,
        strength=None,
        type=event.type,
        time_in_force=event.time_in_force,
        price=event.price,
        reduce_only=event.reduce_only,
        valid_until=at + ORDER_VALID,
    )
