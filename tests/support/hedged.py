"""A hedged account at a desk, and orders and fills of its legs."""

from dataclasses import replace

from domain.accounts.commands import OpenAccount
from domain.accounts.events import MarginMode, PositionMode
from domain.margin.tiers import MarginTier
from domain.orders.commands import PlaceOrder, RecordFill
from domain.users.commands import RegisterUser
from domain.users.events import Sealed
from domain.values import PositionSide, Side
from tests.support.membership import user_id
from tests.support.trading import ACCOUNT, RULES, Desk, desk, filled, number, place

TIERS = (MarginTier(number(5_000), number(50), number("0.01"), number(0)),)


def opened(mode: PositionMode = PositionMode.HEDGE) -> Desk:
    """A desk whose account was opened in a mode."""
    trading = desk(rules=replace(RULES, margin_tiers=TIERS))
    trading.events(RegisterUser(user_id("ada"), Sealed("bmFtZQ=="), Sealed("ZW1haWw=")))
    trading.events(OpenAccount(ACCOUNT, user_id("ada"), "BINANCE", mode, MarginMode.CROSS))
    return trading


def leg(name: str, side: Side, of: PositionSide, amount: int = 10, **more: bool) -> PlaceOrder:
    """An order of a leg."""
    return replace(place(name, side, amount, **more), position_side=of)  # type: ignore[arg-type]


def fill(name: str, side: Side, of: PositionSide, amount: int = 10, at: str = "8") -> RecordFill:
    """A fill of a leg."""
    return replace(filled(name, f"x-{name}", amount, at, side=side), position_side=of)
