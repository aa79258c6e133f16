"""The embedded system as a benchmark's subject: real processes, made for one run and removed."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import grpc

from adapters.embedded.paths import default_cache
from adapters.embedded.system import Choices, EmbeddedSystem, Ports
from adapters.proto.v1 import common_pb2, orders_pb2, risk_pb2, risk_pb2_grpc
from domain.ids import derived

INSTRUMENT: Final = "BINANCE:SUSHIUSDT"
ALL_BUT_COMMANDS: Final = frozenset(
    {
        "head-signer", "snapshots", "query-service", "relay", "worker-projections",
        "worker-market", "market-data", "simulated-venue", "worker-execution", "strategy", "follow",
    }
)  # fmt: skip
ALL_BUT_PATH: Final = ALL_BUT_COMMANDS - {"relay", "worker-projections"}
"""What a command needs to become a row, and nothing that trades beside it."""


_EXTRA: Final = {"PATRIOT_APPROVALS": "none"}


@asynccontextmanager
async def system(without: frozenset[str]) -> AsyncIterator[EmbeddedSystem]:
    """Run it, with logs at WARNING so that they cost nothing."""
    with tempfile.TemporaryDirectory(prefix="patriot-bench-", dir="/var/tmp") as folder:
        path = Path(folder)
        path.chmod(0o755)
        choices = Choices(
            path / "data", default_cache(), Ports.free(), log_level="WARNING", extra=_EXTRA
        )
        running = EmbeddedSystem(choices, lambda line: None)
        try:
            await running.start(without=without)
            yield running
        finally:
            await running.stop()


def token_of(kind: str, running: EmbeddedSystem) -> tuple[tuple[str, str], ...]:
    """Metadata that carries a token."""
    return (("authorization", f"Bearer {running.token(kind)}"),)


async def accounts(running: EmbeddedSystem, count: int) -> list[str]:
    """Accounts with limits wide enough for a benchmark; every check has a limit to compare."""
    names = [derived("bench account", str(number)) for number in range(count)]
    address = f"127.0.0.1:{running.choices.ports.command}"
    limits = risk_pb2.Limits(
        currency="USDT",
        order_quantity="100000",
        order_notional="100000",
        open_orders=1_000_000,
        position_notional="1000000000000",
        loss="1000000",
    )
    async with grpc.aio.insecure_channel(address) as channel:
        risk = risk_pb2_grpc.RiskCommandsStub(channel)  # type: ignore[no-untyped-call]
        for name in names:
            request = risk_pb2.SetLimitsRequest(
                command_id=derived("bench limits", name), account_id=name, limits=limits
            )
            await risk.SetLimits(request, metadata=token_of("operator", running))
    return names


def order(account: str, *name: str) -> orders_pb2.PlaceOrderRequest:
    """A limit order whose ids are a function of its name."""
    # The service takes random order ids alone; this one is as good and the same in every run.
    order_id = str(UUID(bytes=UUID(derived("bench order", *name)).bytes, version=4))
    return orders_pb2.PlaceOrderRequest(
        command_id=derived("bench command", *name),
        account_id=account,
        order_id=order_id,
        instrument=INSTRUMENT,
        side=common_pb2.SIDE_BUY,
        type=common_pb2.ORDER_TYPE_LIMIT,
        time_in_force=common_pb2.TIME_IN_FORCE_GTC,
        quantity="1",
        price="7.616",
    )
