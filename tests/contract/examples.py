"""One example of every event, and a second one where fields may be empty.

The stored bytes of these examples are golden: they are what logs of released versions hold.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from domain.accounts.events import (
    AccountClosed,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    KeyPermission,
    KeyScheme,
    LeverageSet,
    MarginMode,
    MarginModeChanged,
    PositionMode,
    PositionModeChanged,
    VenueKey,
    VenueKeyAdded,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.envelope import Metadata
from domain.ids import CommandId, ExecutionId
from domain.instruments.events import InstrumentListed
from domain.margin.tiers import MarginTier
from domain.orders.commands import ExecutionKind, Liquidity, OrderType, TimeInForce
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderRejected,
)
from domain.registry import Event
from domain.users.events import (
    Role,
    RoleGranted,
    RoleRevoked,
    Sealed,
    UserErased,
    UserRegistered,
    UserReinstated,
    UserSuspended,
)
from domain.values import Money, PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    RULES,
    STRATEGY,
    SUSHI,
    USER,
    VENUE_TIME,
    price_of,
    quantity_of,
    usdt,
)
from tests.contract.examples_positions import POSITIONS, RETIRED_POSITIONS
from tests.contract.examples_risk import RISK
from tests.contract.examples_risk_retired import RETIRED_RISK

_FILLED: Final = OrderFilled(
    order_id=ORDER,
    account_id=ACCOUNT,
    instrument_id=SUSHI,
    strategy_id=STRATEGY,
    execution_id=ExecutionId("88231771"),
    side=Side.BUY,
    price=price_of("7.599"),
    quantity=quantity_of("4"),
    fee=usdt("0.0121584"),
    liquidity=Liquidity.TAKER,
    filled_quantity=Decimal(12),
    overfill=Decimal(2),
    venue_time=VENUE_TIME,
    position_side=PositionSide.LONG,
    kind=ExecutionKind.LIQUIDATION,
)


_REBATE: Final = OrderFilled(
    order_id=ORDER,
    account_id=ACCOUNT,
    instrument_id=SUSHI,
    strategy_id=None,
    execution_id=ExecutionId("88231772"),
    side=Side.SELL,
    price=price_of("0.000000000000000001"),
    quantity=quantity_of("999999999999999999.999999999999999999"),
    fee=Money(Decimal("-0.00001"), "BNB"),
    liquidity=Liquidity.MAKER,
    filled_quantity=Decimal("999999999999999999.999999999999999999"),
    overfill=Decimal(0),
    venue_time=VENUE_TIME,
    position_side=PositionSide.NET,
    kind=ExecutionKind.TRADE,
)


_VENUE_KEY: Final = VenueKey(
    version=1,
    venue="BINANCE",
    scheme=KeyScheme.HMAC_SHA256,
    hint="uEh8",
    fingerprint="4c1f0e0a9b7d3e21",
    label="desk one",
    permissions=(KeyPermission.READ, KeyPermission.TRADE),
)

EXAMPLES: Final[dict[str, Event]] = {
    "instrument.listed.v2": InstrumentListed(
        instrument_id=SUSHI,
        rules_version=2,
        rules=replace(
            RULES,
            maker_fee=Decimal("-0.0001"),
            taker_fee=Decimal("0.0004"),
            margin_tiers=(
                MarginTier(Decimal(5_000), Decimal(50), Decimal("0.010"), Decimal(0)),
                MarginTier(Decimal(25_000), Decimal(20), Decimal("0.025"), Decimal(75)),
            ),
        ),
    ),
    "instrument.listed.v2 bare": InstrumentListed(SUSHI, 1, RULES),
    "order.placed.v2": OrderPlaced(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=quantity_of("10"),
        price=price_of("7.600"),
        reduce_only=False,
        strategy_id=STRATEGY,
        client_order_id="pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        currency="USDT",
        position_side=PositionSide.NET,
    ),
    "order.placed.v2 market": OrderPlaced(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=None,
        reduce_only=True,
        strategy_id=None,
        client_order_id="pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        currency="USDT",
        position_side=PositionSide.LONG,
    ),
    "order.denied.v2": OrderDenied(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=price_of("7.6"),
        reduce_only=False,
        strategy_id=STRATEGY,
        reason=2007,
        detail="the position could pass its limit",
        position_side=PositionSide.NET,
    ),
    "order.denied.v2 market": OrderDenied(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=None,
        reduce_only=False,
        strategy_id=None,
        reason=2001,
        detail='loss of "5 %" — ünlimited \u2028',
        position_side=PositionSide.SHORT,
    ),
    "order.accepted.v1": OrderAccepted(ORDER, "8389765491", VENUE_TIME),
    "order.rejected.v1": OrderRejected(ORDER, "-2019 Margin is insufficient.", VENUE_TIME),
    "order.filled.v2": _FILLED,
    "order.filled.v2 rebate": _REBATE,
    "order.cancel_requested.v1": OrderCancelRequested(
        ORDER, ACCOUNT, SUSHI, "pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11"
    ),
    "order.cancel_rejected.v1": OrderCancelRejected(ORDER, "-2011 Unknown order.", VENUE_TIME),
    "order.cancelled.v1": OrderCancelled(ORDER, Decimal(6), VENUE_TIME),
    "order.expired.v1": OrderExpired(ORDER, Decimal("0.0"), "immediate or cancel", VENUE_TIME),
    **POSITIONS,
    **RISK,
    "user.registered.v1": UserRegistered(USER, Sealed("AXNlYWxlZC1uYW1l"), Sealed("AXNlYWxlZC1l")),
    "user.role_granted.v1": RoleGranted(USER, Role.RISK_MANAGER),
    "user.role_revoked.v1": RoleRevoked(USER, Role.TRADER),
    "user.suspended.v1": UserSuspended(USER, Sealed("AXNlYWxlZC1yZWFzb24=")),
    "user.reinstated.v1": UserReinstated(USER),
    "user.erased.v1": UserErased(USER),
    "account.opened.v1": AccountOpened(
        ACCOUNT, USER, "BINANCE", PositionMode.ONE_WAY, MarginMode.CROSS
    ),
    "account.suspended.v1": AccountSuspended(ACCOUNT, "papers are missing"),
    "account.reinstated.v1": AccountReinstated(ACCOUNT),
    "account.closed.v1": AccountClosed(ACCOUNT),
    "account.venue_key_added.v1": VenueKeyAdded(ACCOUNT, _VENUE_KEY),
    "account.venue_key_rotated.v1": VenueKeyRotated(
        ACCOUNT, replace(_VENUE_KEY, version=2, scheme=KeyScheme.ED25519), 1
    ),
    "account.venue_key_revoked.v1": VenueKeyRevoked(ACCOUNT, 1),
    "account.leverage_set.v1": LeverageSet(ACCOUNT, SUSHI, Decimal("12.50")),
    "account.position_mode_changed.v1": PositionModeChanged(ACCOUNT, PositionMode.HEDGE),
    "account.margin_mode_changed.v1": MarginModeChanged(ACCOUNT, MarginMode.ISOLATED),
}
"""Stored type name, and a word where a type has a second example."""


def _net(event: Any) -> Event:
    """As what was stored before there were legs is read."""
    read: Event = replace(event, position_side=PositionSide.NET)
    return read


RETIRED_EXAMPLES: Final[dict[str, Event]] = {
    "order.placed.v1": _net(EXAMPLES["order.placed.v2"]),
    "order.placed.v1 market": _net(EXAMPLES["order.placed.v2 market"]),
    "order.denied.v1": _net(EXAMPLES["order.denied.v2"]),
    "order.denied.v1 market": _net(EXAMPLES["order.denied.v2 market"]),
    "instrument.listed.v1": InstrumentListed(SUSHI, 1, RULES),
    "order.filled.v1 rebate": _REBATE,
    "order.filled.v1": replace(_FILLED, position_side=PositionSide.NET, kind=ExecutionKind.TRADE),
    **RETIRED_POSITIONS,
    **RETIRED_RISK,
}
"""What the golden bytes of each retired version are read as today, by its stored name."""

METADATA: Final[dict[str, Metadata]] = {
    "metadata": Metadata(
        command_id=CommandId("5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f"),
        correlation_id="2b1c0d9e-8f7e-4a6b-9c5d-1e2f3a4b5c6d",
        causation_id="5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f",
        actor="trader-7",
        occurred_at=AT,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    "metadata bare": Metadata(
        command_id=CommandId("5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f"),
        correlation_id="",
        causation_id="",
        actor="",
        occurred_at=0,
    ),
}
