"""What is sealed opens at its own place with its own key, and nowhere else."""

import base64
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keys.cipher import KEY_BYTES, Place, Unreadable, decrypt, encrypt, seal, unseal, veil
from domain.users.events import Sealed
from tests.support.membership import user_id

KEY: Final = bytes(range(KEY_BYTES))
PLACE: Final = Place(user_id("ada"), "user.registered.v1", "name")
ELSEWHERE: Final = (
    PLACE._replace(subject=user_id("bob")),
    PLACE._replace(event_type="user.registered.v2"),
    PLACE._replace(field="email"),
)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300))
def test_a_text_goes_round(text: str) -> None:
    assert unseal(KEY, seal(KEY, text, PLACE), PLACE) == text


def test_the_form_is_stored_and_never_changes() -> None:
    """Golden: bytes that a log of a released version holds."""
    sealed = seal(KEY, "Ada Lovelace", PLACE, lambda count: bytes([7]) * count)
    assert sealed == (
        "AQcHBwcHBwcHBwcHB04Ox3wjYKGRqvxw5YBR9JuhXI1ziPeBGf67XvoE3jIbJ0TxfoFA9JIC_qH9whfZJrtIs0nV"
        "oQELnejh4m24g_A9uPrgbv4_WBFncbNxiP7v"
    )
    assert unseal(KEY, sealed, PLACE) == "Ada Lovelace"


def test_the_same_text_never_looks_the_same_twice() -> None:
    sealed = {seal(KEY, "Ada Lovelace", PLACE) for _ in range(200)}
    assert len(sealed) == 200
    assert len({base64.urlsafe_b64decode(one)[1:13] for one in sealed}) == 200


@pytest.mark.parametrize("texts", [("Al", "Bartholomew"), ("x" * 65, "x" * 128)])
def test_lengths_are_not_told(texts: tuple[str, str]) -> None:
    first, second = (len(seal(KEY, text, PLACE)) for text in texts)
    assert first == second


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_ciphertext_that_is_moved_does_not_open(place: Place) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, seal(KEY, "Ada Lovelace", PLACE), place)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        unseal(bytes(reversed(KEY)), seal(KEY, "Ada Lovelace", PLACE), PLACE)


def test_every_altered_byte_is_noticed() -> None:
    stored = encrypt(KEY, b"Ada Lovelace", b"here")
    for place in range(len(stored)):
        altered = bytearray(stored)
        altered[place] ^= 1
        with pytest.raises(Unreadable):
            decrypt(KEY, bytes(altered), b"here")


@pytest.mark.parametrize("text", ["", "AQ==", "not base64", "\N{EURO SIGN}", "AQ" * 8, "Ag" * 60])
def test_what_is_no_ciphertext_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, Sealed(text), PLACE)


def test_a_veil_tells_equal_from_other_and_needs_the_key() -> None:
    veiled = veil(KEY, "Ada Lovelace", PLACE)
    assert veiled == veil(KEY, "Ada Lovelace", PLACE)
    others = [
        veil(KEY, "Ada Lovelacf", PLACE),
        veil(bytes(reversed(KEY)), "Ada Lovelace", PLACE),
        *(veil(KEY, "Ada Lovelace", place) for place in ELSEWHERE),
    ]
    assert len({veiled, *others}) == 6
