"""A story for each check: a desk and an order below its limit (-1), at it (0), a step above (1)."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.accounts.commands import SuspendAccount
from domain.ids import PLATFORM, InstrumentId, StrategyId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import PlaceOrder, TimeInForce
from domain.risk.commands import (
    Halted,
    HaltScope,
    HaltTrading,
    ResumeTrading,
    StrategyLimits,
)
from domain.risk.rules.conditions import LEADS
from domain.risk.wider import Counted, Wider, WiderScope
from domain.strategies.commands import PauseStrategy
from domain.values import PositionSide, Side
from tests.support.allotting import given, limited
from tests.support.checks import limits
from tests.support.membership import open_account, register
from tests.support.reports import balance
from tests.support.strategies import LEADER, running
from tests.support.strategies import STRATEGY as LED
from tests.support.trading import (
    ACCOUNT,
    RULES,
    START,
    Desk,
    closing,
    desk,
    filled,
    number,
    place,
    usdt,
)

SECOND: Final = 1_000_000
BTC: Final = InstrumentId("BINANCE:BTCUSDT")
STRATEGY: Final = StrategyId(derived("test", "strategy"))
TENTH: Final = Decimal("0.1")
TICK: Final = Decimal("0.001")

Asked = tuple[Desk, PlaceOrder]


def held(**values: object) -> Desk:
    """A desk with both instruments listed that holds 10 at 8, without fees."""
    trading = desk(limits(**values))
    trading.events(ListInstrument(BTC, RULES))
    trading.events(place("held", amount=10, reference=8))
    trading.events(filled("held", "held", 10, fee=usdt(0)))
    return trading


def of_strategy(order: PlaceOrder) -> PlaceOrder:
    """The order, of the strategy."""
    return replace(order, strategy_id=STRATEGY)


def strategic(**values: object) -> Desk:
    """A desk with limits of the strategy."""
    return desk(limits(strategies={STRATEGY: StrategyLimits(**values)}))  # type: ignore[arg-type]


def account(step: int) -> Asked:
    """Suspended: reducing passes."""
    trading = desk()
    trading.events(place("held"))
    trading.events(filled("held", "held", 10))
    trading.events(register())
    trading.events(open_account(ACCOUNT))
    if step >= 0:
        trading.events(SuspendAccount(ACCOUNT, "a drill"))
    return trading, place("a", Side.SELL, 5, reduce_only=step == 0)


def halted_account(step: int) -> Asked:
    """Halted: reducing passes."""
    trading = held()
    if step >= 0:
        trading.events(HaltTrading(ACCOUNT, "a drill"))
    return trading, place("a", Side.SELL, 5, reduce_only=step == 0)


def halted_platform(step: int) -> Asked:
    """Halted, and resumed."""
    trading = held()
    if step >= 0:
        trading.events(HaltTrading(PLATFORM, "a drill"))
    if step == 0:
        trading.events(ResumeTrading(PLATFORM, "over"))
    return trading, place("a")


def halted_beyond(scope: HaltScope, step: int) -> Asked:
    """Wider than an account: reducing passes."""
    trading = _of_owner()
    halted = {
        HaltScope.USER: trading.account().user_id or "",
        HaltScope.VENUE: "BINANCE",
        HaltScope.STRATEGY: STRATEGY,
    }[scope]
    if step >= 0:
        trading.events(HaltTrading(PLATFORM, "a drill", Halted(scope, halted)))
    order = place("a", Side.SELL, 5, reduce_only=step == 0)
    return trading, of_strategy(order)


def strategy(step: int) -> Asked:
    """Paused: reducing passes."""
    trading = held()
    for command in running():
        trading.events(command)
    if step >= 0:
        trading.events(PauseStrategy(LED, LEADER))
    order = place("a", Side.SELL, 5, reduce_only=step == 0)
    return trading, replace(order, strategy_id=LED)


def wallet(step: int, **values: object) -> Asked:
    """80 are in the wallet, and no leverage was set."""
    trading = desk(limits(**values))
    trading.events(balance(80))
    return trading, place("a", amount=10 + step * TENTH, reference=8)


def _of_owner() -> Desk:
    """An opened account that holds 10."""
    trading = held()
    trading.events(register())
    trading.events(open_account(ACCOUNT))
    return trading


def limits_set(step: int) -> Asked:
    """None at all, some, and some that limit nothing."""
    if step == 1:
        return desk(limits=None), place("a")
    return desk(limits(**({} if step == 0 else {"open_orders": 5}))), place("a")


def instrument(step: int) -> Asked:
    """Not listed at first, and not trading."""
    trading = desk(rules=None if step == -1 else replace(RULES, trading=step == 0))
    if step == -1:
        trading.events(ListInstrument(place("a").instrument_id, RULES))
    return trading, place("a")


def rate(per: str, window: int, step: int) -> Asked:
    """Three at once; a started one counts whole until a third of the window has passed."""
    trading = desk(limits(**{per: 3}))
    for count in range(3):
        trading.events(place(f"before {count}", amount=10 + count))
    # Three owe a whole window; one is paid after a third of it.
    trading.at += -(-window // 3) - (1 if step == 1 else 0) + (window if step == -1 else 0)
    return trading, place("a")


def reference_price(step: int) -> Asked:
    """A market order needs one, a limit order does not."""
    return desk(), place("a", at=8 if step == 0 else None, reference=8 if step == -1 else None)


def stale_price(step: int) -> Asked:
    """A market order, a second after the price."""
    trading = desk(limits(price_age=SECOND))
    trading.at = START + SECOND + step
    return trading, place("a", at=None, reference=8)


def reduce_only(step: int) -> Asked:
    """What is held, and more."""
    return held(), place("a", Side.SELL, 10 + step * TENTH, reduce_only=True)


def open_orders(step: int, **values: object) -> Asked:
    """Three may be open."""
    trading = desk(limits(**values))
    for count in range(2 + step):
        trading.events(place(f"before {count}"))
    return trading, place("a")


def open_notional(step: int, **values: object) -> Asked:
    """40 of 80 are open after a fill, and one that was cancelled by filling counts no more."""
    trading = desk(limits(**values))
    trading.events(place("half", amount=10))
    trading.events(filled("half", "x", 5))
    return trading, place("a", amount=5 + step * TENTH)


def strategy_open_orders(step: int) -> Asked:
    """Three of the strategy; those of nobody do not count."""
    trading = strategic(open_orders=3)
    trading.events(place("of nobody"))
    for count in range(2 + step):
        trading.events(of_strategy(place(f"before {count}")))
    return trading, of_strategy(place("a"))


def strategy_open_notional(step: int) -> Asked:
    """The same of the strategy alone."""
    trading = strategic(open_notional=number(80))
    trading.events(place("of nobody"))
    trading.events(of_strategy(place("half", amount=10)))
    trading.events(filled("half", "x", 5))
    return trading, of_strategy(place("a", amount=5 + step * TENTH))


def gross(step: int) -> Asked:
    """80 are held; the other instrument goes short."""
    order = place("a", Side.SELL, 20 + step * TENTH, reference=8, instrument=BTC)
    return held(gross_notional=number(240)), order


def net(side: Side, step: int) -> Asked:
    """80 are held: 20 more to be long 100, 180 sold to be short 100."""
    amount = Decimal("2.5") if side is Side.BUY else Decimal("22.5")
    order = place("a", side, amount + step * TENTH, reference=8, instrument=BTC)
    return held(net_notional=number(100)), order


def concentration(step: int) -> Asked:
    """Half of all, once that is more than 80."""
    trading = held(concentration=number("0.5"), concentration_from=number(80))
    return trading, place("a", amount=10 + step * TENTH, reference=8, instrument=BTC)


def daily_loss(step: int) -> Asked:
    """10 are held since 8."""
    return held(daily_loss=number(10)), place("a", amount=1, reference=7 - step * TICK)


def drawdown(step: int) -> Asked:
    """The profit was 10 when the price was 9: 15 less at 7.5."""
    trading = held(drawdown=number(15))
    trading.events(place("high", amount=1, reference=9))
    return trading, place("a", amount=1, reference=Decimal("7.5") - step * TICK)


def collar(step: int) -> Asked:
    """Five percent from the market."""
    trading = desk(limits(price_collar=number("0.05")))
    return trading, place("a", at=Decimal("10.5") + step * TICK, reference=10)


def duplicate(step: int) -> Asked:
    """The same once more, a second later."""
    trading = desk(limits(duplicate_window=SECOND))
    trading.events(place("before"))
    trading.at += SECOND - step
    return trading, place("a")


def self_trade(side: Side, step: int) -> Asked:
    """The own order stands at 8."""
    trading = desk(limits(self_trade=True))
    trading.events(place("own", side.opposite, at=8))
    toward = 1 if side is Side.BUY else -1
    return trading, place("a", side, at=8 + toward * (step - 1) * TICK)


def position_side(step: int) -> Asked:
    """A one-way account: an order of a leg is refused, one that reduces the net one is not."""
    side = PositionSide.LONG if step == 1 else PositionSide.NET
    order = place("a", Side.SELL, 5, reduce_only=step == 0)
    return held(), replace(order, position_side=side)


def time_in_force(step: int) -> Asked:
    """A date must be ten minutes ahead at Binance."""
    trading, lead = desk(), LEADS["BINANCE"]
    order = place("a", time_in_force=TimeInForce.GTD)
    return trading, replace(order, expires_at=trading.at + lead + 1 - step)


def close_position(step: int) -> Asked:
    """Something has to be held against the order's side."""
    trading = held()
    if step >= 0:
        trading.events(place("out", Side.SELL, 10 if step else 9))
        trading.events(filled("out", "out", 10 if step else 9, side=Side.SELL))
    return trading, closing("a")


def allotted(scope: WiderScope, counted: Counted, step: int) -> Asked:
    """A share of 160 at 8: 10 are held, which is nothing open, and the strategy has 10 open."""
    trading = _of_owner()
    subject = {
        WiderScope.PLATFORM: "",
        WiderScope.USER: trading.account().user_id or "",
        WiderScope.VENUE: "BINANCE",
        WiderScope.STRATEGY: STRATEGY,
    }[scope]
    wider = Wider(scope, subject, counted, "USDT")
    trading.events(limited(1_000, wider))
    trading.events(given(160, wider))
    if counted is Counted.OPEN_NOTIONAL:
        trading.events(of_strategy(place("open", amount=10, reference=8)))
    return trading, of_strategy(place("a", amount=10 + step * TENTH, reference=8))
