"""The halt that answers a passed limit: one for what is known, another after what comes later."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.proto.v1 import risk_pb2
from streams.exposures import Overexposure

FOUND = Overexposure(
    "platform", "", "gross_notional", "USDT", Decimal("900.0"), Decimal("920.10"), 7
)


def test_what_is_held_changes_nothing_of_the_command_and_later_rows_make_another() -> None:
    more = replace(FOUND, held=Decimal(5_000))
    assert (more.command_id, more.request) == (FOUND.command_id, FOUND.request)
    changes: list[dict[str, Any]] = [
        {"seen": 8},
        {"value": Decimal(901)},
        {"scope": "venue"},
        {"subject": "BYBIT"},
        {"counted": "position_notional"},
        {"currency": "USDC"},
    ]
    others = [replace(FOUND, **change).command_id for change in changes]
    assert len({FOUND.command_id, *others}) == len(changes) + 1


@pytest.mark.parametrize(
    ("scope", "subject", "fields"),
    [
        ("platform", "", {}),
        ("venue", "BYBIT", {"venue": "BYBIT"}),
        ("user", "7c9e6679-7425-40de-944b-e07fc1f90ae7", None),
    ],
)
def test_the_halt_is_of_whoever_shares_the_limit_and_lets_reduce(
    scope: str, subject: str, fields: dict[str, str] | None
) -> None:
    found = replace(FOUND, scope=scope, subject=subject)
    named = {"user_id": subject} if fields is None else fields
    assert found.request == risk_pb2.HaltRequest(
        command_id=found.command_id,
        reason="gross_notional in USDT passed its limit of 900",
        mode=risk_pb2.HALT_MODE_REDUCE_ONLY,
        **named,
    )
    assert str(found) == f"{scope} {subject}".rstrip() + ": 920.1 USDT held, limit 900"
