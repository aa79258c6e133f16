"""The state of any aggregate as of a position, and each decision derived again on the way.

Events go in by position, those of the streams that matter; what comes out is a fold of that prefix
and nothing else. A decision on an order or on an amend of one is derived from the states before it
and the inputs that it recorded (reference price and time), by the same decide() that took it. If
what is derived is not what is in the log, the log was altered, or another release decided by other
rules: both are said, neither is smoothed over.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from domain import amending
from domain.accounts import decide as accounts
from domain.brackets.state import Bracket
from domain.decision import Aggregate, StreamRef
from domain.dispatch import State, decide, evolve, initial, streams_read
from domain.envelope import RecordedEvent
from domain.ids import (
    PLATFORM,
    AccountId,
    InstrumentId,
    OrderId,
    StreamId,
    order_stream,
)
from domain.instruments import decide as instruments
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import AmendOrder, PlaceOrder, ReplaceOrder
from domain.orders.events import OrderAmendRequested, OrderDenied, OrderHeld, OrderPlaced
from domain.orders.state import Order, OrderStatus
from domain.positions.events import PositionChange, PositionFunded
from domain.positions.state import Position
from domain.reasons import Rejected
from domain.registry import TYPE_NAMES, Event
from domain.risk import decide as risks
from domain.risk.commands import Limits
from domain.risk.compared import DecisionInputs
from domain.risk.events import (
    AmendAdmitted,
    AmendRefused,
    DayRolled,
    OrderAdmitted,
    OrderRefused,
)
from domain.risk.exits import ExitAdmitted
from domain.risk.explain import CheckOutcome, explain
from domain.risk.replacements import ReplacementAdmitted, ReplacementRefused
from domain.risk.state import Risk
from domain.risk.terms import MarginTermsNoted, noted
from domain.values import PositionSide
from projections.asked import Begun, Verdict, command_of, question_of
from projections.differences import differences as differences_between

_KINDS: Final = {kind: Aggregate(name.partition(".")[0]) for kind, name in TYPE_NAMES.items()}

_Verdict: TypeAlias = Verdict | AmendAdmitted | AmendRefused
_DECISIONS: Final[frozenset[type[Event]]] = frozenset(
    {
        OrderAdmitted,
        OrderRefused,
        OrderPlaced,
        OrderDenied,
        AmendAdmitted,
        AmendRefused,
        OrderAmendRequested,
        ReplacementAdmitted,
        ReplacementRefused,
        OrderHeld,
    }
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision on an order: what was asked, on what, check by check, and if it still holds."""

    position: int
    """Of the verdict: `risk.order_admitted`, `risk.amend_refused` and so on."""
    at: int
    admitted: bool
    order: PlaceOrder
    """Of an amend: the order as it would be."""
    inputs: DecisionInputs
    limits: Limits | None
    """In force at the decision."""
    checks: tuple[CheckOutcome, ...]
    differences: tuple[str, ...]
    """Where the log says something else than the derivation; empty when both agree."""
    replaces: OrderId | None = None
    """The order in whose place it was asked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A decision that waits for the order's own event, with the states before it."""

    position: int
    stored: str
    """The name under which it was stored; an old form has fewer fields."""
    verdict: _Verdict
    before: dict[StreamId, State]


@dataclass(slots=True)
class AsOf:
    """Folds events in the order of the log; `only` restricts explanations to these orders."""

    only: Collection[OrderId] | None = None
    position: int = 0
    """Of the last event that was applied."""
    states: dict[StreamId, State] = field(default_factory=dict)
    explained: dict[OrderId, Explained] = field(default_factory=dict)
    amends: dict[OrderId, list[Explained]] = field(default_factory=dict)
    """The decisions on amends of each order that was ever to be amended, in their order."""
    stray: list[str] = field(default_factory=list)
    """Decisions without an order and orders without a decision: the log is broken there."""
    _streams: dict[AccountId, list[StreamId]] = field(default_factory=dict)
    _held: dict[StreamId, tuple[InstrumentId, PositionSide]] = field(default_factory=dict)
    _asked: dict[OrderId, _Asked] = field(default_factory=dict)
    _amending: dict[OrderId, _Asked] = field(default_factory=dict)
    _exits: dict[OrderId, tuple[int, ExitAdmitted]] = field(default_factory=dict)
    """Exits of brackets that were let out, until their order is there; no check measured them."""

    def apply(self, recorded: RecordedEvent, event: Event) -> None:
        """One more event; positions rise."""
        stream_id = recorded.stream_id
        self.position = recorded.position.number
        if type(event) in _DECISIONS:
            self._decision(event, recorded.type)
        elif isinstance(event, ExitAdmitted):
            if self._wanted(event.order_id):
                self._exits[event.order_id] = self.position, event
        elif isinstance(event, DayRolled):
            self._day(event)
        elif isinstance(event, MarginTermsNoted):
            self._terms(event)
        before = self.states.get(stream_id)
        if before is None:
            before = self._begin(recorded, event)
        self.states[stream_id] = evolve(before, event)

    def finish(self, until: int) -> None:
        """No more events up to `until`: whatever still waits for its order waits in vain."""
        waiting = (
            *(("decides on order", name, one.position) for name, one in self._asked.items()),
            *(
                ("decides on an amend of order", name, one.position)
                for name, one in self._amending.items()
            ),
            *(("lets out order", name, position) for name, (position, _) in self._exits.items()),
        )
        for does, order_id, position in waiting:
            # The two stand side by side; a prefix may end between them.
            if position < until:
                self.stray.append(f"position {position} {does} {order_id}, which is not there")

    def decisions(self) -> Iterator[tuple[OrderId, Explained]]:
        """Every decision that was derived again: those on orders, then those on amends."""
        yield from self.explained.items()
        for order_id, amends in self.amends.items():
            for amend in amends:
                yield order_id, amend

    @property
    def differences(self) -> int:
        """How many decisions are not what the log leads to."""
        return len(self.stray) + sum(bool(one.differences) for _, one in self.decisions())

    def accounts(self) -> list[AccountId]:
        """Every account that has risk, a position or an order, sorted."""
        return sorted(
            account_id
            for account_id, streams in self._streams.items()
            if any(isinstance(self.states[name], Risk | Position | Order) for name in streams)
        )

    def risk(self, account_id: AccountId) -> Risk:
        """An account's risk."""
        state = self._state(risks.stream(account_id))
        assert isinstance(state, Risk)
        return state

    def orders(self, account_id: AccountId) -> dict[OrderId, Order]:
        """An account's orders by id, in the order in which they were placed."""
        return {
            OrderId(stream_id): state
            for stream_id in self._streams.get(account_id, ())
            if isinstance(state := self.states[stream_id], Order)
        }

    def positions(self, account_id: AccountId) -> dict[tuple[InstrumentId, PositionSide], Position]:
        """An account's positions and legs, sorted."""
        found = {
            self._held[stream_id]: state
            for stream_id in self._streams.get(account_id, ())
            if isinstance(state := self.states[stream_id], Position)
        }
        return dict(sorted(found.items()))

    def _begin(self, recorded: RecordedEvent, event: Event) -> State:
        """Note whose stream this is; its state before the first event."""
        self._streams.setdefault(recorded.account_id, []).append(recorded.stream_id)
        if isinstance(event, PositionChange | PositionFunded):
            self._held[recorded.stream_id] = (event.instrument_id, event.position_side)
        return initial(_KINDS[type(event)])

    def _day(self, event: DayRolled) -> None:
        """A day begins by itself, so it follows from the state and the time alone."""
        expected = risks.roll(event.account_id, self.risk(event.account_id), event.at)
        if event != expected:
            self.stray.append(
                f"position {self.position} begins a day of account {event.account_id} with "
                f"{event.profit.amount} on day {event.day}, derived {expected}"
            )

    def _terms(self, event: MarginTermsNoted) -> None:
        ref = instruments.stream(event.instrument_id)
        if self.only is not None and ref.stream_id not in self.states:
            return  # of an instrument that is not read for these orders
        instrument = self._state(ref)
        assert isinstance(instrument, Instrument)
        expected = noted(event.account_id, self.risk(event.account_id), instrument)
        if event != expected:
            self.stray.append(
                f"position {self.position} notes margin terms of {event.instrument_id} for account "
                f"{event.account_id} by rules {event.rules_version}, derived {expected}"
            )

    def _decision(self, event: Event, stored: str) -> None:
        match event:
            case (
                OrderAdmitted() | OrderRefused() | ReplacementAdmitted() | ReplacementRefused()
            ) if self._wanted(event.order_id):
                self._asked[event.order_id] = self._ask(event, stored)
            case OrderPlaced() | OrderDenied() | OrderHeld() if self._wanted(event.order_id):
                self._answer(event, stored)
            case AmendAdmitted() if self._wanted(event.order_id):
                self._amending[event.order_id] = self._ask(event, stored)
            case AmendRefused() if self._wanted(event.order_id):
                self._explain_amend(self._ask(event, stored), (event,), (stored,))
            case OrderAmendRequested() if self._wanted(event.order_id):
                self._requested(event, stored)
            case _:
                pass

    def _is_exit(self, order: Begun) -> bool:
        """Whether it is what its bracket let out: all that is held, on the other side, reducing."""
        _, let_out = self._exits.pop(order.order_id, (0, None))
        return (
            let_out is not None
            and isinstance(order, OrderPlaced)
            and order.reduce_only
            and (order.account_id, order.instrument_id, order.side, order.quantity)
            == (let_out.account_id, let_out.instrument_id, let_out.side, let_out.quantity)
        )

    def _wanted(self, order_id: OrderId) -> bool:
        return self.only is None or order_id in self.only

    def _state(self, ref: StreamRef) -> State:
        state = self.states.get(ref.stream_id)
        return initial(ref.aggregate) if state is None else state

    def _ask(self, verdict: _Verdict, stored: str) -> _Asked:
        refs: tuple[StreamRef, ...] = (
            orders.stream(verdict.account_id, verdict.order_id),
            risks.stream(verdict.account_id),
            risks.stream(PLATFORM),
            instruments.stream(verdict.instrument_id),
            accounts.stream(verdict.account_id),
        )
        if isinstance(verdict, ReplacementAdmitted | ReplacementRefused):
            refs = (*refs, orders.stream(verdict.account_id, verdict.replaces))
        before = {ref.stream_id: self._state(ref) for ref in refs}
        return _Asked(self.position, stored, verdict, before)

    def _before(
        self, command: PlaceOrder | AmendOrder | ReplaceOrder, asked: _Asked
    ) -> list[State]:
        """The states that the decision was taken on."""
        refs = streams_read(command, lambda ref: asked.before[ref.stream_id])
        # The verdict does not say whose strategy it was; none moves between the two events.
        for ref in refs:
            asked.before.setdefault(ref.stream_id, self._state(ref))
        return [asked.before[ref.stream_id] for ref in refs]

    def _answer(self, order: Begun, stored: str) -> None:
        begun = self.states.get(order_stream(order.order_id))
        if isinstance(begun, Order) and begun.status is OrderStatus.HELD:
            return  # its turn has come; it was decided on when it was held
        asked = self._asked.pop(order.order_id, None)
        if asked is None and self._is_exit(order):
            return
        if asked is None:
            self.stray.append(
                f"position {self.position} is order {order.order_id}, which no decision precedes"
            )
            return
        verdict = asked.verdict
        if (order.account_id, order.instrument_id) != (verdict.account_id, verdict.instrument_id):
            self.stray.append(
                f"position {self.position} is order {order.order_id} of another account or "
                f"instrument than its decision at {asked.position}"
            )
            return
        assert not isinstance(verdict, AmendAdmitted | AmendRefused)
        command = command_of(order, verdict)
        before = self._before(command, asked)
        decision = decide(command, before, verdict.at)
        question = question_of(command, before, verdict.at)
        replaces = command.order_id if isinstance(command, ReplaceOrder) else None
        self.explained[order.order_id] = Explained(
            position=asked.position,
            at=verdict.at,
            admitted=isinstance(verdict, OrderAdmitted | ReplacementAdmitted),
            order=question.order,
            inputs=verdict.inputs,
            limits=question.risk.limits,
            checks=explain(question),
            differences=differences_between(
                (verdict, order),
                # A replacement's own events come first, those of the order before it after them.
                tuple(change.event for change in decision.changes)[: 2 if replaces else None],
                (asked.stored, stored),
            ),
            replaces=replaces,
        )

    def _requested(self, request: OrderAmendRequested, stored: str) -> None:
        asked = self._amending.pop(request.order_id, None)
        if asked is None:
            self.stray.append(
                f"position {self.position} amends order {request.order_id}, "
                "which no decision precedes"
            )
            return
        self._explain_amend(asked, (asked.verdict, request), (asked.stored, stored))

    def _explain_amend(
        self, asked: _Asked, recorded: tuple[Event, ...], stored: tuple[str, ...]
    ) -> None:
        verdict = asked.verdict
        assert isinstance(verdict, AmendAdmitted | AmendRefused)
        # What the verdict says is whole: a quantity or a price that was to stay is said there too.
        command = AmendOrder(
            order_id=verdict.order_id,
            account_id=verdict.account_id,
            instrument_id=verdict.instrument_id,
            quantity=verdict.quantity,
            price=verdict.price,
            reference=verdict.inputs.reference,
        )
        before = self._before(command, asked)
        # Of a bracket the order's price is asked about, before any check is.
        asked_of = [state for state in before if not isinstance(state, Bracket)]
        question = amending.question(command, asked_of, verdict.at)
        if isinstance(question, Rejected):
            self.stray.append(
                f"position {asked.position} decides on an amend of order {verdict.order_id}, "
                f"which cannot be amended: {question.detail}"
            )
            return
        decision = decide(command, before, verdict.at)
        self.amends.setdefault(verdict.order_id, []).append(
            Explained(
                position=asked.position,
                at=verdict.at,
                admitted=isinstance(verdict, AmendAdmitted),
                order=question.order,
                inputs=verdict.inputs,
                limits=question.risk.limits,
                checks=explain(question),
                differences=differences_between(
                    recorded, tuple(change.event for change in decision.changes), stored
                ),
            )
        )
