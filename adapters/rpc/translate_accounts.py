"""What a venue says about an account and none of its orders: funding and balances as commands."""

from adapters.proto.v1 import venues_pb2
from adapters.rpc.translate import (
    POSITION_SIDES,
    InvalidRequest,
    account,
    choice_of,
    currency_of,
    decimal_of,
    instrument,
    price_of,
    token_of,
    venue_time,
)
from domain.funding.commands import RecordFunding
from domain.ids import AccountId
from domain.risk.commands import RecordBalance
from domain.values import Money


def account_report(request: venues_pb2.AccountReport) -> RecordFunding | RecordBalance:
    """One report; raises InvalidRequest."""
    owner = account(request.account_id)
    at = venue_time(request.venue_time)
    match request.WhichOneof("report"):
        case "funding":
            return _funding(request.funding, owner, at)
        case "balance":
            balance = request.balance
            amount = decimal_of("balance.balance", balance.balance, signed=True)
            money = Money(amount, currency_of("balance.currency", balance.currency))
            return RecordBalance(owner, money, at)
        case _:
            raise InvalidRequest("report must be one of funding, balance")


def _funding(payment: venues_pb2.FundingPayment, owner: AccountId, at: int) -> RecordFunding:
    return RecordFunding(
        account_id=owner,
        instrument_id=instrument(payment.instrument),
        position_side=choice_of("funding.position_side", POSITION_SIDES, payment.position_side),
        funding_id=token_of("funding.funding_id", payment.funding_id),
        rate=decimal_of("funding.rate", payment.rate, signed=True),
        mark_price=price_of("funding.mark_price", payment.mark_price),
        quantity=decimal_of("funding.quantity", payment.quantity, signed=True),
        payment=Money(
            decimal_of("funding.payment", payment.payment, signed=True),
            currency_of("funding.currency", payment.currency),
        ),
        venue_time=at,
    )
