"""What happened to the shares of one wider limit."""

from dataclasses import dataclass
from decimal import Decimal

from domain.allotments.commands import Direction
from domain.ids import AccountId
from domain.risk.wider import Counted, Wider, WiderScope


@dataclass(frozen=True, slots=True)
class AllotmentMoved:
    """A part of a wider limit went to an account or came back."""

    account_id: AccountId
    """Whose share it is; the stream is the platform's."""
    scope: WiderScope
    subject: str
    counted: Counted
    currency: str
    direction: Direction
    amount: Decimal
    share: Decimal
    """Of the account, afterwards."""
    allotted: Decimal
    """To all accounts together, afterwards."""
    limit: Decimal | None
    """In force then; None while the limit was not set."""
    used: Decimal
    """What the account had held and reserved of it."""

    @property
    def wider(self) -> Wider:
        """The limit's name."""
        return Wider(self.scope, self.subject, self.counted, self.currency)


AllotmentEvent = AllotmentMoved
