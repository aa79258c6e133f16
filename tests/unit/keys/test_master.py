"""The master key: 32 random bytes or a sentence; what it wraps opens for its subject alone."""

import base64

import pytest

from adapters.keys.master import MasterKey, WrongMasterKey, create_master_key
from adapters.postgres.keys import subject_keys
from adapters.settings import SettingsError
from tests.support.membership import user_id

ADA = user_id("ada")


def test_a_fresh_master_key_wraps_and_unwraps() -> None:
    master = MasterKey(create_master_key())
    wrapped = master.wrap(ADA, b"k" * 32)
    assert b"k" * 32 not in wrapped
    assert master.unwrap(ADA, wrapped) == b"k" * 32
    assert wrapped != master.wrap(ADA, b"k" * 32)


def test_a_key_that_is_moved_or_of_another_master_does_not_open() -> None:
    master = MasterKey(create_master_key())
    wrapped = master.wrap(ADA, b"k" * 32)
    with pytest.raises(WrongMasterKey, match="bring back the right one"):
        master.unwrap(user_id("bob"), wrapped)
    with pytest.raises(WrongMasterKey, match="bring back the right one"):
        MasterKey(create_master_key()).unwrap(ADA, wrapped)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "x" * 44,
        "\N{EURO SIGN}" * 44,
        base64.b64encode(b"k" * 31).decode(),
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"k" * 32).decode(),
    ],
)
def test_what_is_no_master_key_is_told_without_being_shown(text: str) -> None:
    with pytest.raises(WrongMasterKey, match="openssl rand -base64 32") as caught:
        MasterKey(text)
    assert not text or text not in str(caught.value)


def test_a_master_key_does_not_show_itself() -> None:
    text = create_master_key()
    assert text not in repr(MasterKey(text))


def test_the_two_settings_belong_together() -> None:
    assert subject_keys("", "") is None
    for url, master in (("postgresql://x", ""), ("", create_master_key())):
        with pytest.raises(SettingsError, match="belong together"):
            subject_keys(url, master)
