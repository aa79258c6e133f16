"""What a bracket does when something happened to one of its orders: pure, in the same commit.

1. What was filled moves what the bracket holds.
2. An exit that ended without a fill of ours is replaced, given up or lost.
3. Every exit is brought to what is held: placed, grown, made smaller or cancelled. One order at the
   venue has one change under way at a time; what has to wait is done with the venue's next word on
   that order, so nothing has to be remembered but the log.
4. The first exit that trades ends the entry: the trade is over.
5. When nothing is open any more the bracket ends.

So one exit cancels the other by what is held, and partial fills need no rule of their own. The exit
of a bracket is wanted for what its entry brought in less what its exits took out: its own filled
quantity and what is held make its whole quantity, as venues count it.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from domain.accounts.state import Account
from domain.brackets import sending
from domain.brackets.commands import ExitTerms, ProtectBracket
from domain.brackets.events import (
    BracketEnded,
    BracketEvent,
    BracketMoved,
    ExitOrdered,
    ProtectionLost,
    ProtectionWanted,
)
from domain.brackets.evolve import evolve as evolve_bracket
from domain.brackets.placing import stream
from domain.brackets.state import Bracket, Exit, Standing
from domain.decision import Change
from domain.ids import AccountId, OrderId
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import (
    BracketRole,
    CancelOrder,
    OrderType,
    PlaceOrder,
    RecordAmendRejection,
    RecordCancelRejection,
    RecordFill,
    RecordNotFound,
    RecordRejection,
    VenueReport,
)
from domain.orders.events import OrderEvent, OrderResizeRequested
from domain.orders.evolve import evolve as evolve_order
from domain.orders.forms import LIMITED
from domain.orders.state import Order, OrderStatus
from domain.reasons import Reason, Rejected
from domain.risk.decide import stream as risk_stream
from domain.risk.exits import ExitEnded
from domain.risk.rules import shape, state
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.values import ZERO, Quantity, minus, plus

_GATES: Final = (state.account, state.halt, state.instrument, shape.quantity)
"""Checks of who may trade at all, and of what the venue takes at least and at most."""
_AMENDABLE: Final = frozenset(
    {OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED, OrderStatus.TRIGGERED}
)
_ENDED: Final = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else the decision looks at."""

    risk: Risk
    platform: Risk
    account: Account
    instrument: Instrument
    at: int


@dataclass(slots=True)
class Protection:
    """One decision on a bracket in the making: the states as they will be, and the changes so far.

    It lives for one call and is not shared, so the decision stays a function of what it was given.
    """

    bracket: Bracket
    orders: dict[OrderId, Order]
    """Of the bracket: the entry, the exits that stand, and the one that was reported of."""
    around: Surroundings
    happened: VenueReport | ProtectBracket
    changes: list[Change] = field(default_factory=list)

    def run(self) -> tuple[Change, ...]:
        """Everything that follows, in order."""
        happened = self.happened
        if isinstance(happened, ProtectBracket):
            self._wanted_again()
        else:
            self._moved(happened)
            self._ended(happened)
        for role, _ in self.bracket.exits:
            self._bring(role)
        self._end_entry()
        self._end()
        return tuple(self.changes)

    def _moved(self, report: VenueReport) -> None:
        """A fill moves what is held, whichever order of the bracket it was for."""
        link = self.orders[report.order_id].link
        if not isinstance(report, RecordFill) or link is None:
            return
        entered, exited = self.bracket.entered, self.bracket.exited
        if link.role is BracketRole.ENTRY:
            entered = plus(entered, report.quantity)
        else:
            exited = plus(exited, report.quantity)
        entry_id, account_id = self._names
        moved = BracketMoved(
            entry_id=entry_id,
            account_id=account_id,
            role=link.role,
            order_id=report.order_id,
            execution_id=report.execution_id,
            quantity=report.quantity,
            entered=entered,
            exited=exited,
            overrun=max(ZERO, minus(exited, entered)),
        )
        self._tell(moved)

    def _ended(self, report: VenueReport) -> None:
        """An exit that is over is no longer open for risk; one that was to stay is lost."""
        order = self.orders[report.order_id]
        if not order.is_exit or order.status.is_open:
            return
        if report.order_id in self.around.risk.exits:
            ended = ExitEnded(report.account_id, report.order_id, report.instrument_id)
            self.changes.append(Change(risk_stream(report.account_id), ended))
        assert order.link is not None
        role = order.link.role
        known = self.bracket.exit(role)
        if known is None or known.order_id != report.order_id or self.bracket.held <= 0:
            return
        lost = known.standing is Standing.WANTED and order.status in _ENDED
        if not lost or order.cancelling or self._is_replaced(report, role, known, order):
            return
        self._tell_lost(role, Reason.EXIT_ENDED_BY_VENUE, f"the venue ended it: {order.status}")

    def _is_replaced(
        self, report: VenueReport, role: BracketRole, known: Exit, order: Order
    ) -> bool:
        """Whether another order takes its place at once.

        The venue never had it: it is sent under a fresh id. It refused the stop, or triggered it
        into an empty book: the stop's price was passed, and a stop whose price was passed is an
        order at the market.
        """
        if isinstance(report, RecordNotFound):
            return True
        tried = known.type is OrderType.MARKET
        passed = isinstance(report, RecordRejection) or order.triggered
        return role is BracketRole.STOP and passed and not tried

    def _wanted_again(self) -> None:
        for role, known in self.bracket.exits:
            if known.standing is not Standing.WANTED:
                self._tell(ProtectionWanted(*self._names, role))

    def _bring(self, role: BracketRole) -> None:
        """Bring one exit to what is held."""
        known = self.bracket.exit(role)
        assert known is not None
        held = self.bracket.held
        order = None if known.order_id is None else self.orders[known.order_id]
        if order is not None and order.status.is_open:
            self._bring_open(role, known, order)
        elif held > 0 and self._may_act(known):
            self._place(role, known, order)

    def _may_act(self, known: Exit) -> bool:
        """A lost exit is tried again when the entry brings in more."""
        if known.standing is Standing.LOST:
            return isinstance(self.happened, RecordFill) and self._is_entry(self.happened.order_id)
        return known.standing is Standing.WANTED

    def _bring_open(self, role: BracketRole, known: Exit, order: Order) -> None:
        assert known.order_id is not None
        held, happened = self.bracket.held, self.happened
        about = isinstance(happened, VenueReport) and happened.order_id == known.order_id
        if order.cancelling:
            return  # the venue's next word on it says what to do
        refused = about and isinstance(happened, RecordCancelRejection)
        if refused and _refuses_all(known, order, held):
            return
        if held <= 0:
            self._cancel(known.order_id, order)
            return
        whole = plus(order.filled, held)
        if whole == order.quantity or order.pending is not None or order.status not in _AMENDABLE:
            return
        if order.triggered and order.type not in LIMITED:
            return  # it trades at the market now; what is left over is for the next order
        if about and isinstance(happened, RecordAmendRejection):
            self._cancel(known.order_id, order)  # its successor has the right quantity
            return
        if whole < order.quantity:
            self._resize(known.order_id, order, whole)
        elif self._may_act(known) and self._is_let_out(
            role, sending.as_order(self.bracket, known.order_id, known.terms, whole)
        ):
            if known.standing is not Standing.WANTED:
                self._tell(ProtectionWanted(*self._names, role))
            self._resize(known.order_id, order, whole)

    def _place(self, role: BracketRole, known: Exit, last: Order | None) -> None:
        """Send the next order of a role, for all that is held."""
        held, around = self.bracket.held, self.around
        passed = last is not None and last.status in _ENDED and not last.cancelling
        at_market = role is BracketRole.STOP and passed and self._is_end_of(known)
        terms = ExitTerms(OrderType.MARKET, None, None) if at_market else known.terms
        order = sending.as_order(self.bracket, self.bracket.next_order(role), terms, held)
        if not self._is_let_out(role, order):
            return
        entry_id, account_id = self._names
        admitted = sending.admitted(
            order,
            entry_id,
            limits_version=around.risk.limits_version,
            rules_version=around.instrument.rules_version,
            at=around.at,
        )
        self.changes.append(Change(risk_stream(account_id), admitted))
        for event in sending.placed(order, entry_id, role, self.bracket.currency):
            self._tell_order(order.order_id, event)
        self._tell(
            ExitOrdered(
                entry_id=entry_id,
                account_id=account_id,
                role=role,
                number=known.number + 1,
                order_id=order.order_id,
                type=order.type,
                quantity=order.quantity,
            )
        )

    def _is_end_of(self, known: Exit) -> bool:
        """Whether what happened is the end of this very order, which was not sent in vain."""
        happened = self.happened
        return (
            isinstance(happened, VenueReport)
            and not isinstance(happened, RecordNotFound)
            and happened.order_id == known.order_id
        )

    def _is_let_out(self, role: BracketRole, order: PlaceOrder) -> bool:
        """Whether the gates are open for an exit; if not, that is recorded."""
        around = self.around
        question = Question(
            order,
            around.risk,
            around.platform,
            around.instrument,
            around.risk.exposure(order.instrument_id, order.position_side),
            around.at,
            around.account,
        )
        for gate in _GATES:
            refusal = gate(question)
            if refusal is not None:
                self._tell_lost(role, refusal.reason, refusal.detail)
                return False
        return True

    def _resize(self, order_id: OrderId, order: Order, whole: Decimal) -> None:
        account_id, instrument_id = sending.whose(self.bracket)
        self._tell_order(
            order_id,
            OrderResizeRequested(
                order_id=order_id,
                account_id=account_id,
                instrument_id=instrument_id,
                client_order_id=order.client_order_id,
                amendment=order.amends + 1,
                quantity=Quantity(whole),
            ),
        )

    def _cancel(self, order_id: OrderId, order: Order) -> None:
        _, account_id = self._names
        asked = orders.cancel(CancelOrder(order_id, account_id), order)
        if not isinstance(asked, Rejected):
            self._tell_order(order_id, asked)

    def _end_entry(self) -> None:
        """Once an exit has traded the trade is over: what is left of the entry must not open it."""
        entry_id, _ = self._names
        entry, happened = self.orders[entry_id], self.happened
        if isinstance(happened, RecordCancelRejection) and happened.order_id == entry_id:
            return  # asking again at once would go on for ever
        if self.bracket.exited > 0 and entry.status.is_open:
            self._cancel(entry_id, entry)

    def _end(self) -> None:
        entry_id, account_id = self._names
        standing = [known.order_id for _, known in self.bracket.exits if known.order_id is not None]
        open_ = any(self.orders[one].status.is_open for one in (entry_id, *standing))
        if not open_ and not self.bracket.ended:
            bracket = self.bracket
            self._tell(BracketEnded(entry_id, account_id, bracket.entered, bracket.exited))

    def _tell_lost(self, role: BracketRole, reason: Reason, detail: str) -> None:
        held = self.bracket.held
        self._tell(ProtectionLost(*self._names, role, held, int(reason), detail))

    def _tell(self, event: BracketEvent) -> None:
        entry_id, account_id = self._names
        self.changes.append(Change(stream(account_id, entry_id), event))
        self.bracket = evolve_bracket(self.bracket, event)

    def _tell_order(self, order_id: OrderId, event: OrderEvent) -> None:
        _, account_id = self._names
        self.changes.append(Change(orders.stream(account_id, order_id), event))
        self.orders[order_id] = evolve_order(self.orders.get(order_id, Order()), event)

    def _is_entry(self, order_id: OrderId | None) -> bool:
        return order_id == self.bracket.entry_id

    @property
    def _names(self) -> tuple[OrderId, AccountId]:
        assert self.bracket.entry_id is not None
        return self.bracket.entry_id, sending.whose(self.bracket)[0]


def _refuses_all(known: Exit, order: Order, held: Decimal) -> bool:
    """Whether a refused cancel is the end of it: a venue that refuses all is not asked for ever.

    One that the trader asked for does not count where the exit has nothing left to protect.
    """
    if held > 0:
        return order.amend_refused
    return known.standing is not Standing.GIVEN_UP or order.cancels > 1
