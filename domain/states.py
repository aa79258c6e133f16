"""The states of all aggregates: what each stream is before its first event."""

from collections.abc import Mapping
from typing import Final

from domain.accounts.state import Account
from domain.allotments.state import Allotments
from domain.brackets.state import Bracket
from domain.decision import Aggregate
from domain.funding.state import Funding
from domain.instruments.state import Instrument
from domain.orders.state import Order
from domain.positions.state import Position
from domain.risk.state import Risk
from domain.strategies.state import Follower, Signal, Strategy
from domain.users.state import User

State = (
    Account
    | Funding
    | Instrument
    | Order
    | Position
    | Risk
    | User
    | Strategy
    | Signal
    | Follower
    | Allotments
    | Bracket
)

UNREGISTERED: Final = Strategy()
INITIAL: Final[Mapping[Aggregate, State]] = {
    Aggregate.ACCOUNT: Account(),
    Aggregate.FUNDING: Funding(),
    Aggregate.INSTRUMENT: Instrument(),
    Aggregate.ORDER: Order(),
    Aggregate.POSITION: Position(),
    Aggregate.RISK: Risk(),
    Aggregate.USER: User(),
    Aggregate.STRATEGY: UNREGISTERED,
    Aggregate.SIGNAL: Signal(),
    Aggregate.FOLLOWER: Follower(),
    Aggregate.ALLOTMENT: Allotments(),
    Aggregate.BRACKET: Bracket(),
}
"""Every aggregate has one."""
