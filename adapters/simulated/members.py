"""What members of the exchange hold, what it cost, and the money that stands behind it.

Positions move by average cost, as in the core, so both mean the same by a liquidation price. A
member who has deposited in a currency is watched: once the wallet and what is won or lost at the
marks are no more than the maintenance margin of everything held in it (cross margin, the formulas
of domain/margin), the venue takes over what is held in the instrument whose mark moved. Members
without a deposit are trusted, whatever they lose.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.margin.prices import Leg, bankruptcy_price, unrealised
from domain.margin.tiers import MarginTier, deductions
from domain.margin.venues import Terms, collateral_beside, maintenance
from domain.positions.decide import moved
from domain.values import (
    ZERO,
    PositionSide,
    Price,
    Quantity,
    Side,
    divided,
    magnitude,
    minus,
    plus,
    rounded,
    times,
)


def _tiers(*rows: tuple[str, str, str]) -> tuple[MarginTier, ...]:
    ends = [(Decimal(end), Decimal(rate)) for end, rate, _ in rows]
    return tuple(
        MarginTier(end, Decimal(leverage), rate, deduction)
        for (end, rate), (_, _, leverage), deduction in zip(
            ends, rows, deductions(ends), strict=True
        )
    )


BRACKETS: Final = _tiers(
    ("5000", "0.01", "50"),
    ("25000", "0.025", "20"),
    ("100000", "0.05", "10"),
    ("250000", "0.1", "5"),
    ("1000000", "0.125", "4"),
    ("1000000000", "0.5", "1"),
)
"""Of an instrument whose rules have none (the recording has no answer of leverageBracket)."""


class Place(NamedTuple):
    """One position of one member."""

    account_id: str
    instrument_id: InstrumentId
    position_side: PositionSide


class Executed(NamedTuple):
    """What of an execution moves a position and a wallet."""

    place: Place
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal


class Held(NamedTuple):
    """Signed quantity, and what it cost."""

    net: Decimal = ZERO
    cost: Decimal = ZERO


class Due(NamedTuple):
    """What the venue takes over: everything that a member holds in an instrument."""

    account_id: str
    held: tuple[tuple[PositionSide, Decimal], ...]
    bankruptcy: Price | None
    """Where nothing would be left of the member's money; None where no price takes it all."""


_NOTHING: Final = Held()


class Members:
    """Positions and wallets; rebuilt from the executions, deposits are told."""

    def __init__(self, rules: Mapping[InstrumentId, TradingRules]) -> None:
        self._rules = rules
        self._held: dict[Place, Held] = {}
        self._wallets: dict[tuple[str, str], Decimal] = {}
        """Deposits, profit and fees by account and currency, of those who deposited or traded."""
        self._watched: set[tuple[str, str]] = set()

    def deposited(self, account_id: str, currency: str, amount: Decimal) -> None:
        """Money stands behind the member's positions from now on."""
        self._watched.add((account_id, currency))
        self._add(account_id, currency, amount)

    def traded(self, executed: Executed) -> None:
        """An execution moves a position, and its profit and fee the wallet."""
        place, side, quantity, price, fee = executed
        before = self._held.get(place, _NOTHING)
        after = moved(before.net, before.cost, side, Quantity(quantity), Price(price))
        self._held[place] = Held(after.net_quantity, after.cost)
        currency = self._rules[place.instrument_id].currency
        self._add(place.account_id, currency, minus(after.realised, fee))

    def net(self, place: Place) -> Decimal:
        """What is held, short below 0."""
        return self._held.get(place, _NOTHING).net

    def closable(self, place: Place, side: Side) -> Decimal:
        """What is held against a side."""
        held = self.net(place)
        return max(ZERO, held if side is Side.SELL else minus(ZERO, held))

    def wallet(self, account_id: str, currency: str) -> Decimal:
        """Deposits and everything that was won, lost and paid since."""
        return self._wallets.get((account_id, currency), ZERO)

    @property
    def watched(self) -> bool:
        """Whether anybody has deposited; nothing of the others is ever due."""
        return bool(self._watched)

    def due(
        self, instrument_id: InstrumentId, marks: Mapping[InstrumentId, Decimal]
    ) -> Iterator[Due]:
        """Whose positions in an instrument the venue takes over at these marks."""
        rules = self._rules.get(instrument_id)
        if rules is None:
            return
        for account_id in sorted({
            place.account_id
            for place, held in self._held.items()
            if place.instrument_id == instrument_id
            and held.net
            and (place.account_id, rules.currency) in self._watched
        }):  # fmt: skip
            due = self._due(account_id, instrument_id, rules.currency, marks)
            if due is not None:
                yield due

    def _due(
        self,
        account_id: str,
        instrument_id: InstrumentId,
        currency: str,
        marks: Mapping[InstrumentId, Decimal],
    ) -> Due | None:
        own: list[tuple[Place, Leg]] = []
        wanted = gained = own_wanted = own_gained = ZERO
        for place, leg in self._legs(account_id, currency):
            mark = marks.get(place.instrument_id)
            if mark is None:
                return None  # nothing is guessed
            wants = maintenance(self._terms(place), leg.side, times(leg.quantity, mark))
            gains = unrealised(leg, mark)
            wanted, gained = plus(wanted, wants), plus(gained, gains)
            if place.instrument_id == instrument_id:
                own.append((place, leg))
                own_wanted, own_gained = plus(own_wanted, wants), plus(own_gained, gains)
        wallet = self.wallet(account_id, currency)
        if plus(wallet, gained) > wanted:
            return None
        behind = collateral_beside(wallet, minus(wanted, own_wanted), minus(gained, own_gained))
        price = bankruptcy_price([leg for _, leg in own], behind)
        return Due(
            account_id,
            tuple((place.position_side, self.net(place)) for place, _ in own),
            None if price is None else self._on_the_tick(instrument_id, price),
        )

    def _legs(self, account_id: str, currency: str) -> Iterator[tuple[Place, Leg]]:
        for place, held in self._held.items():
            if place.account_id != account_id or not held.net:
                continue
            if self._rules[place.instrument_id].currency == currency:
                side = Side.BUY if held.net > 0 else Side.SELL
                yield place, Leg(side, magnitude(held.net), held.cost)

    def _terms(self, place: Place) -> Terms:
        rules = self._rules[place.instrument_id]
        tiers = rules.margin_tiers or BRACKETS
        return Terms(place.instrument_id, tiers[0].maximum_leverage, rules.taker_fee, tiers)

    def _on_the_tick(self, instrument_id: InstrumentId, price: Price) -> Price:
        tick = self._rules[instrument_id].tick
        return Price(max(tick, times(rounded(divided(price, tick), 0), tick)))

    def _add(self, account_id: str, currency: str, amount: Decimal) -> None:
        key = (account_id, currency)
        self._wallets[key] = plus(self._wallets.get(key, ZERO), amount)
