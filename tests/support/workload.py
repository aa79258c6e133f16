"""Seeded trading: commands of every kind, so that a log holds every event type in a lively mix.

The same seed gives the same commands; they run through the real engine into whatever log it has.
"""

import hashlib
import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine
from domain.dispatch import Command
from domain.funding.commands import RecordFunding
from domain.ids import (
    PLATFORM,
    AccountId,
    CommandId,
    ExecutionId,
    InstrumentId,
    OrderId,
    StrategyId,
    derived,
    external_order_id,
)
from domain.instruments.commands import ListInstrument
from domain.instruments.events import TradingRules
from domain.margin.tiers import MarginTier
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    Liquidity,
    OrderType,
    PlaceOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordOutcomeUnknown,
    RecordReconciled,
    RecordRejection,
    RecordTrigger,
    ReferencePrice,
    ReplaceOrder,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.external import RecordExternalOrder
from domain.risk.commands import HaltTrading, Limits, RecordBalance, ResumeTrading, SetLimits
from domain.values import Money, PositionSide, Price, Quantity, Side
from tests.support.brackets import story as bracketed
from tests.support.external import described
from tests.support.membership import open_account, story
from tests.support.strategies import story as followed

_VENUE_TIME = 1_626_912_000_000_000
_WITHOUT_TIERS = TradingRules(
    currency="USDT",
    tick=Decimal("0.001"),
    step=Decimal(1),
    minimum_quantity=Decimal(1),
    maximum_quantity=Decimal(1_000_000),
    maximum_market_quantity=Decimal(1_000_000),
    minimum_notional=Decimal(5),
    trading=True,
)
_RULES = (
    replace(
        _WITHOUT_TIERS,
        taker_fee=Decimal("0.0004"),
        margin_tiers=(
            MarginTier(Decimal(100), Decimal(20), Decimal("0.01"), Decimal(0)),
            MarginTier(Decimal(1_000_000), Decimal(5), Decimal("0.1"), Decimal(9)),
        ),
    ),
    _WITHOUT_TIERS,
)


_STOPS = {
    Side.BUY: Trigger(TriggerSource.LAST, Price(Decimal("8.200")), None, None),
    Side.SELL: Trigger(TriggerSource.MARK, Price(Decimal("7.800")), None, None),
}


def _type(*, limit: bool, stop: bool, limited: bool) -> OrderType:
    if stop:
        return OrderType.STOP_LIMIT if limited else OrderType.STOP_MARKET
    return OrderType.LIMIT if limit else OrderType.MARKET


@dataclass(slots=True)
class Workload:
    """A stream of commands; run() it as often as wanted, each run trades further orders."""

    seed: int
    accounts: int = 12
    label: str = "workload"
    placed: int = 0
    followers: bool = False
    """Whether the stories of followers and brackets are told, once, after the first trading."""
    _random: random.Random = field(init=False)
    _commands: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def account_ids(self) -> list[AccountId]:
        """The accounts that trade."""
        return [AccountId(derived(self.label, "account", str(n))) for n in range(self.accounts)]

    @property
    def instruments(self) -> list[InstrumentId]:
        """What is traded."""
        return [InstrumentId("BINANCE:SUSHIUSDT"), InstrumentId("BINANCE:BTCUSDT")]

    async def open(self, engine: CommandEngine) -> None:
        """List the instruments and give every account its limits."""
        limits = Limits(
            currency="USDT",
            order_quantity=Decimal(500),
            open_orders=10_000,
            position_notional=Decimal(1_000_000),
            loss=Decimal(100_000),
            daily_loss=Decimal(100_000),
        )
        await self.submit(
            engine, [ListInstrument(*rules) for rules in zip(self.instruments, _RULES, strict=True)]
        )
        await self.submit(engine, [SetLimits(account, limits) for account in self.account_ids])
        await self.submit(engine, story(self.label))
        await self.submit(engine, [open_account(self.account_ids[0], self.label)])

    async def run(self, engine: CommandEngine, orders: int) -> list[Answer]:
        """Place some orders and report what a venue would; returns every answer."""
        answers = await self.submit(engine, list(self._places(orders)))
        lives = [self._life(command) for command in self._last_places]
        while lives:
            wave = []
            rest = []
            for life in lives:
                command = next(life, None)
                if command is not None:
                    wave.append(command)
                    rest.append(life)
            lives = rest
            self._random.shuffle(wave)
            answers += await self.submit(engine, wave)
        answers += await self.submit(engine, list(self._money()))
        answers += await self.submit(engine, self._of_others())
        halted = self._random.choice(self.account_ids)
        answers += await self.submit(engine, [HaltTrading(halted, "drill")])
        answers += await self.submit(engine, [ResumeTrading(halted, "drill over")])
        if self.followers:
            self.followers = False
            await self.submit(engine, followed(self.label, self.instruments[0]))
            await self.submit(engine, bracketed(self.label, self.instruments[0]))
        return answers

    _last_places: list[PlaceOrder] = field(default_factory=list)

    def _places(self, orders: int) -> Iterator[PlaceOrder]:
        self._last_places = []
        for _ in range(orders):
            self.placed += 1
            limit = self._random.random() < 0.7
            # Every twentieth order is too large and refused by risk.
            too_large = self._random.random() < 0.05
            # Every third order at the market is a stop.
            stop = not limit and not self.placed % 3
            # Every other stop has a limit price, at its trigger.
            limited = stop and not self.placed % 2
            place = PlaceOrder(
                order_id=OrderId(derived(self.label, str(self.seed), "order", str(self.placed))),
                account_id=self._random.choice(self.account_ids),
                instrument_id=self._random.choice(self.instruments),
                side=(side := self._random.choice([Side.BUY, Side.SELL])),
                type=_type(limit=limit, stop=stop, limited=limited),
                time_in_force=TimeInForce.GTC if limit or stop else TimeInForce.IOC,
                quantity=Quantity(Decimal(900 if too_large else self._random.randint(1, 10) * 10)),
                price=self._price() if limit else _STOPS[side].price if limited else None,
                strategy_id=StrategyId(derived(self.label, "strategy"))
                if self._random.random() < 0.5
                else None,
                reference=ReferencePrice(Price(Decimal("8.005")), _VENUE_TIME),
                trigger=_STOPS[side] if stop else None,
            )
            if not too_large:
                self._last_places.append(place)
            yield place

    def _life(self, place: PlaceOrder) -> Iterator[Command]:
        """What happens to an order at the venue, one report at a time."""
        of = (place.order_id, place.account_id, place.instrument_id)
        fate = self._random.random()
        if fate < 0.05:
            yield RecordRejection(*of, reason="insufficient margin", venue_time=self._time())
            return
        accepted: Command = RecordAcceptance(
            *of, venue_order_id=f"v{self.placed}", venue_time=self._time()
        )
        if 0.30 < fate < 0.36:
            yield RecordOutcomeUnknown(*of, reason="no answer", venue_time=self._time())
            accepted = RecordReconciled(*of, f"v{self.placed}", Decimal(0), self._time())
        late_acceptance = self._random.random() < 0.1
        if not late_acceptance:
            yield accepted
        yield from self._trigger(place)
        if fate < 0.15:
            ends = yield from self._taken_back(place, replaced=fate > 0.12)
            if ends:
                return
        if fate > 0.93:
            yield RecordExpiry(*of, reason="delisted", venue_time=self._time())
            return
        left = place.quantity
        if 0.20 < fate < 0.30 and place.type is OrderType.LIMIT and not late_acceptance:
            yield from self._amends(place, refused=fate < 0.23)
            left = left if fate < 0.23 else Quantity(left + 10)
        part = 0
        while left > 0:
            part += 1
            size = Quantity(min(left, Decimal(self._random.randint(1, 6) * 10)))
            left = Quantity(left - size)
            yield RecordFill(
                *of,
                execution_id=ExecutionId(f"{place.order_id[:8]}-{part}"),
                side=place.side,
                price=self._price(),
                quantity=size,
                fee=Money(Decimal(self._random.randint(-5, 40)).scaleb(-4), "USDT"),
                liquidity=self._random.choice(list(Liquidity)),
                venue_time=self._time(),
            )
        if late_acceptance:
            yield accepted

    def _trigger(self, place: PlaceOrder) -> Iterator[Command]:
        of = (place.order_id, place.account_id, place.instrument_id)
        if place.trigger is not None:
            yield RecordTrigger(*of, price=place.trigger.price, venue_time=self._time())

    def _amends(self, place: PlaceOrder, *, refused: bool) -> Iterator[Command]:
        """Two amends: our checks refuse the first, the venue perhaps the second."""
        of = (place.order_id, place.account_id, place.instrument_id)
        more = Quantity(place.quantity + 10)
        yield AmendOrder(*of, Quantity(Decimal(900)), None, place.reference)
        yield AmendOrder(*of, more, None, place.reference)
        if refused:
            yield RecordAmendRejection(*of, 1, "too late", self._time())
        else:
            yield RecordAmendment(*of, 1, more, place.price, self._time())

    def _of_others(self) -> list[Command]:
        """What somebody else does at the venue, and then the venue itself."""
        name = f"x{self._commands}"
        account, instrument = self.account_ids[0], self.instruments[0]
        named = described(
            name,
            order_id=external_order_id(account, instrument, name),
            account_id=account,
            instrument_id=instrument,
            side=Side.SELL,
            quantity=Quantity(Decimal(20)),
            price=self._price(),
            venue_time=self._time(),
        )
        of = (named.order_id, named.account_id, named.instrument_id)
        fill = RecordFill(
            *of,
            execution_id=ExecutionId(f"{name}-1"),
            side=named.side,
            price=self._price(),
            quantity=Quantity(Decimal(5)),
            fee=Money(Decimal("0.01"), "USDT"),
            liquidity=Liquidity.MAKER,
            venue_time=self._time(),
        )
        return [
            RecordExternalOrder(named, RecordAcceptance(*of, name, named.venue_time)),
            RecordExternalOrder(named, fill),
        ]

    def _taken_back(self, place: PlaceOrder, *, replaced: bool) -> Generator[Command, None, bool]:
        """A cancel that may be refused, or replacements; whether the order has ended."""
        of = (place.order_id, place.account_id, place.instrument_id)
        if replaced:
            yield from self._replaces(place)
            return True
        yield CancelOrder(place.order_id, place.account_id)
        if self._random.random() < 0.3:
            yield RecordCancelRejection(*of, reason="too late", venue_time=self._time())
            return False
        yield RecordCancellation(*of, venue_time=self._time())
        return True

    def _replaces(self, place: PlaceOrder) -> Iterator[Command]:
        """Our checks refuse the first replacement, the venue's refused cancel ends the second; the
        third is sent once the order is cancelled."""
        of = (place.order_id, place.account_id, place.instrument_id)
        for number, more in enumerate((900, 10, 10)):
            yield ReplaceOrder(
                order_id=place.order_id,
                replacement_id=OrderId(derived(self.label, place.order_id, str(number))),
                account_id=place.account_id,
                instrument_id=place.instrument_id,
                type=place.type,
                time_in_force=place.time_in_force,
                quantity=Quantity(place.quantity + more),
                price=place.price,
                reference=place.reference,
                trigger=place.trigger,
            )
            if number == 1:
                yield RecordCancelRejection(*of, reason="too late", venue_time=self._time())
        yield RecordCancellation(*of, venue_time=self._time())

    def _money(self) -> Iterator[Command]:
        """Funding of every position, and the balance that the venue tells after it."""
        for account in self.account_ids:
            for instrument in self.instruments:
                yield RecordFunding(
                    account_id=account,
                    instrument_id=instrument,
                    position_side=PositionSide.NET,
                    funding_id=f"f-{self._commands}",
                    rate=Decimal("0.0001"),
                    mark_price=self._price(),
                    quantity=Decimal(10),
                    payment=Money(Decimal(self._random.randint(1, 40)).scaleb(-4), "USDT"),
                    venue_time=self._time(),
                )
            amount = Decimal(self._random.randint(1_000_000, 9_000_000))
            yield RecordBalance(account, Money(amount, "USDT"), self._time())

    def _price(self) -> Price:
        return Price(Decimal(self._random.randint(7_500, 8_500)).scaleb(-3))

    def _time(self) -> int:
        self._commands += 1
        return _VENUE_TIME + self._commands * 1_000

    async def submit(self, engine: CommandEngine, commands: Sequence[Command]) -> list[Answer]:
        """Send commands of any kind, in order."""
        submissions = [self._submission(command) for command in commands]
        answers: list[Answer] = []
        for outcome in await engine.submit_many(submissions):
            if not isinstance(outcome, Answer):
                raise outcome
            answers.append(outcome)
        return answers

    def _submission(self, command: Command) -> Submission:
        self._commands += 1
        account: AccountId = getattr(command, "account_id", PLATFORM)
        return Submission(
            command=command,
            command_id=CommandId(derived(self.label, str(self.seed), str(self._commands))),
            account_id=account,
            actor=self.label,
            correlation_id=derived(self.label, "correlation"),
            fingerprint=hashlib.sha256(repr(command).encode()).digest(),
        )
