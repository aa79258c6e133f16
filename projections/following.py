"""What has to be copied: intents, followers and virtual positions as the log leaves them.

A fold of the log in its order, so that what it knows of leader and follower is of one moment. An
intent waits for each follower until that follower's own event says what became of it; whoever folds
the same log knows the same, which is why a copy is made once however many workers there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, TypeAlias

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId
from domain.instruments.events import InstrumentListed, TradingRules
from domain.orders.events import (
    Finding,
    OrderAccepted,
    OrderAmended,
    OrderAmendRejected,
    OrderAmendRequested,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderReconciled,
    OrderRejected,
)
from domain.registry import Event, stored_names
from domain.strategies.events import (
    AmendCopied,
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
from domain.strategies.terms import CopySource, DriftPolicy, Intent
from domain.values import ZERO, Quantity, minus, plus, signed, times
from projections.copiers import (
    Amend,
    Copier,
    Copy,
    Drift,
    LastDrift,
    Led,
    Open,
    ended_intent,
    of_order,
    of_signal,
)

TYPES: Final = stored_names(
    InstrumentListed, StrategyRegistered, SignalSubmitted, FollowingBegun, FollowingChanged,
    FollowingEnded, IntentCopied, CopySkipped, CopyRefused, AmendCopied, DriftFound, OrderPlaced,
    OrderAccepted, OrderFilled, OrderCancelRequested, OrderCancelRejected, OrderCancelled,
    OrderExpired, OrderRejected, OrderAmendRequested, OrderAmended, OrderAmendRejected,
    OrderReconciled,
)  # fmt: skip
"""Stored names of the events that are folded; all others leave everything as it is."""


_Told: TypeAlias = (
    OrderAccepted
    | OrderReconciled
    | OrderCancelRequested
    | OrderCancelRejected
    | OrderAmendRequested
    | OrderAmendRejected
)
_Ended: TypeAlias = OrderCancelled | OrderExpired | OrderRejected


@dataclass(slots=True)
class Following:
    """All of it, up to a position of the log."""

    position: int = 0
    strategies: dict[StrategyId, Led] = field(default_factory=dict)
    rules: dict[InstrumentId, TradingRules] = field(default_factory=dict)
    open: dict[OrderId, Open] = field(default_factory=dict)
    orphans: dict[OrderId, AccountId] = field(default_factory=dict)
    """Copies whose leader's order ended after they were last asked to be cancelled, if ever."""

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

    def cancels(self) -> dict[OrderId, AccountId]:
        """Copies to be cancelled: their leader's order has ended, and the venue is not asked."""
        return {
            order_id: account_id
            for order_id, account_id in self.orphans.items()
            if not self.open[order_id].cancelling
        }

    def amends(self) -> list[Amend]:
        """Copies that are behind, and that the venue can be asked about now."""
        due: list[Amend] = []
        for order_id, order in self.open.items():
            if not order.behind or order.copies is None or not order.may_be_amended:
                continue
            if order_id in self.orphans:
                continue
            led = self.strategies[order.strategy_id]
            copier = led.followers[order.account_id]
            if copier.terms is None:
                continue
            whole = signed(order.side, Quantity(plus(order.filled, order.left)))
            others = minus(_held(led, order.account_id, order.instrument_id), whole)
            who = (order.strategy_id, order.account_id, order_id)
            due.append(Amend(*who, order.copies, copier.seen, others, order.moves))
        return due

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
                    _wait(led, of_signal(event))
            case OrderPlaced() | OrderFilled():
                self._order(event, at)
            case OrderAmended():
                self._amended(event, at)
            case _ if isinstance(event, _Told):
                self._told(event, at)
            case _ if isinstance(event, _Ended):
                self._ending(event.order_id, at, ended=True)
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
                self._done(event, copier)
                copier.seen += 1
            case AmendCopied():
                self.strategies[event.strategy_id].followers[event.account_id].seen += 1
                copy = self.open.get(event.order_id)
                if copy is not None and copy.copies == event.intent:
                    copy.behind = False
            case DriftFound():
                copier = self.strategies[event.strategy_id].followers[event.account_id]
                last = LastDrift(event.leader, event.held, event.at)
                copier.drift[event.instrument_id] = last
                copier.seen += 1
            case _:
                pass

    def _done(self, event: IntentCopied | CopySkipped | CopyRefused, copier: Copier) -> None:
        """The intent waits no more; its copy is behind, if it changed while it was copied."""
        done = event.intent.intent_id
        now = next((one for one in copier.waiting if one.intent_id == done), event.intent)
        copier.waiting = [one for one in copier.waiting if one.intent_id != done]
        copy = self.open.get(event.order_id) if isinstance(event, IntentCopied) else None
        if copy is not None:
            copy.copies, copy.behind = now, now != event.intent

    def _told(self, event: _Told, at: int) -> None:
        """What decides whether an order can be amended now, or begins its end."""
        order = self.open.get(event.order_id)
        if order is None:
            return
        order.moves += 1
        match event:
            case OrderReconciled(finding=Finding.NOT_FOUND):
                self._ending(event.order_id, at, ended=True)
            case OrderAccepted() | OrderReconciled():
                order.taken = True
            case OrderCancelRequested():
                self._ending(event.order_id, at, ended=False)
            case OrderCancelRejected():
                order.cancelling = False
            case OrderAmendRequested():
                order.amending, order.asked = event.amendment, event.quantity
            case OrderAmendRejected():
                order.answered(event.amendment)
                if order.is_over:
                    self._forget(event.order_id)

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
                _wait(led, of_order(event, at))
            return
        _add(led.held, account, instrument, signed(event.side, event.quantity))
        order = self.open.get(event.order_id)
        if order is None:
            return
        order.moves += 1
        order.taken = True
        took = min(order.left, event.quantity)
        order.left = minus(order.left, took)
        order.filled = plus(order.filled, event.quantity)
        _add(led.working, account, instrument, minus(ZERO, signed(event.side, Quantity(took))))
        if order.is_over:
            self._forget(event.order_id)

    def _amended(self, event: OrderAmended, at: int) -> None:
        """Another quantity or price; of a leader's order, for its copies too."""
        order = self.open.get(event.order_id)
        if order is None:
            return
        led = self.strategies[order.strategy_id]
        led.moved[order.account_id] = at
        order.moves += 1
        order.answered(event.amendment)
        if order.account_id == led.account_id:
            self._lead(led, event)
        left = max(ZERO, minus(event.quantity, order.filled))
        more = minus(left, order.left)
        order.left = left
        _add(
            led.working,
            order.account_id,
            order.instrument_id,
            times(more, Decimal(order.side.sign)),
        )
        if order.is_over:
            self._forget(event.order_id)

    def _lead(self, led: Led, event: OrderAmended) -> None:
        """Copies of the leader's order are behind, and who still waits for it waits for this."""
        for copy in self.open.values():
            if copy.copies is not None and copy.copies.intent_id == event.order_id:
                now = replace(copy.copies, quantity=event.quantity, price=event.price)
                copy.copies, copy.behind = now, True
        for copier in led.followers.values():
            copier.waiting = [
                replace(one, quantity=event.quantity, price=event.price)
                if one.intent_id == event.order_id
                else one
                for one in copier.waiting
            ]

    def _ending(self, order_id: OrderId, at: int, *, ended: bool) -> None:
        """The copies of a leader's order end with it; one's own end makes a cancel needless."""
        order = self.open.get(order_id)
        self.orphans.pop(order_id, None)
        if order is None:
            return
        led = self.strategies[order.strategy_id]
        led.moved[order.account_id] = at
        order.cancelling = True
        if order.account_id == led.account_id:
            for known_as, one in self.open.items():
                if one.copies is not None and one.copies.intent_id == order_id:
                    self.orphans[known_as] = one.account_id
            for copier in led.followers.values():
                copier.waiting = [
                    ended_intent(one, order.filled, at) if one.intent_id == order_id else one
                    for one in copier.waiting
                ]
        if ended:
            rest = minus(ZERO, signed(order.side, Quantity(order.left)))
            _add(led.working, order.account_id, order.instrument_id, rest)
            self._forget(order_id)

    def _forget(self, order_id: OrderId) -> None:
        del self.open[order_id]
        self.orphans.pop(order_id, None)

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
