"""Sizing of copies and repairs: on the step, never above the maximum, never turned around."""

from decimal import Decimal
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.commands import OrderType, TimeInForce
from domain.reasons import Rejected
from domain.strategies.sizing import Basis, Sized, drifts, expected, repair, size, stepped
from domain.strategies.terms import DriftPolicy, Intent, IntentKind, SizingRule, Terms
from domain.values import Money, Price, Quantity, Side, is_multiple, signed
from tests.support.trading import RULES, SUSHI

_LONGEST: Final = st.decimals(
    min_value=Decimal("0.000000000000000001"),
    max_value=Decimal("999999999999999999.999999999999999999"),
    places=18,
)
_USUAL: Final = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)
_AMOUNTS: Final = st.one_of(_USUAL, _USUAL, _LONGEST)
_SIGNED: Final = st.builds(lambda n, up: n if up else n.copy_negate(), _AMOUNTS, st.booleans())
_HELD: Final = st.one_of(st.just(Decimal(0)), _SIGNED)
_PRICES: Final = st.one_of(st.none(), _AMOUNTS.map(Price))

_terms = st.builds(
    Terms,
    rule=st.sampled_from(SizingRule),
    value=_AMOUNTS,
    maximum=_AMOUNTS.map(Quantity),
    capital=st.just(None),
    paused=st.booleans(),
    tolerance=st.one_of(st.just(Decimal(0)), _USUAL),
    drift=st.sampled_from(DriftPolicy),
)
_bases = st.builds(
    Basis,
    terms=_terms,
    rules=st.just(RULES),
    held=_HELD,
    equity=st.one_of(st.none(), _HELD.map(lambda n: Money(n, "USDT"))),
    price=_PRICES,
)


@st.composite
def _intents(draw: st.DrawFn) -> Intent:
    aimed = draw(st.booleans())
    return Intent(
        intent_id="0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11",
        kind=IntentKind.SIGNAL,
        instrument_id=SUSHI,
        side=None if aimed else draw(st.sampled_from(Side)),
        target=draw(_HELD) if aimed else None,
        quantity=draw(st.one_of(st.none(), _AMOUNTS.map(Quantity))),
        strength=draw(st.one_of(st.none(), st.integers(1, 100).map(lambda n: Decimal(n) / 100))),
        type=draw(st.sampled_from([OrderType.MARKET, OrderType.LIMIT])),
        time_in_force=TimeInForce.IOC,
        price=None,
        reduce_only=False,
        valid_until=None,
    )


def _after(basis: Basis, sized: Sized) -> Decimal:
    return basis.held + signed(sized.side, sized.quantity)


@given(_intents(), _bases)
def test_a_copy_is_on_the_step_and_never_takes_a_position_past_the_maximum(
    intent: Intent, basis: Basis
) -> None:
    sized = size(intent, basis)
    assert sized == size(intent, basis), "the same again"
    if isinstance(sized, Rejected):
        assert 4200 <= sized.reason < 4240
        return
    assert is_multiple(sized.quantity, RULES.step)
    assert RULES.minimum_quantity <= sized.quantity <= RULES.maximum_quantity
    if basis.price is not None:
        assert sized.quantity * basis.price >= RULES.minimum_notional
    most = max(basis.terms.maximum, abs(basis.held))
    assert abs(_after(basis, sized)) <= most
    if (basis.held > 0) == (sized.side is Side.BUY):
        assert abs(_after(basis, sized)) <= basis.terms.maximum, "what opens stays within"
    if intent.side is not None:
        assert sized.side is intent.side


@given(_intents(), _bases)
def test_a_target_is_never_overshot(intent: Intent, basis: Basis) -> None:
    sized = size(intent, basis)
    if intent.target is None or isinstance(sized, Rejected):
        return
    after = _after(basis, sized)
    if intent.target == 0:
        assert abs(after) < abs(basis.held)
        assert after * basis.held >= 0
    else:
        assert after * intent.target >= 0 or abs(after) < abs(basis.held)


@given(_SIGNED, _bases)
def test_a_repair_comes_closer_and_never_flips(leader: Decimal, basis: Basis) -> None:
    aim = expected(basis.terms, leader, basis.held, RULES)
    assert aim == 0 or (aim > 0) == (leader > 0)
    assert abs(aim) <= basis.terms.maximum or aim == basis.held
    sized = repair(aim, basis)
    if isinstance(sized, Rejected) or not drifts(basis.terms, aim, basis.held):
        return
    after = _after(basis, sized)
    assert basis.held == 0 or after == 0 or (after > 0) == (basis.held > 0), "never flips"
    assert abs(aim - after) < abs(aim - basis.held), "closer than before"
    assert is_multiple(sized.quantity, RULES.step)


@given(_AMOUNTS)
def test_a_step_is_rounded_down(quantity: Decimal) -> None:
    found = stepped(quantity, RULES.step)
    assert is_multiple(found, RULES.step)
    assert 0 <= quantity - found < RULES.step
