"""Every story that a venue can tell about one order in six reports, and long ones at random.

Nothing is drawn in the first test: all sequences are walked, states being immutable makes it cheap.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.commands import PlaceOrder, RecordFill
from domain.orders.state import OrderStatus
from domain.values import Side
from tests.property import invariants, read_models
from tests.property.models import House
from tests.property.order_model import Asked, OrderModel
from tests.support.life import amend, amend_rejected, amended, lost, not_found, reconciled
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    RULES,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    conditional,
    desk,
    expired,
    filled,
    place,
    rejected,
    triggered,
)

WORDS: Final[tuple[Asked, ...]] = (
    cancel("a"),
    accepted("a", "v-1"),
    accepted("a", "v-2"),
    rejected("a"),
    cancelled("a"),
    cancel_rejected("a"),
    expired("a"),
    triggered("a"),
    filled("a", "x", 4, "8.5"),
    filled("a", "y", 6, "7.7"),
    filled("a", "z", 5, "8.1"),
    filled("a", "v", "10.5", "8"),
    filled("a", "w", 1, side=Side.SELL),
)
LIFE: Final[tuple[Asked, ...]] = (
    amend("a", 12),
    amend("a", 5),
    amend("a", at="8.5"),
    amended("a", 12, number=1),
    amended("a", 5, number=1, time=START + 1),
    amended("a", 5, number=2, time=START + 2),
    amended("a", 11, "8.1", number=0, time=START + 1),
    amend_rejected("a", number=1),
    amend_rejected("a", number=2),
    lost("a"),
    reconciled("a"),
    reconciled("a", filled=4),
    not_found("a"),
)
"""Amends, and answers that are lost and found."""
_AMENDS: Final[tuple[Asked, ...]] = (
    cancel("a"),
    cancelled("a"),
    cancel_rejected("a"),
    filled("a", "x", 4, "8.5"),
    filled("a", "y", 6, "7.7"),
    filled("a", "z", 2, "8.1"),
    *LIFE[:9],
)
_LOST: Final[tuple[Asked, ...]] = (
    cancel("a"),
    accepted("a", "v-1"),
    accepted("a", "v-2"),
    rejected("a"),
    cancelled("a"),
    cancel_rejected("a"),
    expired("a"),
    filled("a", "x", 4, "8.5"),
    *LIFE[-4:],
    amend("a", 12),
)

STOP: Final = conditional("a", side=Side.BUY, trigger="8.5")
"""An order that knows every word: what waits for no price cannot be triggered."""


def _beginning(order: PlaceOrder = STOP) -> tuple[Desk, House]:
    trading = desk()
    trading.events(order)
    house = House(limits={ACCOUNT: NO_LIMITS}, rules={SUSHI: RULES})
    house.orders[order.order_id] = OrderModel(order, trading.at, None)
    return trading, house


def _after(trading: Desk, house: House, word: Asked, seen: Counter[str]) -> tuple[Desk, House]:
    """Both after one more word, the old ones untouched."""
    (order,) = house.orders.values()
    expected = order.answer(word)
    next_desk = Desk(trading.at, dict(trading.states), list(trading.changes))
    found = next_desk.reason(word)
    assert found is expected, (order.status(), order.history, word)
    answer = "ok" if found is None else found.name
    seen[f"{type(word).__name__} of a {order.status()} order: {answer}"] += 1
    if found is not None:
        assert next_desk.states == trading.states
        return next_desk, house
    told = OrderModel(order.placed, order.at, None, history=[*order.history, word])
    fills = [*house.fills, word] if isinstance(word, RecordFill) else house.fills
    next_house = House({order.placed.order_id: told}, house.limits, house.rules, fills=fills)
    invariants.every_order_is_what_its_history_makes_it(next_desk, next_house)
    invariants.risk_holds_what_is_open_and_nothing_else(next_desk, next_house)
    invariants.what_can_lie_on_the_book_is_known(next_desk, next_house)
    invariants.cash_profit_and_cost_add_up_to_the_last_digit(next_desk, next_house)
    invariants.fees_add_up_to_the_last_digit_in_each_currency(next_desk, next_house)
    return next_desk, next_house


def _walk(
    trading: Desk, house: House, depth: int, seen: Counter[str], words: Sequence[Asked] = WORDS
) -> None:
    if depth == 0:
        return
    for word in words:
        after = _after(trading, house, word, seen)
        if after[1] is not house:  # what was refused changed nothing: the same stories follow
            _walk(*after, depth - 1, seen, words)


def test_every_story_of_six_words() -> None:
    seen: Counter[str] = Counter()
    _walk(*_beginning(), 6, seen)
    elsewhere = {"new", "denied", "held", "pending_amend", "unknown"}
    for status in set(OrderStatus) - elsewhere:
        assert seen[f"RecordFill of a {status} order: ok"] > 0, status
        assert seen[f"RecordFill of a {status} order: REPORT_CONTRADICTS_ORDER"] > 0, status
    assert seen["RecordCancelRejection of a pending_cancel order: ok"] > 0
    assert seen["RecordAcceptance of a filled order: ok"] > 0
    assert seen["RecordTrigger of a partially_filled order: ok"] > 0
    assert seen["RecordRejection of a triggered order: ok"] > 0


def test_every_story_of_five_words_with_amends() -> None:
    seen: Counter[str] = Counter()
    beginning = _after(*_beginning(place("a")), accepted("a"), seen)
    _walk(*beginning, 5, seen, _AMENDS)
    assert seen["RecordFill of a pending_amend order: ok"] > 0
    assert seen["CancelOrder of a pending_amend order: ok"] > 0
    assert seen["RecordAmendment of a pending_cancel order: ok"] > 0
    assert seen["RecordAmendment of a cancelled order: ok"] > 0
    assert seen["RecordAmendRejection of a filled order: ok"] > 0
    assert seen["AmendOrder of a partially_filled order: AMEND_BELOW_FILLED"] > 0


def test_every_story_of_five_words_with_a_lost_answer() -> None:
    seen: Counter[str] = Counter()
    _walk(*_beginning(place("a")), 5, seen, _LOST)
    for report in ("Acceptance", "Rejection", "Fill", "Cancellation", "Expiry", "NotFound"):
        assert seen[f"Record{report} of a unknown order: ok"] > 0, report
    assert seen["RecordReconciled of a unknown order: ok"] > 0
    assert seen["RecordReconciled of a unknown order: FILLS_MISSING"] > 0
    assert seen["CancelOrder of a unknown order: ok"] > 0


@given(st.sampled_from((STOP, place("a"))), st.lists(st.sampled_from((*WORDS, *LIFE)), max_size=25))
def test_long_stories(order: PlaceOrder, words: list[Asked]) -> None:
    seen: Counter[str] = Counter()
    now = _beginning(order)
    for word in words:
        now = _after(*now, word, seen)
    read_models.show_what_the_domain_holds(now[0])
