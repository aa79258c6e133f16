"""A slow, obvious model of an order: its status is a rule of precedence over all that happened.

There is no table of transitions, and no code of what it judges: a list, read from the beginning.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    OrderType,
    PlaceOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
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
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.values import Price
from tests.property.forms import WAITING

OPEN = (
    "submitting",
    "accepted",
    "triggered",
    "partially_filled",
    "pending_cancel",
    "pending_amend",
    "unknown",
)
Asked = VenueReport | CancelOrder | AmendOrder
_REPEAT, _NONSENSE = Reason.REPORT_ALREADY_APPLIED, Reason.REPORT_CONTRADICTS_ORDER


@dataclass(slots=True)
class OrderModel:
    """An order and what was recorded about it, oldest first."""

    placed: PlaceOrder
    at: int
    refused: Reason | None
    remembered: bool = False
    """Whether the check for repeated intents was on, and has been since."""
    history: list[Asked] = field(default_factory=list)
    held: Fraction = Fraction(0)
    """What was held against its side when it was placed: what closes the position closes that."""

    def placed_quantity(self) -> Fraction:
        """What it was to trade when it was placed."""
        return self.held if self.placed.close_position else Fraction(self.placed.quantity)

    def triggered(self) -> bool:
        """Whether the price came that it waited for."""
        return any(isinstance(entry, RecordTrigger) for entry in self.history)

    def fills(self) -> list[RecordFill]:
        """Every recorded execution."""
        return [entry for entry in self.history if isinstance(entry, RecordFill)]

    def filled(self) -> Fraction:
        """What was executed in all."""
        return sum((Fraction(fill.quantity) for fill in self.fills()), Fraction(0))

    def venue_order_id(self) -> str:
        """The id that the venue gave, if it was heard."""
        for entry in self.history:
            if isinstance(entry, RecordAcceptance | RecordReconciled):
                return entry.venue_order_id
        return ""

    def ended(self) -> OrderStatus | None:
        """How the venue ended it, if it did."""
        ends: dict[type[object], OrderStatus] = {
            RecordRejection: OrderStatus.REJECTED,
            RecordCancellation: OrderStatus.CANCELLED,
            RecordExpiry: OrderStatus.EXPIRED,
            RecordNotFound: OrderStatus.REJECTED,
        }
        return next((ends[type(entry)] for entry in self.history if type(entry) in ends), None)

    def cancelling(self) -> bool:
        """Whether the last word about a cancel is that it was asked for."""
        about = [e for e in self.history if isinstance(e, CancelOrder | RecordCancelRejection)]
        return bool(about) and isinstance(about[-1], CancelOrder)

    def cancels(self) -> int:
        """How often a cancel was asked for."""
        return sum(isinstance(entry, CancelOrder) for entry in self.history)

    def amends(self) -> list[AmendOrder]:
        """Every amend that was asked for."""
        return [entry for entry in self.history if isinstance(entry, AmendOrder)]

    def pending(self) -> tuple[Decimal, Decimal] | None:
        """Quantity and price that the venue is being asked for."""
        number, now = 0, None
        was = (self.placed.quantity, self.placed.price)
        for entry in self.history:
            if isinstance(entry, AmendOrder):
                number += 1
                now = entry.quantity or was[0], entry.price or was[1]
            elif isinstance(entry, RecordAmendment):
                was = entry.quantity, entry.price
            if isinstance(entry, RecordAmendment | RecordAmendRejection) and (
                entry.amendment == number
            ):
                now = None
        if now is None:
            return None
        quantity, price = now
        assert price is not None
        return quantity, price

    def as_amended(self, asked: AmendOrder) -> PlaceOrder:
        """The order as it would be."""
        amended = self.amended()
        quantity = amended[-1].quantity if amended else self.placed.quantity
        price = self.price()
        return replace(
            self.placed,
            quantity=asked.quantity or quantity,
            price=asked.price or (None if price is None else Price(price)),
            reference=asked.reference,
        )

    def amend_refused(self) -> bool:
        """Whether nothing was asked for since the venue refused an amend."""
        words = [
            entry for entry in self.history if isinstance(entry, AmendOrder | RecordAmendRejection)
        ]
        return bool(words) and isinstance(words[-1], RecordAmendRejection)

    def amended(self) -> list[RecordAmendment]:
        """What the venue made of it, one after the other."""
        return [entry for entry in self.history if isinstance(entry, RecordAmendment)]

    def quantity(self) -> Fraction:
        """As last amended."""
        amended = self.amended()
        return Fraction(amended[-1].quantity) if amended else self.placed_quantity()

    def price(self) -> Decimal | None:
        """As last amended."""
        amended = self.amended()
        return amended[-1].price if amended else self.placed.price

    def most(self) -> Fraction:
        """The larger quantity while the venue has not answered."""
        pending = self.pending()
        return max(self.quantity(), Fraction(pending[0]) if pending else Fraction(0))

    def unknown(self) -> bool:
        """Whether nothing is heard of it since its answer was lost."""
        heard = (
            RecordOutcomeUnknown | RecordAcceptance | RecordReconciled | RecordFill | RecordTrigger
        )
        about = [entry for entry in self.history if isinstance(entry, heard)]
        return bool(about) and isinstance(about[-1], RecordOutcomeUnknown)

    def status(self) -> OrderStatus:
        """Precedence: denied, filled, ended, unknown, being cancelled, being amended, traded."""
        if self.refused is not None:
            return OrderStatus.DENIED
        if self.filled() >= self.most():
            return OrderStatus.FILLED
        ended = self.ended()
        if ended is not None:
            return ended
        if self.unknown():
            return OrderStatus.UNKNOWN
        if self.cancelling():
            return OrderStatus.PENDING_CANCEL
        if self.pending() is not None:
            return OrderStatus.PENDING_AMEND
        if self.fills():
            return OrderStatus.PARTIALLY_FILLED
        if self.triggered():
            return OrderStatus.TRIGGERED
        return OrderStatus.ACCEPTED if self.venue_order_id() else OrderStatus.SUBMITTING

    def reserved(self) -> Fraction:
        """What may still trade, as far as we know."""
        if self.status() not in OPEN:
            return Fraction(0)
        return self.most() - self.filled()

    def answer(self, asked: Asked) -> Reason | None:
        """What must be answered now; None when it must be recorded."""
        status = self.status()
        match asked:
            case CancelOrder():
                if status == "pending_cancel" or (status == "unknown" and self.cancelling()):
                    return Reason.CANCEL_ALREADY_REQUESTED
                return None if status in OPEN else Reason.ORDER_NOT_OPEN
            case AmendOrder():
                return self._answer_to_an_amend(asked, status)
            case RecordFill():
                if asked.execution_id in [fill.execution_id for fill in self.fills()]:
                    return Reason.EXECUTION_ALREADY_APPLIED
                wrong = asked.side is not self.placed.side or status == "denied"
                return _NONSENSE if wrong else None
            case RecordAmendment() | RecordAmendRejection():
                return self._answer_to_an_amendment(asked, status)
            case RecordAcceptance() | RecordReconciled():
                return self._answer_to_a_name(asked, status)
            case _:
                return _NONSENSE if status == "denied" else self._other_answer(asked, status)

    def _answer_to_a_name(
        self, asked: RecordAcceptance | RecordReconciled, status: OrderStatus
    ) -> Reason | None:
        known = self.venue_order_id()
        if known not in {"", asked.venue_order_id}:
            return _NONSENSE
        if isinstance(asked, RecordReconciled) and asked.filled > self.filled():
            return Reason.FILLS_MISSING
        if known or status in {"cancelled", "expired"}:
            return _REPEAT
        return _NONSENSE if status in {"rejected", "denied"} else None

    def _other_answer(
        self,
        asked: RecordOutcomeUnknown
        | RecordNotFound
        | RecordTrigger
        | RecordCancelRejection
        | RecordRejection
        | RecordCancellation
        | RecordExpiry,
        status: OrderStatus,
    ) -> Reason | None:
        match asked:
            case RecordOutcomeUnknown():
                heard = self.fills() or self.venue_order_id() or self.triggered()
                waits = status in {"submitting", "pending_cancel"}
                return None if waits and not heard else _REPEAT
            case RecordTrigger():
                if self.placed.type not in WAITING:
                    return _NONSENSE
                ended = status in {"cancelled", "expired", "rejected"}
                return _REPEAT if self.triggered() or ended else None
            case RecordNotFound():
                if status == "rejected":
                    return _REPEAT
                return None if status == "unknown" else _NONSENSE
            case RecordCancelRejection():
                asked_for = status == "unknown" and self.cancelling()
                return None if status == "pending_cancel" or asked_for else _REPEAT
            case _:
                return self._answer_to_an_end(asked, status)

    def _answer_to_an_amend(self, asked: AmendOrder, status: OrderStatus) -> Reason | None:
        if status == "pending_amend":
            return Reason.AMEND_ALREADY_REQUESTED
        if status not in OPEN:
            return Reason.ORDER_NOT_OPEN
        limited = self.placed.type is OrderType.LIMIT and self.price() is not None
        if status not in {"accepted", "triggered", "partially_filled"}:
            return Reason.AMEND_NOT_POSSIBLE
        if not limited:
            return Reason.REPLACE_INSTEAD
        quantity = self.quantity() if asked.quantity is None else Fraction(asked.quantity)
        if quantity == self.quantity() and asked.price in {None, self.price()}:
            return Reason.AMEND_CHANGES_NOTHING
        return Reason.AMEND_BELOW_FILLED if quantity <= self.filled() else None

    def _answer_to_an_amendment(
        self, asked: RecordAmendment | RecordAmendRejection, status: OrderStatus
    ) -> Reason | None:
        if self.pending() is not None and asked.amendment == len(self.amends()):
            return None
        if isinstance(asked, RecordAmendRejection):
            return Reason.REPORT_ALREADY_APPLIED
        late = asked.venue_time <= max((each.venue_time for each in self.amended()), default=0)
        if late:
            return Reason.REPORT_ALREADY_APPLIED
        never = status in {"denied", "rejected"}
        return Reason.REPORT_CONTRADICTS_ORDER if never else None

    def _answer_to_an_end(
        self, asked: RecordRejection | RecordCancellation | RecordExpiry, status: OrderStatus
    ) -> Reason | None:
        says = {
            RecordRejection: OrderStatus.REJECTED,
            RecordCancellation: OrderStatus.CANCELLED,
            RecordExpiry: OrderStatus.EXPIRED,
        }[type(asked)]
        if status is says:
            return Reason.REPORT_ALREADY_APPLIED
        taken = bool(self.fills()) or (bool(self.venue_order_id()) and not self.triggered())
        impossible = isinstance(asked, RecordRejection) and taken
        return None if status in OPEN and not impossible else Reason.REPORT_CONTRADICTS_ORDER
