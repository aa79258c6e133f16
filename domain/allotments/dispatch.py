"""Which streams the commands on wider limits touch, and their decisions over all of them."""

from collections.abc import Sequence
from typing import assert_never

from domain.accounts.decide import stream as account_stream
from domain.accounts.state import Account
from domain.allotments import decide
from domain.allotments.commands import AllotmentCommand, MoveAllotment, SetWiderLimit
from domain.allotments.state import Allotments
from domain.decision import Decision, StreamRef
from domain.ids import PLATFORM
from domain.risk.decide import stream as risk_stream
from domain.risk.state import Risk


def streams_of(command: AllotmentCommand) -> tuple[StreamRef, ...]:
    """Every stream that the decision reads or writes; the first is the command's main one."""
    match command:
        case SetWiderLimit():
            return (risk_stream(PLATFORM), decide.stream(command.wider))
        case MoveAllotment():
            return (
                decide.stream(command.wider),
                risk_stream(command.account_id),
                risk_stream(PLATFORM),
                account_stream(command.account_id),
            )
        case _:
            assert_never(command)


def decided(command: AllotmentCommand, found: Sequence[object], at: int) -> Decision:
    """The decision on the states of streams_of(), in their order."""
    if isinstance(command, SetWiderLimit):
        platform, allotments = found
        assert isinstance(platform, Risk)
        assert isinstance(allotments, Allotments)
        return decide.set_limit(command, platform, allotments, at)
    allotments, risk, platform, account = found
    assert isinstance(allotments, Allotments)
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(account, Account)
    return decide.move(command, allotments, risk, platform, account)
