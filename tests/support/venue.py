"""The simulated venue's peer and its orders: a core that takes reports on a real port."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any, Final

import grpc

from adapters.proto.v1 import common_pb2, exchange_pb2, venues_pb2, venues_pb2_grpc
from domain.ids import InstrumentId, OrderId, client_order_id, derived
from domain.reasons import Reason

NAME: Final = InstrumentId("BINANCE:SUSHIUSDT")
ACCOUNT: Final = derived("test", "account")


class Mood(Enum):
    """How the core answers."""

    TAKES = "takes"
    AWAY = "away"
    """Nothing is taken."""
    DEAF = "the answer is lost"
    """Everything is taken, and nobody hears of it."""
    BUSY = "busy"
    """Answered, but not recorded: to be sent again."""
    SHORT = "short"
    """The last report has no answer."""


class Core(venues_pb2_grpc.VenueReportsServicer):
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.received: list[venues_pb2.Report] = []
        self.tokens: set[str] = set()
        self.mood = Mood.TAKES
        self.calls = 0
        self.refusal = 0

    async def RecordReports(  # noqa: N802
        self, request: venues_pb2.ReportBatch, context: Any
    ) -> venues_pb2.ReportResults:
        self.calls += 1
        self.tokens.update(value for key, value in context.invocation_metadata()
                           if key == "authorization")  # fmt: skip
        if self.mood is Mood.AWAY:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        if self.mood in {Mood.TAKES, Mood.DEAF}:
            self.received.extend(request.reports)
        if self.mood is Mood.DEAF:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the answer was lost")
        reason = Reason.OVERLOADED if self.mood is Mood.BUSY else self.refusal
        results = [
            common_pb2.CommandResult(
                command_id=report.command_id, refusal=common_pb2.Refusal(reason=reason)
            )
            for report in request.reports
        ]
        return venues_pb2.ReportResults(results=results[self.mood is Mood.SHORT :])

    def of(self, name: str) -> list[venues_pb2.Report]:
        """The reports about an order, as they came."""
        order = OrderId(derived("test order", name))
        return [report for report in self.received if report.order_id == order]

    def kinds(self, name: str) -> list[str]:
        """What was reported about an order."""
        return [str(report.WhichOneof("report")) for report in self.of(name)]


@asynccontextmanager
async def serving(core: Core) -> AsyncIterator[str]:
    """The core's address while it serves."""
    server = grpc.aio.server()
    venues_pb2_grpc.add_VenueReportsServicer_to_server(core, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


def client(name: str) -> str:
    """The client order id of a test's order."""
    return client_order_id(OrderId(derived("test order", name)))


def order(name: str, **changed: str | bool | int) -> exchange_pb2.SubmitRequest:
    """An order that takes 10 at the best ask, or what was changed of it."""
    values: dict[str, Any] = {
        "client_order_id": client(name),
        "account_id": ACCOUNT,
        "instrument": NAME,
        "side": "buy",
        "type": "limit",
        "time_in_force": "ioc",
        "quantity": "10",
        "price": "7.611",
    }
    return exchange_pb2.SubmitRequest(**(values | changed))


def in_order(kinds: Sequence[str]) -> list[str]:
    """Reports without their repetitions, in the order in which each came first."""
    return list(dict.fromkeys(kinds))


def amend(name: str, number: int, quantity: str, price: str) -> exchange_pb2.AmendRequest:
    """Another quantity and price of an order."""
    return exchange_pb2.AmendRequest(
        client_order_id=client(name),
        account_id=ACCOUNT,
        instrument=NAME,
        amendment=number,
        quantity=quantity,
        price=price,
    )
