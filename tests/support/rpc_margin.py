"""Requests about instruments, margin and the money of accounts, well-formed unless changed."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, instrument_queries_pb2, risk_pb2, venues_pb2
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI


def _fresh() -> str:
    return str(uuid4())


def list_instrument() -> risk_pb2.ListInstrumentRequest:
    """The instrument of the examples."""
    rules = risk_pb2.TradingRules(
        currency="USDT",
        tick="0.001",
        step="0.1",
        minimum_quantity="0.5",
        maximum_quantity="10000",
        maximum_market_quantity="2000",
        minimum_notional="5",
        trading=True,
        maker_fee="-0.0001",
        taker_fee="0.0004",
        margin_tiers=[
            risk_pb2.MarginTier(up_to="5000", maximum_leverage="50", maintenance_rate="0.01"),
            risk_pb2.MarginTier(
                up_to="25000", maximum_leverage="20", maintenance_rate="0.025", deduction="75"
            ),
        ],
    )
    return risk_pb2.ListInstrumentRequest(command_id=_fresh(), instrument=SUSHI, rules=rules)


def funding(account: str = ACCOUNT, **changes: Any) -> venues_pb2.AccountReport:
    """A payment of funding."""
    fields: dict[str, Any] = {
        "instrument": SUSHI,
        "funding_id": "f-1",
        "rate": "0.0001",
        "mark_price": "8",
        "quantity": "-10",
        "payment": "-0.02",
        "currency": "USDT",
        "position_side": common_pb2.POSITION_SIDE_NET,
    }
    payment = venues_pb2.FundingPayment(**{**fields, **changes})
    return venues_pb2.AccountReport(
        command_id=_fresh(), account_id=account, venue_time=TIME, funding=payment
    )


def balance(
    amount: str = "1000", account: str = ACCOUNT, currency: str = "USDT", at: int = TIME
) -> venues_pb2.AccountReport:
    """What the wallet holds."""
    told = venues_pb2.WalletBalance(currency=currency, balance=amount)
    return venues_pb2.AccountReport(
        command_id=_fresh(), account_id=account, venue_time=at, balance=told
    )


def margin_examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC of these."""
    return {
        "RecordAccountReports": [
            venues_pb2.AccountReportBatch(reports=[one])
            for one in (funding(account), balance(account=account))
        ],
        "ListInstruments": [
            instrument_queries_pb2.ListInstrumentsRequest(instrument=SUSHI, page_size=7),
            instrument_queries_pb2.ListInstrumentsRequest(),
        ],
    }
