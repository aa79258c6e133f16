"""What happened to limits wider than an account, and to one account's shares of them."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ChangeId
from domain.risk.wider import Counted, Wider, WiderScope


@dataclass(frozen=True, slots=True)
class WiderLimitSet:
    """The limit that the shares of all its accounts stay within from now on; None is none."""

    account_id: AccountId
    """The platform's."""
    scope: WiderScope
    subject: str
    counted: Counted
    currency: str
    value: Decimal | None
    allotted: Decimal
    """Of the limit to accounts, when it was set or proposed."""

    @property
    def wider(self) -> Wider:
        """The limit's name."""
        return Wider(self.scope, self.subject, self.counted, self.currency)


@dataclass(frozen=True, slots=True)
class WiderLimitProposed:
    """A higher limit, or none any more, waits for a second person's approval."""

    account_id: AccountId
    """The platform's."""
    change_id: ChangeId
    """The id of the command that proposed."""
    scope: WiderScope
    subject: str
    counted: Counted
    currency: str
    value: Decimal | None
    before: Decimal
    """In force, and stays so."""
    allotted: Decimal
    proposed_by: str
    """Subject of the token."""
    expires_at: int

    @property
    def wider(self) -> Wider:
        """The limit's name."""
        return Wider(self.scope, self.subject, self.counted, self.currency)


@dataclass(frozen=True, slots=True)
class ShareChanged:
    """What the account may use of a wider limit from now on; its own limits hold as well."""

    account_id: AccountId
    scope: WiderScope
    subject: str
    counted: Counted
    currency: str
    share: Decimal

    @property
    def wider(self) -> Wider:
        """The limit's name."""
        return Wider(self.scope, self.subject, self.counted, self.currency)


WiderEvent = WiderLimitSet | WiderLimitProposed | ShareChanged
