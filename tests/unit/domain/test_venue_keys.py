"""Every rule of venue keys, at its limit: one current, two at most, no version twice."""

from dataclasses import replace

import pytest

from domain.accounts.commands import (
    AddVenueKey,
    CloseAccount,
    RevokeVenueKey,
    RotateVenueKey,
    SuspendAccount,
    VenueKeyCommand,
)
from domain.accounts.events import (
    AccountClosed,
    KeyPermission,
    VenueKeyAdded,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.accounts.state import Account, LiveKey
from domain.dispatch import streams_of
from domain.ids import account_stream
from domain.reasons import Reason
from tests.support.membership import open_account, register, venue_key
from tests.support.trading import ACCOUNT, Desk

ADD = AddVenueKey(ACCOUNT, venue_key(1))
ROTATE = RotateVenueKey(ACCOUNT, venue_key(2))
EVERY: tuple[VenueKeyCommand, ...] = (ADD, ROTATE, RevokeVenueKey(ACCOUNT, 1))


@pytest.fixture
def opened() -> Desk:
    trading = Desk()
    trading.events(register())
    trading.events(open_account(ACCOUNT))
    return trading


@pytest.fixture
def keyed(opened: Desk) -> Desk:
    opened.events(ADD)
    return opened


def _live(trading: Desk) -> tuple[int, ...]:
    account = trading.states[account_stream(ACCOUNT)]
    assert isinstance(account, Account)
    return tuple(key.version for key in account.keys)


@pytest.mark.parametrize("command", EVERY)
def test_only_an_account_that_is_there_has_keys(opened: Desk, command: VenueKeyCommand) -> None:
    assert Desk().reason(command) is Reason.ACCOUNT_UNKNOWN
    assert [ref.stream_id for ref in streams_of(command)] == [account_stream(ACCOUNT)]
    opened.events(CloseAccount(ACCOUNT))
    assert opened.reason(command) is Reason.ACCOUNT_CLOSED


def test_a_key_is_added_once(opened: Desk) -> None:
    assert opened.events(ADD) == [VenueKeyAdded(ACCOUNT, venue_key(1))]
    assert opened.reason(AddVenueKey(ACCOUNT, venue_key(2))) is Reason.VENUE_KEY_EXISTS
    state = opened.states[account_stream(ACCOUNT)]
    assert isinstance(state, Account)
    assert (state.venue, state.last_key) == ("BINANCE", 1)
    assert state.keys == (LiveKey(1, venue_key(1).fingerprint),)


def test_a_rotation_leaves_two_until_the_older_is_revoked(keyed: Desk) -> None:
    assert keyed.events(ROTATE) == [VenueKeyRotated(ACCOUNT, venue_key(2), 1)]
    assert _live(keyed) == (1, 2)
    third = RotateVenueKey(ACCOUNT, venue_key(3))
    decision = keyed.do(third)
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.VENUE_KEY_ROTATING
    assert "revoke version 1" in decision.rejected.detail
    assert keyed.events(RevokeVenueKey(ACCOUNT, 1)) == [VenueKeyRevoked(ACCOUNT, 1)]
    assert keyed.events(third) == [VenueKeyRotated(ACCOUNT, venue_key(3), 2)]
    assert _live(keyed) == (2, 3)


def test_the_newer_of_two_may_be_revoked_as_well(keyed: Desk) -> None:
    keyed.events(ROTATE)
    keyed.events(RevokeVenueKey(ACCOUNT, 2))
    assert _live(keyed) == (1,)
    assert keyed.reason(ROTATE) is Reason.VENUE_KEY_OVERTAKEN
    assert keyed.events(RotateVenueKey(ACCOUNT, venue_key(3))) == [
        VenueKeyRotated(ACCOUNT, venue_key(3), 1)
    ]


def test_versions_have_gaps_where_attempts_were_refused(keyed: Desk) -> None:
    late = RotateVenueKey(ACCOUNT, venue_key(7))
    assert keyed.events(late) == [VenueKeyRotated(ACCOUNT, venue_key(7), 1)]
    assert _live(keyed) == (1, 7)
    keyed.events(RevokeVenueKey(ACCOUNT, 1))
    between = RotateVenueKey(ACCOUNT, venue_key(6))
    assert keyed.reason(between) is Reason.VENUE_KEY_OVERTAKEN, "it was sealed before, and lost"
    assert keyed.reason(RevokeVenueKey(ACCOUNT, 6)) is Reason.VENUE_KEY_NOT_LIVE


def test_nothing_is_rotated_without_a_key(opened: Desk) -> None:
    assert opened.reason(ROTATE) is Reason.VENUE_KEY_MISSING


@pytest.mark.parametrize("version", [0, 2, 3, -1])
def test_only_a_key_in_use_is_revoked(keyed: Desk, version: int) -> None:
    assert keyed.reason(RevokeVenueKey(ACCOUNT, version)) is Reason.VENUE_KEY_NOT_LIVE


def test_a_key_is_revoked_once_and_its_version_never_comes_back(keyed: Desk) -> None:
    keyed.events(RevokeVenueKey(ACCOUNT, 1))
    assert keyed.reason(RevokeVenueKey(ACCOUNT, 1)) is Reason.VENUE_KEY_NOT_LIVE
    assert keyed.reason(ADD) is Reason.VENUE_KEY_OVERTAKEN
    assert keyed.events(AddVenueKey(ACCOUNT, venue_key(2))) == [
        VenueKeyAdded(ACCOUNT, venue_key(2))
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"venue": "BYBIT"}, Reason.VENUE_KEY_OF_OTHER_VENUE),
        ({"permissions": (KeyPermission.TRADE, KeyPermission.WITHDRAW)},
         Reason.VENUE_KEY_CAN_WITHDRAW),
        ({"fingerprint": venue_key(1).fingerprint}, Reason.VENUE_KEY_UNCHANGED),
        ({"version": 1}, Reason.VENUE_KEY_OVERTAKEN),
    ],
)  # fmt: skip
def test_a_key_that_is_of_no_use_is_refused(
    keyed: Desk, changes: dict[str, object], reason: Reason
) -> None:
    assert keyed.reason(RotateVenueKey(ACCOUNT, replace(venue_key(2), **changes))) is reason  # type: ignore[arg-type]
    if reason is not Reason.VENUE_KEY_UNCHANGED:
        keyed.events(RevokeVenueKey(ACCOUNT, 1))
        assert keyed.reason(AddVenueKey(ACCOUNT, replace(venue_key(2), **changes))) is reason  # type: ignore[arg-type]


def test_a_suspended_account_changes_its_keys(keyed: Desk) -> None:
    keyed.events(SuspendAccount(ACCOUNT, "a drill"))
    keyed.events(ROTATE)
    keyed.events(RevokeVenueKey(ACCOUNT, 1))
    assert _live(keyed) == (2,)


def test_an_account_with_a_key_is_not_closed(keyed: Desk) -> None:
    assert keyed.reason(CloseAccount(ACCOUNT)) is Reason.VENUE_KEYS_LIVE
    keyed.events(RevokeVenueKey(ACCOUNT, 1))
    assert keyed.events(CloseAccount(ACCOUNT)) == [AccountClosed(ACCOUNT)]
