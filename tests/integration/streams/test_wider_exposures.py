"""The second line behind allotment: what all hold together, at the market, halts whom it binds."""

from contextlib import suppress
from decimal import Decimal
from typing import Final

import grpc.aio
import pytest

from adapters.proto.v1 import risk_pb2
from adapters.proto.v1.risk_pb2_grpc import RiskCommandsStub
from tests.support.market_desk import ACCOUNT, Desk
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

GROSS: Final = risk_pb2.WiderLimit(counted=risk_pb2.COUNTED_GROSS_NOTIONAL, currency="USDT")
POSITION: Final = "SELECT net_quantity FROM read.positions WHERE account_id = %(account)s"
HALTED: Final = ("platform", "reduce_only", "gross_notional in USDT passed its limit of 900")


async def _limited(desk: Desk, value: str) -> None:
    request = risk_pb2.SetWiderLimitRequest(command_id=desk.command_id(), limit=GROSS, value=value)
    risk = RiskCommandsStub(desk.channel)  # type: ignore[no-untyped-call]
    await risk.SetWiderLimit(request, metadata=desk.metadata)


async def _given(desk: Desk, amount: str) -> None:
    request = risk_pb2.MoveAllotmentRequest(
        command_id=desk.command_id(),
        account_id=ACCOUNT,
        limit=GROSS,
        amount=amount,
        direction=risk_pb2.ALLOTMENT_DIRECTION_TO_ACCOUNT,
    )
    risk = RiskCommandsStub(desk.channel)  # type: ignore[no-untyped-call]
    await risk.MoveAllotment(request, metadata=desk.metadata)


async def _resumed(desk: Desk) -> None:
    request = risk_pb2.ResumeRequest(command_id=desk.command_id(), reason="try again")
    risk = RiskCommandsStub(desk.channel)  # type: ignore[no-untyped-call]
    await risk.Resume(request, metadata=desk.metadata)


async def _halts(desk: Desk, count: int) -> None:
    async def so() -> bool:
        return await desk.events("risk.trading_halted.v2") == count

    await until(so, f"{count} halts")


async def test_what_all_hold_above_a_wider_limit_halts_everybody_and_again_after_a_resumption(
    desk: Desk,
) -> None:
    await desk.open(loss="1000000")
    await _limited(desk, "900")
    await _given(desk, "900")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)

    async def bought() -> bool:
        await desk.price("8.000", "8.002")
        with suppress(grpc.aio.AioRpcError):  # until the price has come to the command service
            await desk.buy("100", "8.5")
        return len(await desk.rows(POSITION)) == 1

    await until(bought, "the order to be filled")
    held = "SELECT value, held FROM read.wider_exposures"
    await desk.sees(held, Decimal(900), Decimal("800.1"))
    halts = "SELECT scope, mode, reason FROM read.risk_halts"
    assert await desk.rows(halts) == []
    await desk.price("9.200", "9.202")
    await desk.sees(halts, *HALTED)
    await _halts(desk, 1)
    with pytest.raises(grpc.aio.AioRpcError, match="PLATFORM_HALTED"):
        await desk.buy("10", "9.2")
    await _resumed(desk)
    await _halts(desk, 2)
    await desk.sees(halts, *HALTED)
    await _limited(desk, "2000")
    await desk.sees(held, Decimal(2000), Decimal("920.1"))
    await _resumed(desk)
    await desk.sees("SELECT count(*) FROM read.risk_halts", 0)
    await _halts(desk, 2)
