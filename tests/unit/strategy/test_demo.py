"""The demonstration's wishes: the same for the same seed, on the grid, pulled back to flat."""

from decimal import Decimal

from adapters.binance.recording import instruments
from adapters.strategy.demo import Demo, Wish
from domain.ids import AccountId, InstrumentId, derived
from domain.orders.commands import OrderType, TimeInForce
from domain.values import Side, is_multiple
from projections.market import Quote

NAME = InstrumentId("BINANCE:SUSHIUSDT")
ACCOUNTS = tuple(AccountId(derived("test", str(number))) for number in range(2))
QUOTE = Quote(NAME, 1, Decimal("7.610"), Decimal(5), Decimal("7.611"), Decimal(5))


def _wishes(seed: int, count: int = 400) -> list[Wish]:
    demo = Demo(ACCOUNTS, instruments(), seed)
    return [wish for wish in (demo.wish(QUOTE) for _ in range(count)) if wish is not None]


def test_the_same_seed_wishes_the_same() -> None:
    assert _wishes(7) == _wishes(7)
    assert _wishes(7) != _wishes(8)


def test_every_wish_is_on_the_venues_grid() -> None:
    rules = instruments()[NAME]
    for wish in _wishes(1):
        assert is_multiple(wish.quantity, rules.step)
        assert wish.price is None or is_multiple(wish.price, rules.tick)
        assert (wish.price is None) == (wish.type is OrderType.MARKET)
        assert wish.type is OrderType.LIMIT or wish.time_in_force is TimeInForce.IOC


def test_all_kinds_are_seen_and_some_are_too_large() -> None:
    wishes = _wishes(1)
    assert {wish.side for wish in wishes} == {Side.BUY, Side.SELL}
    assert {(wish.type, wish.time_in_force) for wish in wishes} == {
        (OrderType.MARKET, TimeInForce.IOC),
        (OrderType.LIMIT, TimeInForce.IOC),
        (OrderType.LIMIT, TimeInForce.GTC),
    }
    assert any(wish.quantity * 7 > 2000 for wish in wishes)
    assert all(wish.cancel_after > 0 for wish in wishes if wish.time_in_force is TimeInForce.GTC)


def test_a_crossed_or_empty_quote_gives_no_wish() -> None:
    demo = Demo(ACCOUNTS, instruments())
    crossed = Quote(NAME, 1, Decimal("7.62"), Decimal(1), Decimal("7.61"), Decimal(1))
    assert demo.wish(crossed) is None
    unknown = Quote(InstrumentId("BINANCE:NONE"), 1, Decimal(1), Decimal(1), Decimal(2), Decimal(1))
    assert demo.wish(unknown) is None
