"""Identities and the streams they name: who owns what, in one canonical spelling.

Every id is the canonical lower-case text of a UUID; other spellings (braces, upper case, blanks)
are refused at the edge so that one thing never has two names. Streams are named by UUIDs derived
from what they hold, so nobody has to look a stream's name up.

    ValueError
    └── InvalidId     the text is no canonical UUID or instrument: send e.g.
                      "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11" or "BINANCE:BTCUSDT"
"""

import re
from functools import lru_cache
from typing import Final, NewType
from uuid import UUID, uuid5

from domain.values import PositionSide

AccountId = NewType("AccountId", str)
OrderId = NewType("OrderId", str)
StrategyId = NewType("StrategyId", str)
SignalId = NewType("SignalId", str)
CommandId = NewType("CommandId", str)
UserId = NewType("UserId", str)
StreamId = NewType("StreamId", str)
ExecutionId = NewType("ExecutionId", str)
"""The venue's own trade id, unique within one instrument of one venue."""
ChangeId = NewType("ChangeId", str)
"""A change that waits for approval; the id of the command that proposed it."""
InstrumentId = NewType("InstrumentId", str)
"""Venue and symbol, e.g. "BINANCE:SUSHIUSDT"; also the key of market records."""

PLATFORM: Final = AccountId("00000000-0000-0000-0000-000000000000")
"""Owner of what belongs to no account: instruments, the platform-wide halt."""

VERSION_AT: Final = 14
"""Where the digit of the version stands in the text of a UUID."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_INSTRUMENT: Final = re.compile(r"[A-Z]{1,16}:[A-Z0-9_]{1,32}", re.ASCII)
_CLIENT_ORDER: Final = re.compile(r"pt-([0-9a-f]{32})", re.ASCII)
_NAMESPACE: Final = UUID("6f1c1f3e-7a52-5d0e-9a7e-7061747269ef")


class InvalidId(ValueError):
    """The text is not the canonical spelling of an id."""


def parse_uuid(text: str) -> str:
    """Check the canonical spelling of a UUID; raises InvalidId."""
    if _UUID.fullmatch(text) is None:
        message = "expected a lower-case UUID, was " + repr(text[:40])
        raise InvalidId(message)
    return text


def parse_instrument(text: str) -> InstrumentId:
    """Check the spelling VENUE:SYMBOL; raises InvalidId."""
    if _INSTRUMENT.fullmatch(text) is None:
        message = "expected VENUE:SYMBOL in upper case, was " + repr(text[:60])
        raise InvalidId(message)
    return InstrumentId(text)


def venue_of(instrument_id: InstrumentId) -> str:
    """The venue that an instrument is traded at."""
    return instrument_id.partition(":")[0]


def client_order_id(order_id: OrderId) -> str:
    """The id under which a venue knows the order: 35 characters, recognisable as ours.

    Binance allows 36 of ``[.A-Z:/a-z0-9_-]``, Bybit 36 of ``[A-Za-z0-9-_]``.
    """
    return "pt-" + order_id.replace("-", "")


def order_id_of(client_id: str) -> OrderId | None:
    """The order behind a client order id, or None if the order was not made by us."""
    match = _CLIENT_ORDER.fullmatch(client_id)
    return OrderId(str(UUID(match.group(1)))) if match else None


@lru_cache(maxsize=262_144)
def derived(*parts: str) -> str:
    """A UUID that is a pure function of the parts: the same name gives the same id for ever."""
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))


def copied_order_id(*parts: str) -> OrderId:
    """The id of an order that follows from something else, the same wherever it is made.

    Version 8 tells it from what senders choose (4 or 7) and from names of other streams (5): no
    sender can place an order under it first.
    """
    name = derived("copy", *parts)
    return OrderId(name[:VERSION_AT] + "8" + name[VERSION_AT + 1 :])


def external_order_id(
    account_id: AccountId, instrument_id: InstrumentId, venue_order_id: str
) -> OrderId:
    """The id of an order that was not placed here, from the venue's own.

    The instrument is part of it: it names the venue, and Binance counts orders for each symbol.
    """
    return copied_order_id("external", account_id, instrument_id, venue_order_id)


def exit_order_id(entry_id: OrderId, role: str, number: int) -> OrderId:
    """The id of an exit of a bracket: known before it is placed, and nobody else can take it."""
    return copied_order_id("bracket", entry_id, role, str(number))


def bracket_stream(entry_id: OrderId) -> StreamId:
    """The stream of one bracket, by the order that enters."""
    return StreamId(derived("bracket", entry_id))


def order_stream(order_id: OrderId) -> StreamId:
    """The stream of one order: its own id."""
    return StreamId(order_id)


def position_stream(
    account_id: AccountId, instrument_id: InstrumentId, side: PositionSide = PositionSide.NET
) -> StreamId:
    """The stream of one account's position in one instrument: the net one, or a hedged leg."""
    if side is PositionSide.NET:
        return StreamId(derived("position", account_id, instrument_id))
    return StreamId(derived("position", account_id, instrument_id, side.value))


def funding_stream(
    account_id: AccountId, instrument_id: InstrumentId, side: PositionSide, funding_id: str
) -> StreamId:
    """The stream of one payment of funding, by the venue's id: it has one event at most."""
    return StreamId(derived("funding", account_id, instrument_id, side.value, funding_id))


def risk_stream(account_id: AccountId) -> StreamId:
    """The stream of one account's limits, reservations and halts; PLATFORM's binds everybody."""
    return StreamId(derived("risk", account_id))


def allotment_stream(*name: str) -> StreamId:
    """The stream of the shares of one wider limit: scope, subject, what it counts, currency."""
    return StreamId(derived("allotment", *name))


def user_stream(user_id: UserId) -> StreamId:
    """The stream of one user."""
    return StreamId(derived("user", user_id))


def account_stream(account_id: AccountId) -> StreamId:
    """The stream of one account's life: whose it is, and whether it may trade."""
    return StreamId(derived("account", account_id))


def strategy_stream(strategy_id: StrategyId) -> StreamId:
    """The stream of one strategy's life."""
    return StreamId(derived("strategy", strategy_id))


def signal_stream(strategy_id: StrategyId, signal_id: SignalId) -> StreamId:
    """The stream of one signal: a strategy cannot take the ids of another's signals."""
    return StreamId(derived("signal", strategy_id, signal_id))


def follower_stream(strategy_id: StrategyId, account_id: AccountId) -> StreamId:
    """The stream of one account that follows one strategy."""
    return StreamId(derived("follower", strategy_id, account_id))


def instrument_stream(instrument_id: InstrumentId) -> StreamId:
    """The stream of one instrument's trading rules."""
    return StreamId(derived("instrument", instrument_id))
