"""Examples of every event of strategies, signals and followers, for their golden bytes."""

from decimal import Decimal
from typing import Final

from domain.ids import AccountId, InstrumentId, OrderId, SignalId, StrategyId, UserId
from domain.orders.commands import OrderType, TimeInForce
from domain.registry import Event
from domain.strategies.events import (
    AmendAction,
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftAction,
    DriftFound,
    FollowerDismissed,
    FollowerInvited,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
    SignalSubmitted,
    SizingInputs,
    StrategyAccessChanged,
    StrategyPaused,
    StrategyRegistered,
    StrategyStarted,
    StrategyStopped,
)
from domain.strategies.terms import (
    Access,
    CopySource,
    DriftPolicy,
    Intent,
    IntentKind,
    SizingRule,
    Terms,
)
from domain.values import Money, Price, Quantity, Side

_LEADER: Final = AccountId("3f0e8f1a-6a1c-4c7e-9d55-0b7f6a1f2c01")
_FOLLOWER: Final = AccountId("3f0e8f1a-6a1c-4c7e-9d55-0b7f6a1f2c02")
_STRATEGY: Final = StrategyId("9a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d")
_SIGNAL: Final = SignalId("c1d2e3f4-0a1b-4c2d-8e3f-4a5b6c7d8e9f")
_ORDER: Final = OrderId("1b9f3c1e-5f0e-8b6e-9d5e-0a5a0c0f6a11")
_SUSHI: Final = InstrumentId("BINANCE:SUSHIUSDT")
_AT: Final = 1_626_912_000_456_789

_SHARE: Final = Terms(
    rule=SizingRule.EQUITY_SHARE,
    value=Decimal("0.1"),
    maximum=Quantity(Decimal(100)),
    capital=Money(Decimal(10_000), "USDT"),
    paused=False,
    tolerance=Decimal("0.5"),
    drift=DriftPolicy.REPAIR,
)
_RATIO: Final = Terms(SizingRule.RATIO, Decimal("0.25"), Quantity(Decimal(50)), paused=True)
_INTENT: Final = Intent(
    intent_id=_SIGNAL,
    kind=IntentKind.SIGNAL,
    instrument_id=_SUSHI,
    side=Side.BUY,
    target=None,
    quantity=Quantity(Decimal(10)),
    strength=Decimal("0.5"),
    type=OrderType.LIMIT,
    time_in_force=TimeInForce.IOC,
    price=Price(Decimal("7.6")),
    reduce_only=False,
    valid_until=_AT,
)
_FLAT: Final = Intent(
    intent_id=_SIGNAL,
    kind=IntentKind.ORDER,
    instrument_id=_SUSHI,
    side=None,
    target=Decimal(0),
    quantity=None,
    strength=None,
    type=OrderType.MARKET,
    time_in_force=TimeInForce.IOC,
    price=None,
    reduce_only=True,
    valid_until=None,
)
_LED: Final = Intent(
    intent_id=OrderId("5b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a12"),
    kind=IntentKind.ORDER,
    instrument_id=_SUSHI,
    side=Side.BUY,
    target=None,
    quantity=Quantity(Decimal(10)),
    strength=None,
    type=OrderType.LIMIT,
    time_in_force=TimeInForce.GTC,
    price=Price(Decimal("7.6")),
    reduce_only=False,
    valid_until=_AT,
)
_INPUTS: Final = SizingInputs(
    held=Decimal("-3.5"),
    equity=Money(Decimal("10120.75"), "USDT"),
    price=Price(Decimal("7.6")),
    rules_version=2,
    at=_AT,
)
_BARE: Final = SizingInputs(Decimal(0), None, None, 0, _AT)

STRATEGY_EXAMPLES: Final[dict[str, Event]] = {
    "strategy.registered.v2": StrategyRegistered(
        strategy_id=_STRATEGY,
        account_id=_LEADER,
        owner=UserId("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        label="trend of the day",
        instruments=(InstrumentId("BINANCE:BTCUSDT"), _SUSHI),
        source=CopySource.SIGNALS,
        access=Access.INVITATION,
    ),
    "strategy.access_changed.v1": StrategyAccessChanged(_STRATEGY, _LEADER, Access.OPEN),
    "strategy.follower_invited.v1": FollowerInvited(_STRATEGY, _LEADER, _FOLLOWER),
    "strategy.follower_dismissed.v1": FollowerDismissed(_STRATEGY, _LEADER, _FOLLOWER),
    "strategy.started.v1": StrategyStarted(_STRATEGY, _LEADER),
    "strategy.paused.v1": StrategyPaused(_STRATEGY, _LEADER),
    "strategy.stopped.v1": StrategyStopped(_STRATEGY, _LEADER),
    "signal.submitted.v1": SignalSubmitted(
        signal_id=_SIGNAL,
        strategy_id=_STRATEGY,
        account_id=_LEADER,
        instrument_id=_SUSHI,
        side=Side.BUY,
        target=None,
        quantity=Quantity(Decimal(10)),
        strength=Decimal("0.5"),
        price=Price(Decimal("7.6")),
        valid_until=_AT,
    ),
    "signal.submitted.v1 target": SignalSubmitted(
        signal_id=_SIGNAL,
        strategy_id=_STRATEGY,
        account_id=_LEADER,
        instrument_id=_SUSHI,
        side=None,
        target=Decimal("-12.5"),
        quantity=None,
        strength=None,
        price=None,
        valid_until=None,
    ),
    "follower.begun.v1": FollowingBegun(_STRATEGY, _FOLLOWER, _SHARE),
    "follower.changed.v1": FollowingChanged(_STRATEGY, _FOLLOWER, _RATIO),
    "follower.ended.v1": FollowingEnded(_STRATEGY, _FOLLOWER),
    "follower.copied.v1": IntentCopied(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_INTENT,
        inputs=_INPUTS,
        order_id=_ORDER,
        side=Side.BUY,
        quantity=Quantity(Decimal("66.5")),
    ),
    "follower.copied.v1 bare": IntentCopied(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_FLAT,
        inputs=_BARE,
        order_id=_ORDER,
        side=Side.SELL,
        quantity=Quantity(Decimal(3)),
    ),
    "follower.copy_skipped.v1": CopySkipped(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_INTENT,
        inputs=_BARE,
        reason=4221,
        detail="less than the venue's smallest order (0.2, limit 0.5)",
    ),
    "follower.copy_refused.v1": CopyRefused(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_INTENT,
        inputs=_INPUTS,
        order_id=_ORDER,
        side=Side.BUY,
        quantity=Quantity(Decimal("66.5")),
        reason=2004,
        detail="the order's quantity is over the limit",
    ),
    "follower.amend_copied.v1": AmendCopied(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_LED,
        inputs=_INPUTS,
        order_id=_ORDER,
        action=AmendAction.AMENDED,
        quantity=Quantity(Decimal("66.5")),
        reason=None,
        detail="",
    ),
    "follower.amend_copied.v1 cancelled": AmendCopied(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        intent=_LED,
        inputs=_INPUTS,
        order_id=_ORDER,
        action=AmendAction.CANCELLED,
        quantity=None,
        reason=3011,
        detail="as much is filled as the copy should have (1, limit 2)",
    ),
    "follower.drift_found.v1": DriftFound(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        instrument_id=_SUSHI,
        leader=Decimal(20),
        held=Decimal(3),
        expected=Decimal(5),
        action=DriftAction.REPAIRED,
        order_id=_ORDER,
        side=Side.BUY,
        quantity=Quantity(Decimal(2)),
        reason=None,
        detail="",
        at=_AT,
    ),
    "follower.drift_found.v1 skipped": DriftFound(
        strategy_id=_STRATEGY,
        account_id=_FOLLOWER,
        instrument_id=_SUSHI,
        leader=Decimal(0),
        held=Decimal("-0.3"),
        expected=Decimal(0),
        action=DriftAction.SKIPPED,
        order_id=None,
        side=None,
        quantity=None,
        reason=4221,
        detail="less than the venue's smallest order (0.3, limit 0.5)",
        at=_AT,
    ),
}

RETIRED_STRATEGIES: Final[dict[str, Event]] = {
    "strategy.registered.v1": StrategyRegistered(
        strategy_id=_STRATEGY,
        account_id=_LEADER,
        owner=UserId("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        label="trend of the day",
        instruments=(InstrumentId("BINANCE:BTCUSDT"), _SUSHI),
        source=CopySource.SIGNALS,
        access=Access.OPEN,
    ),
}
"""What the golden bytes of each retired version are read as today."""
