"""The cipher: what opens, and what does not."""

from __future__ import annotations

import pytest

from infra.database.cipher import CannotOpen, Cipher, derive_digits

MASTER = bytes(range(32))
PLAIN = b'{"name": "Ada Vogel"}'


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(MASTER)


def test_what_is_sealed_opens_again(cipher: Cipher) -> None:
    key = cipher.new_key()
    sealed = cipher.seal(key, PLAIN, "shop/1", "address")
    assert PLAIN not in sealed
    assert cipher.open(key, sealed, "shop/1", "address") == PLAIN


def test_a_wrapped_key_opens_again(cipher: Cipher) -> None:
    key = cipher.new_key()
    assert cipher.unwrap(cipher.wrap(key, "shop/1"), "shop/1") == key


def test_what_is_sealed_alone_needs_no_key_beside_it(cipher: Cipher) -> None:
    assert cipher.open_alone(cipher.seal_alone(PLAIN, "shop", "inbox"), "shop", "inbox") == PLAIN


def test_nothing_is_sealed_twice_alike(cipher: Cipher) -> None:
    key = cipher.new_key()
    assert cipher.seal(key, PLAIN, "shop/1", "address") != cipher.seal(key, PLAIN, "shop/1", "address")


@pytest.mark.parametrize(("subject", "purpose"), [("shop/2", "address"), ("shop/1", "buyer")])
def test_what_belongs_to_another_order_or_purpose_does_not_open(cipher: Cipher, subject: str, purpose: str) -> None:
    key = cipher.new_key()
    sealed = cipher.seal(key, PLAIN, "shop/1", "address")
    with pytest.raises(CannotOpen):
        cipher.open(key, sealed, subject, purpose)


def test_subject_and_purpose_do_not_run_together(cipher: Cipher) -> None:
    sealed = cipher.seal_alone(PLAIN, "b", "a")
    with pytest.raises(CannotOpen):
        cipher.open_alone(sealed, "", "a\0b")


@pytest.mark.parametrize("place", [0, 30, 61, -1])
def test_a_changed_byte_does_not_open(cipher: Cipher, place: int) -> None:
    sealed = bytearray(cipher.seal_alone(PLAIN, "shop", "inbox"))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        cipher.open_alone(bytes(sealed), "shop", "inbox")


def test_cut_bytes_do_not_open(cipher: Cipher) -> None:
    with pytest.raises(CannotOpen):
        cipher.open_alone(b"", "shop", "inbox")


def test_another_master_key_opens_nothing(cipher: Cipher) -> None:
    sealed = cipher.seal_alone(PLAIN, "shop", "inbox")
    with pytest.raises(CannotOpen):
        Cipher(bytes(32)).open_alone(sealed, "shop", "inbox")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        Cipher(bytes(length))


def test_fingerprints_tell_equal_contents_only_to_the_owner_of_the_master_key(cipher: Cipher) -> None:
    assert cipher.fingerprint(PLAIN, "inbox") == Cipher(MASTER).fingerprint(PLAIN, "inbox")
    assert cipher.fingerprint(PLAIN, "inbox") != cipher.fingerprint(PLAIN, "request")
    assert cipher.fingerprint(PLAIN, "inbox") != Cipher(bytes(32)).fingerprint(PLAIN, "inbox")


def test_digits_follow_from_key_and_subject() -> None:
    pins = {derive_digits(bytes(32), f"shop/{number}/F1", 6) for number in range(200)}
    assert all(len(pin) == 6 and pin.isdecimal() for pin in pins)
    assert len(pins) > 190
    assert derive_digits(bytes(32), "shop/1/F1", 6) != derive_digits(MASTER, "shop/1/F1", 6)
