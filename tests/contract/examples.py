"""One example of every event, and a second one where fields may be empty.

The stored bytes of these examples are golden: they are what logs of released versions hold.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

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
from domain.ids import CommandId
from domain.instruments.events import InstrumentListed
from domain.margin.tiers import MarginTier
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
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    RULES,
    SUSHI,
    USER,
)
from tests.contract.examples_allotments import ALLOTMENTS
from tests.contract.examples_brackets import BRACKETS
from tests.contract.examples_external import EXTERNAL
from tests.contract.examples_governance import GOVERNANCE, GOVERNANCE_RETIRED
from tests.contract.examples_life import LIFE
from tests.contract.examples_orders import ORDERS, RETIRED_ORDERS
from tests.contract.examples_positions import POSITIONS, RETIRED_POSITIONS
from tests.contract.examples_risk import RISK
from tests.contract.examples_risk_retired import RETIRED_RISK
from tests.contract.examples_strategies import RETIRED_STRATEGIES, STRATEGY_EXAMPLES

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
    **ORDERS,
    **POSITIONS,
    **RISK,
    **GOVERNANCE,
    **ALLOTMENTS,
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
    **STRATEGY_EXAMPLES,
    **LIFE,
    **EXTERNAL,
    **BRACKETS,
}
"""Stored type name, and a word where a type has a second example."""


RETIRED_EXAMPLES: Final[dict[str, Event]] = {
    "instrument.listed.v1": InstrumentListed(SUSHI, 1, RULES),
    **RETIRED_ORDERS,
    **RETIRED_POSITIONS,
    **RETIRED_RISK,
    **GOVERNANCE_RETIRED,
    **RETIRED_STRATEGIES,
}
"""What the golden bytes of each retired version are read as today, by its stored name, and a word
where there is a second one."""

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
