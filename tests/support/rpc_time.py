"""The outside world of the services under test: a clock moved at will, and one price."""

import time
from typing import Final
from uuid import uuid4

from domain.ids import InstrumentId
from domain.orders.commands import ReferencePrice
from domain.values import parse_price

TIME: Final = 1_626_912_000_000_000


class MovableClock:
    """The machine's time, moved at will."""

    def __init__(self) -> None:
        self.offset = 0
        """Seconds that the wall clock is ahead."""
        self.waited = 0
        """Seconds that have passed without waiting for them; time-outs go by these."""

    def now(self) -> int:
        """Microseconds since 1970."""
        return time.time_ns() // 1000 + self.offset * 1_000_000

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self.waited

    def new_uuid(self) -> str:
        """A random one."""
        return str(uuid4())


class FixedPrices:
    """One price for every instrument."""

    def __init__(self, price: str = "8") -> None:
        self.price = parse_price(price)

    def latest(self, instrument_id: InstrumentId) -> ReferencePrice | None:
        """The price."""
        return ReferencePrice(self.price, TIME)
