"""What is known of an account's risk: limits, halts, what is held, open and reserved.

Everything that an admission looks at is a counter, a running sum or a key, so that no check has to
search. The state is immutable, so a batch that fails to commit is simply forgotten. An event copies
the small mappings that it changes, one entry an instrument or a currency; open orders and recent
intents may be thousands and are layered (domain/layered.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ids import ChangeId, InstrumentId, OrderId, StrategyId
from domain.making import quickly
from domain.margin.tiers import MarginTier
from domain.orders.commands import OrderType, Trigger
from domain.risk.commands import Halted, HaltMode, Limits
from domain.risk.wider import Wider, WiderLimits
from domain.values import ZERO, PositionSide, Side


class Exposure(NamedTuple):
    """One instrument: the net position, and what open orders could add on either side."""

    net_quantity: Decimal = ZERO
    open_buys: Decimal = ZERO
    open_sells: Decimal = ZERO
    mark: Decimal = ZERO
    """The last market price that the stream has seen; before the first one the price of the first
    order, 0 before that."""
    open_orders: int = 0
    open_notional: Decimal = ZERO
    """What open orders reserve, each at its own price."""
    currency: str = ""
    """Of the instrument's prices; empty before the first order."""


class Waiting(NamedTuple):
    """A replacement that shares an open order's reservation until that order has ended."""

    order_id: OrderId
    price: Decimal
    """What the replacement is valued at."""
    alone: Decimal
    """What the open order is valued at without the replacement."""
    alone_rests: bool


class Reservation(NamedTuple):
    """What an open order may still trade."""

    instrument_id: InstrumentId
    side: Side
    quantity: Decimal
    price: Decimal
    """What the order is reserved at: its limit price, or the reference of a market order."""
    rests: bool
    """Whether it can lie on the venue's book at this price."""
    strategy_id: StrategyId | None
    position_side: PositionSide = PositionSide.NET
    meets: Decimal | None = None
    """While an amend or a replacement is under way: the more eager of both prices, at which it may
    lie on the book."""
    waits: bool = False
    """Whether it has a limit price and waits for its trigger, after which it lies on the book."""
    waiting: Waiting | None = None
    """The order that takes this one's place once it has ended; what is reserved is then the larger
    of what both need, at the dearer of both prices, for they are never open together."""

    @property
    def meets_at(self) -> Decimal:
        """The price at which one's own orders of the other side would meet it."""
        return self.price if self.meets is None else self.meets


class OpenExit(NamedTuple):
    """An order of a bracket that protects what is held: it reserves nothing."""

    instrument_id: InstrumentId
    strategy_id: StrategyId | None
    entry_id: OrderId


class Leg(NamedTuple):
    """One side of an instrument in hedge mode."""

    instrument_id: InstrumentId
    side: PositionSide


class Balance(NamedTuple):
    """What the venue said last of the wallet in one currency, and when by its clock."""

    amount: Decimal
    at: int


class NotedTerms(NamedTuple):
    """What the rules of an instrument say of margin, as they were noted last."""

    rules_version: int = 0
    taker_fee: Decimal = ZERO
    tiers: tuple[MarginTier, ...] = ()


class Intent(NamedTuple):
    """What makes two orders of one account the same in a trader's eyes."""

    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    """Limit price; None for market orders, whose reference price changes from click to click."""
    position_side: PositionSide = PositionSide.NET
    trigger: Trigger | None = None
    """Stops at two prices are two intents."""


class Halt(NamedTuple):
    """A halt in force."""

    mode: HaltMode
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits for a second person: new limits, a wider limit, or the end of a halt."""

    by: str
    expires_at: int
    limits: Limits | None = None
    resume: Halted | None = None
    reason: str = ""
    wider: Wider | None = None
    value: Decimal | None = None
    """Of the wider limit; None takes it away."""
    allotted: Decimal = ZERO

    @property
    def about(self) -> Halted | Wider | None:
        """The halt or the wider limit; None for the limits of the account."""
        return self.resume if self.wider is None else self.wider


@dataclass(frozen=True, slots=True)
class Governance:
    """What changes seldom: how the account is halted, wider halts, changes that wait."""

    mode: HaltMode = HaltMode.FULL
    """Of the account's own halt; without meaning while it is not halted."""
    halts: Mapping[Halted, Halt] = field(default_factory=dict)
    """Of users, venues and strategies; PLATFORM's alone has any, so that an order that reads the
    platform's halt has read them too."""
    pending: Mapping[ChangeId, Proposal] = field(default_factory=dict)
    """One for each limit and halt at most, all limits of an account being one: a later proposal
    replaces an earlier."""
    wider: WiderLimits = field(default_factory=dict)
    """PLATFORM's alone has any, as it has the halts."""
    shares: Mapping[Wider, Decimal] = field(default_factory=dict)
    """What an account may use of wider limits; without an entry nothing."""


class Pace(NamedTuple):
    """Two token buckets, for a second and for a minute, as debts that time pays off.

    One order costs as many microseconds as the window has; each microsecond that passes pays one
    for each order that the limit allows. So the arithmetic is in whole numbers.
    """

    at: int = 0
    """When the debts were as they are; never goes back."""
    second: int = 0
    minute: int = 0


class Book(NamedTuple):
    """Running sums over all instruments of one currency; see domain/risk/sums.py."""

    open_notional: Decimal = ZERO
    gross: Decimal = ZERO
    """Worst case of each instrument, whichever of its sides is filled, at its mark."""
    long: Decimal = ZERO
    """Signed value held if everything that is open to buy were filled."""
    short: Decimal = ZERO
    """Signed value held if everything that is open to sell were filled."""
    profit: Decimal = ZERO
    """Realised and unrealised at the marks, less fees in this currency, since the account began."""
    peak: Decimal | None = None
    """The highest profit while a drawdown is limited; None while it is not."""
    day: int = 0
    """Days since 1970-01-01 UTC; counted while a daily loss is limited."""
    day_start: Decimal = ZERO
    """The profit with which that day began."""


class Resting(NamedTuple):
    """Prices of one's own limit orders in one instrument, each side sorted; equal ones repeated."""

    buys: tuple[Decimal, ...] = ()
    sells: tuple[Decimal, ...] = ()


class Placed(NamedTuple):
    """What one strategy has open."""

    orders: int = 0
    notional: Decimal = ZERO


FLAT: Final = Exposure()
EMPTY: Final = Book()
UNHURRIED: Final = Pace()
NOTHING_RESTS: Final = Resting()
NOTHING_PLACED: Final = Placed()
UNGOVERNED: Final = Governance()
NOT_NOTED: Final = NotedTerms()


@quickly
@dataclass(frozen=True, slots=True)
class Risk:
    """One account's risk; PLATFORM's binds everybody by its halts alone."""

    limits: Limits | None = None
    limits_version: int = 0
    halted: bool = False
    halt_reason: str = ""
    exposures: Mapping[InstrumentId, Exposure] = field(default_factory=dict)
    legs: Mapping[Leg, Exposure] = field(default_factory=dict)
    """Of hedged accounts, whose exposures are the sums of both legs; empty otherwise."""
    reservations: Mapping[OrderId, Reservation] = field(default_factory=dict)
    """One entry for each open order, until it is filled or ended."""
    intents: Mapping[Intent, int] = field(default_factory=dict)
    """Orders admitted lately and when (microseconds), oldest first; empty while the check is off.
    """
    realised: Mapping[str, Decimal] = field(default_factory=dict)
    """Profit before fees since the account began, by currency."""
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    """Fees paid less rebates since the account began, by currency."""
    funding: Mapping[str, Decimal] = field(default_factory=dict)
    """Funding paid less received since the account began, by currency."""
    balances: Mapping[str, Balance] = field(default_factory=dict)
    """By currency; empty until the venue reported one."""
    books: Mapping[str, Book] = field(default_factory=dict)
    """By currency; sums of two currencies are never mixed."""
    pace: Pace = UNHURRIED
    resting: Mapping[InstrumentId, Resting] = field(default_factory=dict)
    """Empty while nobody asks for self-trades."""
    strategies: Mapping[StrategyId, Placed] = field(default_factory=dict)
    """Strategies that have something open."""
    governance: Governance = UNGOVERNED
    exits: Mapping[OrderId, OpenExit] = field(default_factory=dict)
    """Open exits of brackets."""
    terms: Mapping[InstrumentId, NotedTerms] = field(default_factory=dict)
    """Of instruments that were decided on since the venue reported a balance."""

    def exposure(
        self, instrument_id: InstrumentId, side: PositionSide = PositionSide.NET
    ) -> Exposure:
        """What is held and open in an instrument, or in one leg of it."""
        if side is PositionSide.NET:
            return self.exposures.get(instrument_id, FLAT)
        return self.legs.get(Leg(instrument_id, side), FLAT)

    @property
    def book(self) -> Book:
        """The sums in the currency of the limits."""
        return EMPTY if self.limits is None else self.books.get(self.limits.currency, EMPTY)
