"""Any story of users and accounts, beside a model that is nothing but a list of what happened."""

from dataclasses import dataclass, field
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.commands import (
    AddVenueKey,
    CloseAccount,
    OpenAccount,
    ReinstateAccount,
    RevokeVenueKey,
    RotateVenueKey,
    SuspendAccount,
)
from domain.accounts.state import Account
from domain.dispatch import Command
from domain.ids import account_stream, user_stream
from domain.reasons import Reason
from domain.users.commands import (
    EraseUser,
    GrantRole,
    RegisterUser,
    ReinstateUser,
    RevokeRole,
    SuspendUser,
)
from domain.users.events import Role
from domain.users.state import User
from tests.support.membership import account_id, open_account, register, suspend, user_id, venue_key
from tests.support.trading import Desk

_NAMES: Final = ("ada", "bob")
_WORDS: Final[tuple[Command, ...]] = tuple(
    word
    for name in _NAMES
    for word in (
        register(name),
        GrantRole(user_id(name), Role.TRADER),
        GrantRole(user_id(name), Role.AUDITOR),
        RevokeRole(user_id(name), Role.TRADER),
        suspend(name),
        ReinstateUser(user_id(name)),
        EraseUser(user_id(name)),
        open_account(account_id("one"), name),
        open_account(account_id("two"), name),
        SuspendAccount(account_id("one"), "a drill"),
        ReinstateAccount(account_id("one")),
        CloseAccount(account_id("one")),
    )
)
_KEYS: Final[tuple[Command, ...]] = tuple(
    word
    for version in (1, 2, 3)
    for word in (
        AddVenueKey(account_id("one"), venue_key(version)),
        RotateVenueKey(account_id("one"), venue_key(version)),
        RotateVenueKey(account_id("one"), venue_key(version, "BYBIT")),
        RevokeVenueKey(account_id("one"), version),
    )
)
_KeyCommand = AddVenueKey | RotateVenueKey | RevokeVenueKey


def _subject(command: Command) -> str:
    return str(getattr(command, "account_id", None) or getattr(command, "user_id", None))


@dataclass(slots=True)
class _Model:
    """Everything that was accepted, oldest first; every question is answered by reading it all."""

    past: list[Command] = field(default_factory=list)

    def _last(self, subject: str, *kinds: type) -> Command | None:
        found = [c for c in self.past if isinstance(c, kinds) and _subject(c) == subject]
        return found[-1] if found else None

    def user(self, subject: str) -> Reason | None:
        """Why nothing can be asked of the user."""
        if self._last(subject, EraseUser):
            return Reason.USER_ERASED
        return None if self._last(subject, RegisterUser) else Reason.USER_UNKNOWN

    def suspended(self, subject: str) -> bool:
        """Whether the last word was a suspension."""
        return isinstance(
            self._last(subject, SuspendUser, ReinstateUser, SuspendAccount, ReinstateAccount),
            SuspendUser | SuspendAccount,
        )

    def roles(self, subject: str) -> set[Role]:
        """Roles given and not taken since."""
        roles: set[Role] = set()
        for command in self.past:
            if isinstance(command, GrantRole) and command.user_id == subject:
                roles.add(command.role)
            if isinstance(command, RevokeRole) and command.user_id == subject:
                roles.discard(command.role)
        return roles

    def answer(self, asked: Command) -> Reason | None:
        """What must be answered; None when it must be accepted."""
        if isinstance(
            asked, OpenAccount | SuspendAccount | ReinstateAccount | CloseAccount | _KeyCommand
        ):
            return self._of_account(asked)
        assert isinstance(
            asked, RegisterUser | GrantRole | RevokeRole | SuspendUser | ReinstateUser | EraseUser
        )
        unfit, subject = self.user(asked.user_id), asked.user_id
        if isinstance(asked, RegisterUser):
            taken = {None: Reason.USER_ALREADY_EXISTS, Reason.USER_UNKNOWN: None}
            return taken.get(unfit, unfit)
        if unfit is not None:
            return unfit
        refusals = {
            GrantRole: (Role.TRADER, Reason.ROLE_ALREADY_GRANTED),
            RevokeRole: (Role.TRADER, Reason.ROLE_NOT_GRANTED),
            SuspendUser: (True, Reason.USER_SUSPENDED),
            ReinstateUser: (False, Reason.USER_NOT_SUSPENDED),
        }
        if isinstance(asked, GrantRole | RevokeRole):
            same = (asked.role in self.roles(subject)) is isinstance(asked, GrantRole)
            return refusals[type(asked)][1] if same else None
        if isinstance(asked, EraseUser):
            return None
        when, reason = refusals[type(asked)]
        return reason if self.suspended(subject) is when else None

    def keys(self, account: str) -> list[int]:
        """Versions that were given and not revoked since, oldest first."""
        live: list[int] = []
        for command in self.past:
            if isinstance(command, AddVenueKey | RotateVenueKey) and command.account_id == account:
                live.append(command.key.version)
            if isinstance(command, RevokeVenueKey) and command.account_id == account:
                live.remove(command.key_version)
        return live

    def _of_key(self, asked: _KeyCommand) -> Reason | None:
        live = self.keys(asked.account_id)
        if isinstance(asked, RevokeVenueKey):
            return None if asked.key_version in live else Reason.VENUE_KEY_NOT_LIVE
        if isinstance(asked, AddVenueKey) and live:
            return Reason.VENUE_KEY_EXISTS
        if isinstance(asked, RotateVenueKey) and not live:
            return Reason.VENUE_KEY_MISSING
        if len(live) > 1:
            return Reason.VENUE_KEY_ROTATING
        if asked.key.venue != "BINANCE":
            return Reason.VENUE_KEY_OF_OTHER_VENUE
        if asked.key.version in live:
            return Reason.VENUE_KEY_UNCHANGED
        given = [
            command.key.version
            for command in self.past
            if isinstance(command, AddVenueKey | RotateVenueKey)
        ]
        overtaken = asked.key.version <= max(given, default=0)
        return Reason.VENUE_KEY_OVERTAKEN if overtaken else None

    def _of_account(
        self,
        asked: OpenAccount | SuspendAccount | ReinstateAccount | CloseAccount | _KeyCommand,
    ) -> Reason | None:
        account = asked.account_id
        opened = self._last(account, OpenAccount)
        if isinstance(asked, OpenAccount):
            if opened:
                return Reason.ACCOUNT_ALREADY_OPENED
            suspended = Reason.USER_SUSPENDED if self.suspended(asked.user_id) else None
            return self.user(asked.user_id) or suspended
        if not opened:
            return Reason.ACCOUNT_UNKNOWN
        if self._last(account, CloseAccount):
            return Reason.ACCOUNT_CLOSED
        if isinstance(asked, _KeyCommand):
            return self._of_key(asked)
        if isinstance(asked, CloseAccount) and self.keys(account):
            return Reason.VENUE_KEYS_LIVE
        if isinstance(asked, SuspendAccount):
            return Reason.ACCOUNT_SUSPENDED if self.suspended(account) else None
        if isinstance(asked, ReinstateAccount):
            return None if self.suspended(account) else Reason.ACCOUNT_NOT_SUSPENDED
        return None


@given(st.lists(st.sampled_from((*_WORDS, *_KEYS)), max_size=40))
def test_every_story_is_told_as_the_model_tells_it(words: list[Command]) -> None:
    _told(words)


@given(st.lists(st.sampled_from((*_KEYS, CloseAccount(account_id("one")))), max_size=40))
def test_every_story_of_an_account_s_keys_is_told_so(words: list[Command]) -> None:
    _told([register("ada"), open_account(account_id("one"), "ada"), *words])


def _told(words: list[Command]) -> None:
    desk, model = Desk(), _Model()
    for word in words:
        expected = model.answer(word)
        before = dict(desk.states)
        assert desk.reason(word) is expected, (word, model.past)
        if expected is None:
            model.past.append(word)
        else:
            assert desk.states == before, "a refusal changes nothing"
    for name in _NAMES:
        user = desk.states.get(user_stream(user_id(name)))
        if user is not None and model.user(user_id(name)) is None:
            assert isinstance(user, User)
            assert user.roles == model.roles(user_id(name))
    account = desk.states.get(account_stream(account_id("one")))
    if isinstance(account, Account) and not isinstance(model.past[-1], CloseAccount):
        assert [key.version for key in account.keys] == model.keys(account_id("one"))
        assert len(account.keys) <= 2
    assert len(desk.changes) == len(model.past)
    assert {account_stream(account_id(n)) for n in ("one", "two")} >= (
        desk.states.keys() - {user_stream(user_id(n)) for n in _NAMES}
    )
