"""What is known of an account's risk: limits, halts, what is held, open and reserved.

Everything that an admission looks at is a counter or a key, so that no check has to search. The
state is immutable; an event copies the mappings that it changes, which are one entry an instrument,
an open order and a recent intent: microseconds for some hundred entries, and a batch that fails to
commit is simply forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ids import InstrumentId, OrderId
from domain.orders.commands import OrderType
from domain.risk.commands import Limits
from domain.values import ZERO, Side


class Exposure(NamedTuple):
    """One instrument: the net position, and what open orders could add on either side."""

    net_quantity: Decimal = ZERO
    open_buys: Decimal = ZERO
    open_sells: Decimal = ZERO


class Reservation(NamedTuple):
    """What an open order may still trade."""

    instrument_id: InstrumentId
    side: Side
    quantity: Decimal


class Balance(NamedTuple):
    """What the venue said last of the wallet in one currency, and when by its clock."""

    amount: Decimal
    at: int


class Intent(NamedTuple):
    """What makes two orders of one account the same in a trader's eyes."""

    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    """Limit price; None for market orders, whose reference price changes from click to click."""


FLAT: Final = Exposure()


@dataclass(frozen=True, slots=True)
class Risk:
    """One account's risk; PLATFORM's binds everybody by its halt alone."""

    limits: Limits | None = None
    limits_version: int = 0
    halted: bool = False
    halt_reason: str = ""
    exposures: Mapping[InstrumentId, Exposure] = field(default_factory=dict)
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

    def exposure(self, instrument_id: InstrumentId) -> Exposure:
        """What is held and open in an instrument."""
        return self.exposures.get(instrument_id, FLAT)
