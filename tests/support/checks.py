"""One order at a desk: which check refused it, with what answer, told alike on both streams."""

from dataclasses import replace

from domain.orders.commands import PlaceOrder
from domain.orders.events import OrderDenied
from domain.reasons import Reason, Rejected
from domain.risk.commands import Limits, SetLimits
from domain.risk.events import OrderRefused
from tests.support.trading import (
    ACCOUNT,
    Desk,
    desk,
    filled,
    place,
)


def refusal(trading: Desk, order: PlaceOrder) -> tuple[str, Rejected] | None:
    """The check that refused and its answer; both streams tell the same."""
    decision = trading.do(order)
    if decision.rejected is None:
        return None
    *_, by_risk, denied = (change.event for change in decision.changes)
    assert isinstance(by_risk, OrderRefused)
    assert isinstance(denied, OrderDenied)
    assert by_risk.reason == denied.reason == decision.rejected.reason
    assert by_risk.detail == denied.detail == decision.rejected.detail
    assert (by_risk.limit, by_risk.value) == (decision.rejected.limit, decision.rejected.value)
    return by_risk.check, decision.rejected


def refused(
    trading: Desk, order: PlaceOrder, check: str, reason: Reason, limit: str = "", value: str = ""
) -> None:
    """The order is refused by this check, for this reason, at this limit."""
    found = refusal(trading, order)
    assert found is not None, "the order was admitted"
    assert (found[0], found[1].reason) == (check, reason)
    assert (found[1].limit, found[1].value) == (limit, value)


def admitted(trading: Desk, order: PlaceOrder) -> None:
    """Every check lets the order pass."""
    assert refusal(trading, order) is None


def limits(**values: object) -> Limits:
    """Limits in the examples' currency, the rest unset."""
    return replace(Limits(currency="USDT"), **values)  # type: ignore[arg-type]


def long(amount: str = "10", **values: object) -> Desk:
    """A desk that holds a long position."""
    trading = desk()
    trading.events(place("long", amount=amount))
    trading.events(filled("long", "long", amount))
    trading.events(SetLimits(ACCOUNT, limits(**values)))
    return trading
