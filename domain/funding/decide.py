"""Record a payment of funding, once: on its own stream, on the position and on the account.

A payment has a stream of its own, so neither the position nor the account has to remember every
payment of years to know one that comes twice. A payment of a position that is not known here yet is
recorded all the same: the fill that opened it is on its way, and the money has moved.
"""

from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.funding.commands import RecordFunding
from domain.funding.events import FundingRecorded
from domain.funding.state import Funding
from domain.ids import funding_stream
from domain.positions import decide as positions
from domain.positions.state import Position
from domain.reasons import Reason, Rejected
from domain.risk import decide as risks


def streams(command: RecordFunding) -> tuple[StreamRef, StreamRef, StreamRef]:
    """The payment itself, the position that it belongs to, and the account's risk."""
    account_id, instrument_id, side = (
        command.account_id, command.instrument_id, command.position_side,
    )  # fmt: skip
    own = funding_stream(account_id, instrument_id, side, command.funding_id)
    return (
        StreamRef(Aggregate.FUNDING, own, account_id),
        positions.stream(account_id, instrument_id, side),
        risks.stream(account_id),
    )


def decide(command: RecordFunding, funding: Funding, position: Position) -> Decision:
    """The payment and what it makes of position and account, or that it is known."""
    if funding.recorded:
        return Decision(
            rejected=Rejected(Reason.REPORT_ALREADY_APPLIED, "this payment is in the books")
        )
    own, of_position, of_risk = streams(command)
    recorded = FundingRecorded(
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        position_side=command.position_side,
        funding_id=command.funding_id,
        rate=command.rate,
        mark_price=command.mark_price,
        quantity=command.quantity,
        payment=command.payment,
        venue_time=command.venue_time,
    )
    return Decision(
        (
            Change(own, recorded),
            Change(of_position, positions.apply_funding(recorded, position)),
            Change(of_risk, risks.apply_funding(recorded)),
        )
    )
