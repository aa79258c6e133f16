"""Set a wider limit and move its shares, so that they never exceed it together.

All shares of a limit are decided on one stream, each with the account's own risk in one commit. A
share is never less than what the account holds and has reserved of it, so nothing that was admitted
is outside of one; taking more is refused, and a halt is the way to be rid of positions.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Final

from domain.accounts.state import Account, AccountStatus
from domain.allotments.commands import Direction, MoveAllotment, SetWiderLimit
from domain.allotments.events import AllotmentMoved
from domain.allotments.state import Allotments
from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.ids import PLATFORM, allotment_stream
from domain.reasons import Reason, Rejected
from domain.risk.decide import stream as risk_stream
from domain.risk.govern import LIFETIME, done, pending, superseded
from domain.risk.rules.allotments import used
from domain.risk.state import Risk
from domain.risk.wider import Wider, WiderScope, exists, limit_of
from domain.risk.wider_events import ShareChanged, WiderLimitProposed, WiderLimitSet
from domain.values import ZERO, minus, plain, plus

_STREAMS_KEPT: Final = 4_096


@lru_cache(maxsize=_STREAMS_KEPT)
def stream(wider: Wider) -> StreamRef:
    """The stream of one wider limit's shares; it belongs to no account."""
    return StreamRef(Aggregate.ALLOTMENT, allotment_stream(*wider), PLATFORM)


def set_limit(asked: SetWiderLimit, platform: Risk, allotments: Allotments, at: int) -> Decision:
    """Tighter at once, looser when a second person approves; never below what is allotted."""
    wider, value = asked.wider, asked.value
    if not exists(wider):
        return _refused(Reason.MALFORMED, f"accounts do not count {wider}")
    before = limit_of(platform.governance.wider, wider)
    if value == before:
        return _refused(Reason.SETTING_UNCHANGED, "this limit holds already")
    if value is not None and value < allotments.allotted:
        return _refused(
            Reason.WIDER_LIMIT_BELOW_SHARES,
            "the accounts hold more than that: take back from them first",
            limit=allotments.allotted,
            value=value,
        )
    others = superseded(PLATFORM, platform, wider)
    looser = before is not None and (value is None or value > before)
    if asked.proposing is None or before is None or not looser:
        return done(PLATFORM, *others, WiderLimitSet(PLATFORM, *wider, value, allotments.allotted))
    proposed = WiderLimitProposed(
        account_id=PLATFORM,
        change_id=asked.proposing.change_id,
        scope=wider.scope,
        subject=wider.subject,
        counted=wider.counted,
        currency=wider.currency,
        value=value,
        before=before,
        allotted=allotments.allotted,
        proposed_by=asked.proposing.by,
        expires_at=at + LIFETIME,
    )
    return pending(PLATFORM, asked.proposing, *others, proposed)


def move(
    asked: MoveAllotment, allotments: Allotments, risk: Risk, platform: Risk, account: Account
) -> Decision:
    """The account's share and the sum of all shares, in one commit."""
    wider, amount = asked.wider, asked.amount
    limit = limit_of(platform.governance.wider, wider)
    before = allotments.shares.get(asked.account_id, ZERO)
    if asked.direction is Direction.TO_ACCOUNT:
        share, allotted = plus(before, amount), plus(allotments.allotted, amount)
        refusal = _unfit(wider, account) or _exhausted(limit, allotments.allotted, amount)
    else:
        share, allotted = minus(before, amount), minus(allotments.allotted, amount)
        refusal = _untakable(before, amount)
    uses = used(wider, risk)
    if refusal is None and asked.direction is Direction.TO_POOL and limit is not None:
        refusal = _in_use(uses, share)
    if refusal is not None:
        return Decision(rejected=refusal)
    moved = AllotmentMoved(
        account_id=asked.account_id,
        scope=wider.scope,
        subject=wider.subject,
        counted=wider.counted,
        currency=wider.currency,
        direction=asked.direction,
        amount=amount,
        share=share,
        allotted=allotted,
        limit=limit,
        used=uses,
    )
    return Decision(
        (
            Change(stream(wider), moved),
            Change(risk_stream(asked.account_id), ShareChanged(asked.account_id, *wider, share)),
        )
    )


def _unfit(wider: Wider, account: Account) -> Rejected | None:
    """Why this account gets nothing of it: it has nothing to do with it, or trades no more."""
    if not exists(wider):
        return Rejected(Reason.MALFORMED, f"accounts do not count {wider}")
    if account.status is AccountStatus.CLOSED:
        return Rejected(Reason.ACCOUNT_CLOSED, "the account is closed for ever")
    theirs = wider.subject
    if wider.scope is WiderScope.USER:
        theirs = account.user_id or ""
    elif wider.scope is WiderScope.VENUE and account.venue:
        theirs = account.venue
    if theirs == wider.subject:
        return None
    return Rejected(
        Reason.ALLOTMENT_OF_OTHERS,
        "the account is not one of those that share this limit",
        limit=str(wider.within),
        value=theirs,
    )


def _exhausted(limit: Decimal | None, allotted: Decimal, amount: Decimal) -> Rejected | None:
    if limit is None or plus(allotted, amount) <= limit:
        return None
    return Rejected(
        Reason.ALLOTMENT_EXHAUSTED,
        "less than that is left to allot",
        limit=plain(max(ZERO, minus(limit, allotted))),
        value=plain(amount),
    )


def _untakable(before: Decimal, amount: Decimal) -> Rejected | None:
    if amount <= before:
        return None
    return Rejected(
        Reason.ALLOTMENT_TOO_SMALL,
        "the account holds less than that",
        limit=plain(before),
        value=plain(amount),
    )


def _in_use(uses: Decimal, share: Decimal) -> Rejected | None:
    if share >= uses:
        return None
    return Rejected(
        Reason.ALLOTMENT_IN_USE,
        "the account uses more than it would be left with",
        limit=plain(uses),
        value=plain(share),
    )


def _refused(
    reason: Reason, detail: str, *, limit: Decimal | None = None, value: Decimal | None = None
) -> Decision:
    """Numbers as texts."""
    texts = ("" if number is None else plain(number) for number in (limit, value))
    return Decision(rejected=Rejected(reason, detail, *texts))
