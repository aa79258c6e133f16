"""Why a command was refused: stable numbers that traders, auditors and programs can rely on.

Ranges: 1xxx shape, 2xxx risk, 3xxx order state, 4xxx account and user, 5xxx venue, 6xxx idempotency
and concurrency. A number is a contract: it is never changed and never used again for another thing.
"""

from dataclasses import dataclass
from enum import IntEnum


class Reason(IntEnum):
    """The reason codes; docs/reasons.md says for each what the sender can do."""

    MALFORMED = 1000
    PRICE_OFF_TICK = 1001
    QUANTITY_OFF_STEP = 1002
    QUANTITY_BELOW_MINIMUM = 1003
    QUANTITY_ABOVE_MAXIMUM = 1004
    NOTIONAL_BELOW_MINIMUM = 1005
    PRICE_ON_MARKET_ORDER = 1006
    PRICE_MISSING = 1007
    CONTRADICTORY_FLAGS = 1008
    INSTRUMENT_UNKNOWN = 1009
    INSTRUMENT_NOT_TRADING = 1010
    INSTRUMENT_UNCHANGED = 1011
    INSTRUMENT_CURRENCY_FIXED = 1012

    ACCOUNT_HALTED = 2001
    PLATFORM_HALTED = 2002
    LIMITS_NOT_SET = 2003
    ORDER_QUANTITY_LIMIT = 2004
    ORDER_NOTIONAL_LIMIT = 2005
    OPEN_ORDERS_LIMIT = 2006
    POSITION_LIMIT = 2007
    PRICE_COLLAR = 2008
    REFERENCE_PRICE_MISSING = 2009
    DUPLICATE_INTENT = 2010
    ALREADY_HALTED = 2011
    NOT_HALTED = 2012
    WOULD_INCREASE = 2013

    RATE_LIMIT = 2014
    REFERENCE_PRICE_STALE = 2015
    INSTRUMENT_OPEN_ORDERS_LIMIT = 2016
    OPEN_NOTIONAL_LIMIT = 2017
    INSTRUMENT_OPEN_NOTIONAL_LIMIT = 2018
    GROSS_POSITION_LIMIT = 2019
    NET_POSITION_LIMIT = 2020
    CONCENTRATION_LIMIT = 2021
    DAILY_LOSS_LIMIT = 2022
    DRAWDOWN_LIMIT = 2023
    SELF_TRADE = 2024
    STRATEGY_ORDER_QUANTITY_LIMIT = 2025
    STRATEGY_ORDER_NOTIONAL_LIMIT = 2026
    STRATEGY_OPEN_ORDERS_LIMIT = 2027
    STRATEGY_OPEN_NOTIONAL_LIMIT = 2028
    BALANCE_OUTDATED = 2040

    ORDER_ALREADY_EXISTS = 3001
    ORDER_UNKNOWN = 3002
    ORDER_NOT_OPEN = 3003
    CANCEL_ALREADY_REQUESTED = 3004
    EXECUTION_ALREADY_APPLIED = 3005
    REPORT_ALREADY_APPLIED = 3006
    REPORT_CONTRADICTS_ORDER = 3007

    USER_ALREADY_EXISTS = 4001
    USER_UNKNOWN = 4002
    USER_ERASED = 4003
    USER_SUSPENDED = 4004
    USER_NOT_SUSPENDED = 4005
    ROLE_ALREADY_GRANTED = 4006
    ROLE_NOT_GRANTED = 4007
    ACCOUNT_ALREADY_OPENED = 4101
    ACCOUNT_UNKNOWN = 4102
    ACCOUNT_SUSPENDED = 4103
    ACCOUNT_NOT_SUSPENDED = 4104
    ACCOUNT_CLOSED = 4105
    ACCOUNT_NOT_EMPTY = 4106

    COMMAND_ID_REUSED = 6001
    CONCURRENT_CHANGE = 6002
    OVERLOADED = 6003


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refusal as a value: the reason, the limit that was met and what the command would make.

    `limit` and `value` are texts for people and logs (plain decimals where they are numbers).
    """

    reason: Reason
    detail: str
    limit: str = ""
    value: str = ""
