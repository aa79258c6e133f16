"""The log folded by the domain: what brackets and replacements owe once nothing is under way.

A fill in the log has its protection in the log, whatever was killed meanwhile. That can be said of
any commit after which no order waits for a word of the venue, though the market goes on.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from adapters.codec import decode_recorded
from adapters.postgres.log import PostgresEventLog
from domain.brackets.state import Bracket, Exit, Standing
from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import BracketRole
from domain.orders.events import (
    OrderFilled,
    OrderHeld,
    OrderLinked,
    OrderPlaced,
    OrderResizeRequested,
)
from domain.orders.forms import IMMEDIATE
from domain.orders.state import Link, Order, OrderStatus
from domain.registry import Event
from domain.values import ZERO, PositionSide, Side
from projections.asof import AsOf

_PAGE: Final = 1_000
_RESTS: Final = frozenset({OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED})


@dataclass
class Folded:
    """The states as of a commit, and what events say that no single state knows."""

    asof: AsOf = field(default_factory=AsOf)
    orders: dict[OrderId, Order] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)
    """What the checks found to check."""
    _linked: dict[Link, list[OrderId]] = field(default_factory=dict)
    _fills: dict[OrderId, Decimal] = field(default_factory=dict)
    _held: dict[OrderId, OrderHeld] = field(default_factory=dict)
    _sent: set[OrderId] = field(default_factory=set)

    async def follow(self, log: PostgresEventLog) -> None:
        """Everything up to the head, which is the end of a commit."""
        head = (await log.head()).number
        while (after := self.asof.position) < head:
            for recorded in await log.read_all(after=after, limit=min(_PAGE, head - after)):
                event = decode_recorded(recorded)
                self.asof.apply(recorded, event)
                self._note(event)
        self.asof.finish(head)
        for account_id in self.asof.accounts():
            self.orders.update(self.asof.orders(account_id))

    def _note(self, event: Event) -> None:
        match event:
            case OrderLinked():
                link = Link(event.entry_id, event.role)
                self._linked.setdefault(link, []).append(event.order_id)
            case OrderFilled():
                self._fills[event.order_id] = self._filled(event.order_id) + event.quantity
            case OrderHeld():
                self._held[event.order_id] = event
            case OrderPlaced():
                self._sent.add(event.order_id)
            case OrderResizeRequested():
                self.met["exits resized"] += 1
            case _:
                pass

    @property
    def open(self) -> dict[OrderId, Order]:
        """What the venue may still fill, and what is held here."""
        return {
            order_id: order
            for order_id, order in self.orders.items()
            if order.status.is_open or order.status is OrderStatus.HELD
        }

    @property
    def under_way(self) -> dict[OrderId, OrderStatus]:
        """Open orders of which the venue's next word is due, whatever the market does."""
        return {
            order_id: order.status
            for order_id, order in self.open.items()
            if order.status not in _RESTS or order.time_in_force in IMMEDIATE
        }

    def check_brackets(self) -> None:
        """What a bracket holds is what was filled, and orders of just that quantity protect it."""
        held: dict[tuple[AccountId, InstrumentId], Decimal] = {}
        for one in self._brackets():
            assert one.account_id is not None
            assert one.instrument_id is not None
            assert one.held == self._brought_in(one), one
            assert one.held >= 0, f"both exits traded: {one}"
            place = one.account_id, one.instrument_id
            signed = one.held if one.side is Side.BUY else -one.held
            held[place] = held.get(place, ZERO) + signed
            for role, exit_ in one.exits:
                self._check_exit(one, role, exit_)
        for (account_id, instrument_id), quantity in held.items():
            position = self.asof.positions(account_id).get((instrument_id, PositionSide.NET))
            net = ZERO if position is None else position.net_quantity
            assert net == quantity, f"brackets alone trade {instrument_id} on {account_id}"

    def _check_exit(self, bracket: Bracket, role: BracketRole, exit_: Exit) -> None:
        assert bracket.entry_id is not None
        of_role = self._linked.get(Link(bracket.entry_id, role), [])
        open_ = {each: self.orders[each].unfilled for each in of_role if each in self.open}
        if exit_.standing is Standing.WANTED:
            wanted = {exit_.order_id: bracket.held} if bracket.held > 0 else {}
            assert open_ == wanted, f"{role} of {bracket}"
            self.met["exits that protect"] += len(open_)
        else:
            assert sum(open_.values()) <= bracket.held, f"{role} of {bracket}"
            self.met[f"exits {exit_.standing.value}"] += 1

    def check_replacements(self) -> None:
        """Nothing waits for what has ended, and no order was replaced twice or by too much."""
        successors: Counter[OrderId] = Counter()
        for order_id, terms in self._held.items():
            old, new = self.orders[terms.replaces], self.orders[order_id]
            if new.status is OrderStatus.HELD:
                assert old.status.is_open, f"{order_id} waits for {terms.replaces}, which has ended"
            successors[terms.replaces] += order_id in self._sent
            filled = self._filled(terms.replaces) + self._filled(order_id)
            assert filled <= max(old.quantity, terms.quantity), (order_id, terms, old)
            self.met["replacements filled"] += self._filled(order_id) > 0
        assert not [each for each, count in successors.items() if count > 1], "replaced twice"
        self.met["replacements sent"] = successors.total()

    def check_decisions(self) -> None:
        """Every decision on an order is what the log before it leads to."""
        told = [one for one in self.asof.decisions() if one[1].differences]
        assert told == []
        assert self.asof.stray == []

    def _brackets(self) -> Iterator[Bracket]:
        for state in self.asof.states.values():
            if isinstance(state, Bracket) and state.entry_id is not None:
                self.met["brackets"] += 1
                yield state

    def _brought_in(self, bracket: Bracket) -> Decimal:
        """What its entry was filled less what its exits were, summed up from the fills."""
        assert bracket.entry_id is not None
        total = ZERO
        for role in BracketRole:
            for order_id in self._linked.get(Link(bracket.entry_id, role), []):
                filled = self._filled(order_id)
                total += filled if role is BracketRole.ENTRY else -filled
        return total

    def _filled(self, order_id: OrderId) -> Decimal:
        return self._fills.get(order_id, ZERO)
