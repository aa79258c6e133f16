"""Limits wider than an account, as sums over accounts: what they count, and whose accounts share.

A wider limit lies in PLATFORM's risk stream, which every order reads and asserts; an account's
share of it lies in the account's own. So an order is checked against its share without a stream in
which all trading meets, and the shares together never exceed the limit (domain/allotments).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class WiderScope(StrEnum):
    """Whose accounts share a limit."""

    PLATFORM = "platform"
    """Everybody's."""
    USER = "user"
    """All accounts that were opened for a user."""
    VENUE = "venue"
    """Accounts that trade instruments of a venue."""
    STRATEGY = "strategy"
    """What a strategy has open, in whatever account."""


class Counted(StrEnum):
    """What is limited: what adds up over accounts and is reserved before anything is sent.

    Refused: net position and concentration, for which shares forbid exactly the hedge between
    accounts that the limit is to allow; losses, which nobody can reserve, as an admitted order may
    lose any amount; numbers and rates of orders, which venues count for each account.
    """

    GROSS_NOTIONAL = "gross_notional"
    """The worst cases of all instruments, longs and shorts added up."""
    POSITION_NOTIONAL = "position_notional"
    """The worst case of each instrument, both legs of a hedged one: over all accounts no instrument
    is worth more."""
    OPEN_NOTIONAL = "open_notional"
    """What open orders reserve."""


class Within(NamedTuple):
    """Whose accounts: a scope, and which user, venue or strategy; empty for the platform."""

    scope: WiderScope
    subject: str = ""

    def __str__(self) -> str:
        """As a person would say it."""
        return f"{self.scope.value} {self.subject}".rstrip()


class Wider(NamedTuple):
    """The name of one wider limit; sums of two currencies are never mixed."""

    scope: WiderScope
    subject: str
    counted: Counted
    currency: str

    @property
    def within(self) -> Within:
        """Whose accounts share it."""
        return Within(self.scope, self.subject)

    def __str__(self) -> str:
        """As a person would say it."""
        return f"{self.counted.value} of {self.within} in {self.currency}"


WiderLimits = Mapping[Within, Mapping[Wider, Decimal]]
"""Those in force, by whose accounts share them: an order looks four keys up, however many."""


def exists(wider: Wider) -> bool:
    """Whether accounts know what they have of it: of a strategy they know what is open."""
    return wider.scope is not WiderScope.STRATEGY or wider.counted is Counted.OPEN_NOTIONAL


def limit_of(limits: WiderLimits, wider: Wider) -> Decimal | None:
    """The limit in force under this name."""
    return limits.get(wider.within, {}).get(wider)


def with_limit(limits: WiderLimits, wider: Wider, value: Decimal | None) -> WiderLimits:
    """The limits with this one as it is now; None takes it away."""
    mine = {known: limit for known, limit in limits.get(wider.within, {}).items() if known != wider}
    if value is not None:
        mine[wider] = value
    others = {within: those for within, those in limits.items() if within != wider.within}
    return {**others, wider.within: mine} if mine else others


def in_force(limits: WiderLimits, *within: Within) -> Iterator[tuple[Wider, Decimal]]:
    """Every limit that one of these shares."""
    for each in within:
        yield from limits.get(each, {}).items()
