"""Examples of what happens to wider limits and their shares."""

from decimal import Decimal
from typing import Final

from domain.allotments.commands import Direction
from domain.allotments.events import AllotmentMoved
from domain.ids import PLATFORM, ChangeId
from domain.registry import Event
from domain.risk.wider import Counted, WiderScope
from domain.risk.wider_events import ShareChanged, WiderLimitProposed, WiderLimitSet
from tests.contract.example_values import ACCOUNT, AT, STRATEGY, USER

ALLOTMENTS: Final[dict[str, Event]] = {
    "risk.wider_limit_set.v1": WiderLimitSet(
        account_id=PLATFORM,
        scope=WiderScope.USER,
        subject=USER,
        counted=Counted.GROSS_NOTIONAL,
        currency="USDT",
        value=Decimal("100000.50"),
        allotted=Decimal(60_000),
    ),
    "risk.wider_limit_set.v1 none": WiderLimitSet(
        PLATFORM, WiderScope.PLATFORM, "", Counted.POSITION_NOTIONAL, "USDT", None, Decimal(0)
    ),
    "risk.wider_limit_proposed.v1": WiderLimitProposed(
        account_id=PLATFORM,
        change_id=ChangeId("5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f"),
        scope=WiderScope.VENUE,
        subject="BINANCE",
        counted=Counted.OPEN_NOTIONAL,
        currency="USDT",
        value=Decimal(200_000),
        before=Decimal("100000.50"),
        allotted=Decimal(60_000),
        proposed_by="risk-1",
        expires_at=AT + 86_400_000_000,
    ),
    "risk.wider_limit_proposed.v1 none": WiderLimitProposed(
        account_id=PLATFORM,
        change_id=ChangeId("5d1c7a7e-0b6c-4a8e-8f7e-3a2b1c0d9e8f"),
        scope=WiderScope.PLATFORM,
        subject="",
        counted=Counted.GROSS_NOTIONAL,
        currency="USDT",
        value=None,
        before=Decimal(5),
        allotted=Decimal(0),
        proposed_by="risk-1",
        expires_at=AT + 86_400_000_000,
    ),
    "risk.share_changed.v1": ShareChanged(
        ACCOUNT, WiderScope.STRATEGY, STRATEGY, Counted.OPEN_NOTIONAL, "USDT", Decimal("2500.5")
    ),
    "allotment.moved.v1": AllotmentMoved(
        account_id=ACCOUNT,
        scope=WiderScope.USER,
        subject=USER,
        counted=Counted.GROSS_NOTIONAL,
        currency="USDT",
        direction=Direction.TO_ACCOUNT,
        amount=Decimal("2500.50"),
        share=Decimal(30_000),
        allotted=Decimal(60_000),
        limit=Decimal("100000.50"),
        used=Decimal("12000.25"),
    ),
    "allotment.moved.v1 back": AllotmentMoved(
        account_id=ACCOUNT,
        scope=WiderScope.PLATFORM,
        subject="",
        counted=Counted.POSITION_NOTIONAL,
        currency="USDT",
        direction=Direction.TO_POOL,
        amount=Decimal(1),
        share=Decimal(0),
        allotted=Decimal(0),
        limit=None,
        used=Decimal(0),
    ),
}
