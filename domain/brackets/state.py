"""What is known of a bracket: its terms, what it holds, and the order that stands for each exit."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.brackets.commands import ExitTerms
from domain.ids import AccountId, InstrumentId, OrderId, StrategyId, exit_order_id
from domain.orders.commands import BracketRole, OrderType
from domain.values import ZERO, PositionSide, Side, minus


class Standing(StrEnum):
    """Whether an exit is to be at the venue while the bracket holds something."""

    WANTED = "wanted"
    GIVEN_UP = "given_up"
    """The trader cancelled it."""
    LOST = "lost"
    """The venue ended it, or our own checks did not let it out; the next fill tries again."""


class Exit(NamedTuple):
    """One role of a bracket."""

    terms: ExitTerms
    number: int = 0
    """Orders placed for it so far."""
    order_id: OrderId | None = None
    """The last of them."""
    type: OrderType | None = None
    """Of the last of them: as in the terms, or market after the venue refused a stop."""
    standing: Standing = Standing.WANTED


@dataclass(frozen=True, slots=True)
class Bracket:
    """One bracket; without an entry_id there is none."""

    entry_id: OrderId | None = None
    account_id: AccountId | None = None
    instrument_id: InstrumentId | None = None
    side: Side = Side.BUY
    position_side: PositionSide = PositionSide.NET
    strategy_id: StrategyId | None = None
    currency: str = ""
    entered: Decimal = ZERO
    exited: Decimal = ZERO
    stop: Exit | None = None
    target: Exit | None = None
    ended: bool = False

    @property
    def held(self) -> Decimal:
        """What its exits have to protect; below 0 when they took out more than came in."""
        return minus(self.entered, self.exited)

    @property
    def exits(self) -> tuple[tuple[BracketRole, Exit], ...]:
        """Its roles, the stop first: what limits a loss goes out before what takes a profit."""
        roles = ((BracketRole.STOP, self.stop), (BracketRole.TARGET, self.target))
        return tuple((role, one) for role, one in roles if one is not None)

    def exit(self, role: BracketRole) -> Exit | None:
        """One role; None if the bracket has none of it."""
        return self.stop if role is BracketRole.STOP else self.target

    def next_order(self, role: BracketRole) -> OrderId:
        """The id of the next order of a role: nobody can place another under it first."""
        known = self.exit(role)
        assert known is not None
        assert self.entry_id is not None
        return exit_order_id(self.entry_id, role.value, known.number + 1)
