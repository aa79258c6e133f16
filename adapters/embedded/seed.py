"""What a fresh embedded system needs before anybody can trade: instruments and limits.

Sent as ordinary commands with ids that are a function of their content, so a second start sends
the same commands and changes nothing. The first limits of an account need a second person, so the
bootstrap has two: one proposes, the other approves.
"""

from decimal import Decimal
from typing import Final

import grpc

from adapters.binance.recording import instruments
from adapters.proto.v1 import risk_pb2, risk_pb2_grpc
from domain.ids import InstrumentId, derived
from domain.values import plain

ACCOUNTS: Final = tuple(derived("demo account", str(number)) for number in (1, 2, 3))
"""The accounts of the demonstration."""
INSTRUMENTS: Final = tuple(
    InstrumentId(f"BINANCE:{symbol}") for symbol in ("SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT")
)
"""The instruments of the recording."""

_LIMITS: Final = risk_pb2.Limits(
    currency="USDT",
    order_quantity="200000",
    order_notional="2000",
    open_orders=20,
    position_notional="5000",
    price_collar="0.05",
    duplicate_window=50_000,
)
_LOSS_LIMITS: Final = (Decimal(500), Decimal(500), Decimal(5))
"""The third account is allowed so little that the demonstration shows a halt sooner or later."""
_EXPECTED: Final = (
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.NOT_FOUND,
)
"""Recorded as a proposal, so already, or never proposed where nobody has to approve."""


async def seed(address: str, token: str, approver: str) -> None:
    """List the recorded instruments and give the demo accounts their limits.

    `token` and `approver` are of two subjects.
    """
    metadata = (("authorization", f"Bearer {token}"),)
    known = instruments()
    async with grpc.aio.insecure_channel(address) as channel:
        listing = risk_pb2_grpc.InstrumentCommandsStub(channel)  # type: ignore[no-untyped-call]
        for name in INSTRUMENTS:
            rules = known[name]
            wire = risk_pb2.TradingRules(
                currency=rules.currency,
                tick=plain(rules.tick),
                step=plain(rules.step),
                minimum_quantity=plain(rules.minimum_quantity),
                maximum_quantity=plain(rules.maximum_quantity),
                maximum_market_quantity=plain(rules.maximum_market_quantity),
                minimum_notional=plain(rules.minimum_notional),
                trading=rules.trading,
            )
            command_id = derived("seed instrument", name, str(wire))
            request = risk_pb2.ListInstrumentRequest(
                command_id=command_id, instrument=name, rules=wire
            )
            await _send(listing.ListInstrument(request, metadata=metadata))
        risk = risk_pb2_grpc.RiskCommandsStub(channel)  # type: ignore[no-untyped-call]
        for account, loss in zip(ACCOUNTS, _LOSS_LIMITS, strict=True):
            limits = risk_pb2.Limits()
            limits.CopyFrom(_LIMITS)
            limits.loss = plain(loss)
            request_id = derived("seed limits", account, str(limits))
            await _send(
                risk.SetLimits(
                    risk_pb2.SetLimitsRequest(
                        command_id=request_id, account_id=account, limits=limits
                    ),
                    metadata=metadata,
                )
            )
            approval = risk_pb2.ApproveChangeRequest(
                command_id=derived("seed approval", request_id),
                account_id=account,
                change_id=request_id,
            )
            second = (("authorization", f"Bearer {approver}"),)
            await _send(risk.ApproveChange(approval, metadata=second))


async def _send(call: "grpc.aio.UnaryUnaryCall[object, object]") -> None:
    """Wait for the answer; that the thing is so already is as good."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        if error.code() not in _EXPECTED:
            raise
