"""The master key: 32 random bytes or a sentence; what it wraps opens for its subject alone."""

import base64

import pytest

from adapters.keys.cipher import decrypt, encrypt
from adapters.keys.master import (
    NAMED,
    AlteredKey,
    MasterKey,
    WrongMasterKey,
    create_master_key,
    of_subject,
)
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
    with pytest.raises(AlteredKey, match="moved from another owner"):
        master.unwrap(user_id("bob"), wrapped)
    with pytest.raises(WrongMasterKey, match="bring back the right one"):
        MasterKey(create_master_key()).unwrap(ADA, wrapped)


def test_what_is_wrapped_says_by_which_master_key() -> None:
    first, second = MasterKey(create_master_key()), MasterKey(create_master_key())
    assert first.wrap(ADA, b"k" * 32).startswith(NAMED + first.id)
    assert first.id != second.id
    with pytest.raises(WrongMasterKey, match=f"{first.id.hex()}.*{second.id.hex()}"):
        second.unwrap(ADA, first.wrap(ADA, b"k" * 32))


def test_of_several_master_keys_the_first_wraps_and_each_opens() -> None:
    old, new = create_master_key(), create_master_key()
    both = MasterKey(f"{new}\n{old}\n")
    assert both.id == MasterKey(new).id
    assert both.unwrap(ADA, MasterKey(old).wrap(ADA, b"k" * 32)) == b"k" * 32
    assert MasterKey(new).unwrap(ADA, both.wrap(ADA, b"k" * 32)) == b"k" * 32


def test_keys_that_were_wrapped_before_they_named_their_master_key_open() -> None:
    old, new = create_master_key(), create_master_key()
    raw = base64.urlsafe_b64decode(old)
    before = encrypt(raw, b"k" * 32, of_subject(ADA))
    assert decrypt(raw, before, of_subject(ADA)) == b"k" * 32
    assert MasterKey(f"{new} {old}").unwrap(ADA, before) == b"k" * 32
    with pytest.raises(WrongMasterKey, match="bring back the right one"):
        MasterKey(new).unwrap(ADA, before)


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
