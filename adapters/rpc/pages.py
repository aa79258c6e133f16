"""What every list in pages has in common: how long a page is, and whose rows are on it.

Where a page begins is each list's own business, in the form of its key; a place that is none is
refused in the same words everywhere.
"""

from contextlib import suppress
from typing import Final

from adapters.rpc import translate
from adapters.rpc.guard import caller
from adapters.rpc.translate import InvalidRequest
from domain.ids import InvalidId, parse_uuid

_DEFAULT: Final = 100
_MAX: Final = 500


class InvalidPageToken(InvalidRequest):
    """The token of a page is none that was given out: begin again without one."""

    def __init__(self) -> None:
        super().__init__("page_token: use the token of the previous page")


def page_limit(page_size: int) -> int:
    """How many rows a page has at most; 0 leaves it to us."""
    if not 0 <= page_size <= _MAX:
        raise InvalidRequest(f"page_size must be from 0 (means {_DEFAULT}) to {_MAX}")
    return page_size or _DEFAULT


def visible_accounts(account_id: str) -> list[str] | None:
    """The accounts whose rows the caller may see, or the one that was asked for; None is all."""
    if account_id:
        return [caller().account(translate.account(account_id))]
    if "*" in caller().accounts:
        return None
    visible = []
    for text in caller().accounts:
        with suppress(InvalidId):
            visible.append(parse_uuid(text))
    return visible
