"""What can be asked of wider limits: set one, and move a part of it to an account or back."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import AccountId
from domain.risk.commands import Proposing
from domain.risk.wider import Wider


class Direction(StrEnum):
    """Which way a part of a limit goes; the pool is what no account holds."""

    TO_ACCOUNT = "to_account"
    TO_POOL = "to_pool"


@dataclass(frozen=True, slots=True)
class SetWiderLimit:
    """Limit a sum over accounts, or no longer; what loosens may need approval.

    A first limit tightens: until it is allotted, nobody whom it binds opens anything. Shares may be
    given before.
    """

    wider: Wider
    value: Decimal | None
    """None takes the limit away; the shares stay."""
    proposing: Proposing | None = None


@dataclass(frozen=True, slots=True)
class MoveAllotment:
    """Give one account more of a wider limit, or take from it.

    One account a command: accounts never share a commit. What goes from one to another is taken
    first and given then; in between it is in the pool, and nobody can use it.
    """

    account_id: AccountId
    wider: Wider
    amount: Decimal
    direction: Direction


AllotmentCommand = SetWiderLimit | MoveAllotment
