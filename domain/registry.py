"""The names under which events are stored: explicit, versioned, never reused, never a Python path.

LookupError
└── UnknownEventType   the log holds a type this release does not know: run a newer release
"""

from enum import Enum
from typing import Final

from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    LeverageSet,
    MarginModeChanged,
    PositionModeChanged,
    VenueKeyAdded,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.allotments.events import AllotmentEvent, AllotmentMoved
from domain.brackets.events import (
    BracketEnded,
    BracketEvent,
    BracketMoved,
    BracketPlaced,
    BracketRefused,
    ExitGivenUp,
    ExitOrdered,
    ProtectionLost,
    ProtectionWanted,
)
from domain.funding.events import FundingEvent, FundingRecorded
from domain.instruments.events import InstrumentEvent, InstrumentListed
from domain.instruments.retired import InstrumentListedV1, listed_v1
from domain.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderAmendRejected,
    OrderAmendRequested,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderLinked,
    OrderObserved,
    OrderOutcomeUnknown,
    OrderPlaced,
    OrderReconciled,
    OrderRejected,
    OrderReplaceRequested,
    OrderResizeRequested,
    OrderTriggered,
    OrderWithdrawn,
)
from domain.orders.retired import (
    OrderDeniedV1,
    OrderFilledV1,
    OrderPlacedV1,
    denied_v1,
    filled_v1,
    placed_v1,
)
from domain.positions.events import (
    PositionClosed,
    PositionEvent,
    PositionFlipped,
    PositionFunded,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.positions.retired import PositionChangeV1, change_v1
from domain.risk import retired as risk_of_old
from domain.risk import retired_halts
from domain.risk.counting import OrderCounted
from domain.risk.events import (
    AmendAdmitted,
    AmendRefused,
    BalanceRecorded,
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    DayRolled,
    FillApplied,
    FundingApplied,
    LimitsProposed,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationAmended,
    ReservationReleased,
    ReservationRested,
    ResumeProposed,
    RiskEvent,
    TradingHalted,
    TradingResumed,
)
from domain.risk.exits import ExitAdmitted, ExitEnded
from domain.risk.replacements import (
    ReplacementAdmitted,
    ReplacementDropped,
    ReplacementEvent,
    ReplacementRefused,
    ReservationReplaced,
)
from domain.risk.terms import MarginTermsNoted
from domain.risk.wider_events import ShareChanged, WiderEvent, WiderLimitProposed, WiderLimitSet
from domain.strategies.events import (
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftFound,
    FollowerDismissed,
    FollowerEvent,
    FollowerInvited,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
    SignalEvent,
    SignalSubmitted,
    StrategyAccessChanged,
    StrategyEvent,
    StrategyPaused,
    StrategyRegistered,
    StrategyStarted,
    StrategyStopped,
)
from domain.strategies.retired import StrategyRegisteredV1, registered_v1
from domain.upcasting import Forms, Retired
from domain.users.events import (
    RoleGranted,
    RoleRevoked,
    UserErased,
    UserEvent,
    UserRegistered,
    UserReinstated,
    UserSuspended,
)

Event = (
    AccountEvent
    | FundingEvent
    | InstrumentEvent
    | OrderEvent
    | PositionEvent
    | RiskEvent
    | ReplacementEvent
    | UserEvent
    | StrategyEvent
    | SignalEvent
    | FollowerEvent
    | WiderEvent
    | MarginTermsNoted
    | AllotmentEvent
    | BracketEvent
)

EVENT_TYPES: Final[dict[str, type[Event]]] = {
    "instrument.listed.v2": InstrumentListed,
    "order.placed.v2": OrderPlaced,
    "order.denied.v2": OrderDenied,
    "order.accepted.v1": OrderAccepted,
    "order.rejected.v1": OrderRejected,
    "order.filled.v2": OrderFilled,
    "order.cancel_requested.v1": OrderCancelRequested,
    "order.cancel_rejected.v1": OrderCancelRejected,
    "order.cancelled.v1": OrderCancelled,
    "order.expired.v1": OrderExpired,
    "position.opened.v2": PositionOpened,
    "position.increased.v2": PositionIncreased,
    "position.reduced.v2": PositionReduced,
    "position.closed.v2": PositionClosed,
    "position.flipped.v2": PositionFlipped,
    "risk.limits_set.v2": LimitsSet,
    "risk.order_admitted.v2": OrderAdmitted,
    "risk.order_refused.v2": OrderRefused,
    "order.triggered.v1": OrderTriggered,
    "risk.reservation_released.v1": ReservationReleased,
    "risk.fill_applied.v2": FillApplied,
    "risk.day_rolled.v1": DayRolled,
    "risk.margin_terms_noted.v1": MarginTermsNoted,
    "risk.trading_halted.v2": TradingHalted,
    "risk.trading_resumed.v2": TradingResumed,
    "risk.limits_proposed.v1": LimitsProposed,
    "risk.resume_proposed.v1": ResumeProposed,
    "risk.change_approved.v1": ChangeApproved,
    "risk.change_refused.v1": ChangeRefused,
    "risk.change_withdrawn.v1": ChangeWithdrawn,
    "risk.change_expired.v1": ChangeExpired,
    "risk.change_superseded.v1": ChangeSuperseded,
    "user.registered.v1": UserRegistered,
    "user.role_granted.v1": RoleGranted,
    "user.role_revoked.v1": RoleRevoked,
    "user.suspended.v1": UserSuspended,
    "user.reinstated.v1": UserReinstated,
    "user.erased.v1": UserErased,
    "account.opened.v1": AccountOpened,
    "account.suspended.v1": AccountSuspended,
    "account.reinstated.v1": AccountReinstated,
    "account.closed.v1": AccountClosed,
    "account.leverage_set.v1": LeverageSet,
    "account.position_mode_changed.v1": PositionModeChanged,
    "account.margin_mode_changed.v1": MarginModeChanged,
    "funding.recorded.v1": FundingRecorded,
    "position.funded.v1": PositionFunded,
    "risk.funding_applied.v1": FundingApplied,
    "risk.balance_recorded.v1": BalanceRecorded,
    "account.venue_key_added.v1": VenueKeyAdded,
    "account.venue_key_rotated.v1": VenueKeyRotated,
    "account.venue_key_revoked.v1": VenueKeyRevoked,
    "strategy.registered.v2": StrategyRegistered,
    "strategy.started.v1": StrategyStarted,
    "strategy.paused.v1": StrategyPaused,
    "strategy.stopped.v1": StrategyStopped,
    "signal.submitted.v1": SignalSubmitted,
    "follower.begun.v1": FollowingBegun,
    "follower.changed.v1": FollowingChanged,
    "follower.ended.v1": FollowingEnded,
    "follower.copied.v1": IntentCopied,
    "follower.copy_skipped.v1": CopySkipped,
    "follower.copy_refused.v1": CopyRefused,
    "follower.drift_found.v1": DriftFound,
    "follower.amend_copied.v1": AmendCopied,
    "strategy.access_changed.v1": StrategyAccessChanged,
    "strategy.follower_invited.v1": FollowerInvited,
    "strategy.follower_dismissed.v1": FollowerDismissed,
    "order.amend_requested.v1": OrderAmendRequested,
    "order.amended.v1": OrderAmended,
    "order.amend_rejected.v1": OrderAmendRejected,
    "order.outcome_unknown.v1": OrderOutcomeUnknown,
    "order.reconciled.v1": OrderReconciled,
    "risk.amend_admitted.v1": AmendAdmitted,
    "risk.amend_refused.v1": AmendRefused,
    "risk.reservation_amended.v1": ReservationAmended,
    "order.observed.v1": OrderObserved,
    "risk.order_counted.v1": OrderCounted,
    "risk.wider_limit_set.v1": WiderLimitSet,
    "risk.wider_limit_proposed.v1": WiderLimitProposed,
    "risk.share_changed.v1": ShareChanged,
    "allotment.moved.v1": AllotmentMoved,
    "order.linked.v1": OrderLinked,
    "order.resize_requested.v1": OrderResizeRequested,
    "risk.exit_admitted.v1": ExitAdmitted,
    "risk.exit_ended.v1": ExitEnded,
    "bracket.placed.v1": BracketPlaced,
    "bracket.refused.v1": BracketRefused,
    "bracket.moved.v1": BracketMoved,
    "bracket.exit_ordered.v1": ExitOrdered,
    "bracket.exit_given_up.v1": ExitGivenUp,
    "bracket.protection_lost.v1": ProtectionLost,
    "bracket.protection_wanted.v1": ProtectionWanted,
    "bracket.ended.v1": BracketEnded,
    "risk.reservation_rested.v1": ReservationRested,
    "order.held.v1": OrderHeld,
    "order.replace_requested.v1": OrderReplaceRequested,
    "order.withdrawn.v1": OrderWithdrawn,
    "risk.replacement_admitted.v1": ReplacementAdmitted,
    "risk.replacement_refused.v1": ReplacementRefused,
    "risk.reservation_replaced.v1": ReservationReplaced,
    "risk.replacement_dropped.v1": ReplacementDropped,
}
"""Stored type name to event; add lines, never change one. A name that is no longer written moves to
RETIRED and stays there."""

RETIRED: Final[dict[str, Retired]] = {
    "instrument.listed.v1": Retired(InstrumentListedV1, "instrument.listed.v2", listed_v1),
    "order.placed.v1": Retired(OrderPlacedV1, "order.placed.v2", placed_v1),
    "order.denied.v1": Retired(OrderDeniedV1, "order.denied.v2", denied_v1),
    "order.filled.v1": Retired(OrderFilledV1, "order.filled.v2", filled_v1),
    "position.opened.v1": Retired(
        PositionChangeV1, "position.opened.v2", change_v1(PositionOpened)
    ),
    "position.increased.v1": Retired(
        PositionChangeV1, "position.increased.v2", change_v1(PositionIncreased)
    ),
    "position.reduced.v1": Retired(
        PositionChangeV1, "position.reduced.v2", change_v1(PositionReduced)
    ),
    "position.closed.v1": Retired(
        PositionChangeV1, "position.closed.v2", change_v1(PositionClosed)
    ),
    "position.flipped.v1": Retired(
        PositionChangeV1, "position.flipped.v2", change_v1(PositionFlipped)
    ),
    "risk.limits_set.v1": Retired(
        risk_of_old.LimitsSetV1, "risk.limits_set.v2", risk_of_old.limits_set
    ),
    "risk.order_admitted.v1": Retired(
        risk_of_old.OrderAdmittedV1, "risk.order_admitted.v2", risk_of_old.order_admitted
    ),
    "risk.order_refused.v1": Retired(
        risk_of_old.OrderRefusedV1, "risk.order_refused.v2", risk_of_old.order_refused
    ),
    "risk.fill_applied.v1": Retired(
        risk_of_old.FillAppliedV1, "risk.fill_applied.v2", risk_of_old.fill_applied
    ),
    "risk.trading_halted.v1": Retired(
        retired_halts.TradingHaltedV1, "risk.trading_halted.v2", retired_halts.trading_halted
    ),
    "risk.trading_resumed.v1": Retired(
        retired_halts.TradingResumedV1, "risk.trading_resumed.v2", retired_halts.trading_resumed
    ),
    "strategy.registered.v1": Retired(
        StrategyRegisteredV1, "strategy.registered.v2", registered_v1
    ),
}
"""Stored names of the past, each with the way to a later version; add lines, never remove one."""

FORMS: Final = Forms(EVENT_TYPES, RETIRED)
KNOWN: Final = frozenset({*EVENT_TYPES, *RETIRED})
"""Every stored name that this release can read."""
TYPE_NAMES: Final[dict[type[Event], str]] = {kind: name for name, kind in EVENT_TYPES.items()}
"""The one name under which each event is written."""


class UnknownEventType(LookupError):
    """The log holds an event type that this release does not know."""

    def __init__(self, type_name: str, position: int | None = None) -> None:
        where = "" if position is None else f" at position {position}"
        super().__init__(
            f"unknown event type {type_name!r}{where}: run the release that wrote it or a later one"
        )
        self.type_name = type_name
        self.position = position


class Unknown(Enum):
    """What a reader does at a type that it does not know; the caller says, and nobody guesses."""

    STOP = "stop"
    """Raise UnknownEventType: the only right answer for whoever decides or audits."""
    SKIP = "skip"
    """Pass it by: for the old colour of a blue/green release, which shows what it understands."""


def stored_names(*kinds: type[Event]) -> frozenset[str]:
    """Every stored name that is read as one of these classes, retired ones included."""
    return frozenset[str]().union(*(FORMS.stored_names(kind) for kind in kinds))


def event_class(type_name: str) -> type[Event]:
    """The class that an event of a stored name is read as; raises UnknownEventType."""
    try:
        return EVENT_TYPES[FORMS.lifted(type_name)]
    except KeyError:
        raise UnknownEventType(type_name) from None


def readable(type_name: str, position: int, unknown: Unknown = Unknown.STOP) -> bool:
    """Whether to read an event; raises UnknownEventType unless unknown ones are to be skipped."""
    if type_name in KNOWN:
        return True
    if unknown is Unknown.SKIP:
        return False
    raise UnknownEventType(type_name, position)
