"""Strategies of tests: short words for commands, and a story that has every one of their events."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.dispatch import Command
from domain.ids import (
    AccountId,
    InstrumentId,
    SignalId,
    StrategyId,
    UserId,
    derived,
)
from domain.orders.commands import OrderType, RecordAcceptance, ReferencePrice, TimeInForce
from domain.risk.commands import SetLimits
from domain.strategies.commands import (
    AmendCopy,
    ChangeAccess,
    ChangeFollower,
    CopyIntent,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
    PauseStrategy,
    RegisterStrategy,
    ReportDrift,
    StartStrategy,
    StopStrategy,
    SubmitSignal,
    UnfollowStrategy,
)
from domain.strategies.copying import order_id_of
from domain.strategies.terms import (
    Access,
    CopySource,
    DriftPolicy,
    Intent,
    IntentKind,
    SizingRule,
    Terms,
)
from domain.values import Price, Quantity, Side
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    OTHER_ACCOUNT,
    START,
    SUSHI,
    order_id,
)

LEADER: Final = ACCOUNT
FOLLOWER: Final = OTHER_ACCOUNT
STRATEGY: Final = StrategyId(derived("test", "strategy"))
OWNER: Final = UserId(derived("test", "owner"))
RATIO: Final = Terms(SizingRule.RATIO, Decimal("0.5"), Quantity(Decimal(100)))
MARKET: Final = ReferencePrice(Price(Decimal(8)), START)


def signal_id(name: str) -> SignalId:
    """A signal's id by a name of the test."""
    return SignalId(derived("test", "signal", name))


def register(
    strategy_id: StrategyId = STRATEGY,
    account: AccountId = LEADER,
    instrument: InstrumentId = SUSHI,
    source: CopySource = CopySource.SIGNALS,
    access: Access = Access.OPEN,
) -> RegisterStrategy:
    """A strategy in one instrument."""
    return RegisterStrategy(strategy_id, account, OWNER, "trend", (instrument,), source, access)


def running(strategy_id: StrategyId = STRATEGY, account: AccountId = LEADER) -> list[Command]:
    """What makes a strategy run."""
    return [register(strategy_id, account), StartStrategy(strategy_id, account)]


def signal(
    name: str,
    side: Side | None = Side.BUY,
    quantity: str | None = "10",
    *,
    target: str | None = None,
    strength: str | None = None,
    price: str | None = None,
    valid_until: int | None = None,
) -> SubmitSignal:
    """A signal; with a target it has no side."""
    return SubmitSignal(
        signal_id=signal_id(name),
        strategy_id=STRATEGY,
        account_id=LEADER,
        instrument_id=SUSHI,
        side=side if target is None else None,
        target=None if target is None else Decimal(target),
        quantity=None if quantity is None else Quantity(Decimal(quantity)),
        strength=None if strength is None else Decimal(strength),
        price=None if price is None else Price(Decimal(price)),
        valid_until=valid_until,
    )


def intent(
    name: str,
    side: Side | None = Side.BUY,
    quantity: str | None = "10",
    *,
    target: str | None = None,
    strength: str | None = None,
    price: str | None = None,
    valid_until: int | None = None,
) -> Intent:
    """What such a signal means to followers."""
    return Intent(
        intent_id=signal_id(name),
        kind=IntentKind.SIGNAL,
        instrument_id=SUSHI,
        side=side if target is None else None,
        target=None if target is None else Decimal(target),
        quantity=None if quantity is None else Quantity(Decimal(quantity)),
        strength=None if strength is None else Decimal(strength),
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        price=None if price is None else Price(Decimal(price)),
        reduce_only=False,
        valid_until=valid_until,
    )


def follow(terms: Terms = RATIO, account: AccountId = FOLLOWER) -> FollowStrategy:
    """Follow the example strategy."""
    return FollowStrategy(STRATEGY, account, terms)


def copy(
    wanted: Intent,
    seen: int = 1,
    held: str = "0",
    *,
    account: AccountId = FOLLOWER,
    reference: ReferencePrice | None = MARKET,
) -> CopyIntent:
    """One intent for the example follower."""
    return CopyIntent(STRATEGY, account, wanted, seen, Decimal(held), reference)


def led_order(name: str, amount: str = "10", at: str = "8", *, reduce_only: bool = False) -> Intent:
    """What the leader's order of that name means to followers, with this quantity and price."""
    return Intent(
        intent_id=order_id(name),
        kind=IntentKind.ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        target=None,
        quantity=Quantity(Decimal(amount)),
        strength=None,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        price=Price(Decimal(at)),
        reduce_only=reduce_only,
        valid_until=START + 60_000_000,
    )


def amend_copy(
    wanted: Intent, seen: int, held: str = "0", *, account: AccountId = FOLLOWER
) -> AmendCopy:
    """The leader's order was amended to this."""
    return AmendCopy(STRATEGY, account, wanted, seen, Decimal(held), MARKET)


def drift(
    leader: str,
    held: str,
    seen: int = 1,
    *,
    account: AccountId = FOLLOWER,
    reference: ReferencePrice | None = MARKET,
) -> ReportDrift:
    """A follower that is not where it should be."""
    return ReportDrift(STRATEGY, account, SUSHI, seen, Decimal(leader), Decimal(held), reference)


def story(name: str, instrument: InstrumentId) -> list[Command]:
    """Commands that leave every type of their events; three orders come of it, one denied."""
    led = StrategyId(derived("test strategy", name))
    leader, keen, late = (
        AccountId(derived("test account", name, role)) for role in ("leader", "keen", "late")
    )
    given = replace(signal(name), strategy_id=led, account_id=leader, instrument_id=instrument)
    wanted = replace(intent(name), instrument_id=instrument)
    early = replace(wanted, intent_id=derived("test", "signal", name, "early"), valid_until=1)
    order = replace(led_order(name), instrument_id=instrument, valid_until=None)
    amended = replace(order, quantity=Quantity(Decimal(20)))
    copied = CopyIntent(led, keen, order, 5, Decimal(5), MARKET)
    terms = replace(RATIO, drift=DriftPolicy.REPORT)
    return [
        replace(register(led, leader, instrument), label=name),
        StartStrategy(led, leader),
        ChangeAccess(led, leader, Access.INVITATION),
        InviteFollower(led, leader, keen),
        InviteFollower(led, leader, late),
        SetLimits(keen, NO_LIMITS),
        FollowStrategy(led, keen, terms),
        FollowStrategy(led, late, terms),
        ChangeFollower(led, keen, replace(terms, paused=True)),
        ChangeFollower(led, keen, terms),
        given,
        CopyIntent(led, keen, wanted, 3, Decimal(0), MARKET),
        CopyIntent(led, keen, early, 4, Decimal(5), MARKET),
        copied,
        RecordAcceptance(order_id_of(copied), keen, instrument, f"v-{name}", START),
        AmendCopy(led, keen, amended, 6, Decimal(5), MARKET),
        CopyIntent(led, late, wanted, 1, Decimal(0), MARKET),
        ReportDrift(led, keen, instrument, 7, Decimal(10), Decimal(0), MARKET),
        UnfollowStrategy(led, late),
        DismissFollower(led, leader, late),
        PauseStrategy(led, leader),
        StartStrategy(led, leader),
        StopStrategy(led, leader),
    ]
