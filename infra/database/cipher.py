"""The cipher: AES-256-GCM under keys of their own, each wrapped by the master key and deleted to erase."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + _TAG_BYTES


class CannotOpen(Exception):
    """Sealed bytes were changed, belong to something else, or the master key is another one."""


class Cipher:
    """Seals and opens. Whatever is sealed is bound to its subject (an order, an account) and its purpose."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master_key)} bytes instead of {KEY_BYTES}")
        self._master = AESGCM(master_key)
        self._print_key = hmac.digest(master_key, b"crossdock fingerprint", hashlib.sha256)

    def new_key(self) -> bytes:
        """Return a new data key."""
        return os.urandom(KEY_BYTES)

    def wrap(self, key: bytes, subject: str) -> bytes:
        """Return a data key as it may be stored."""
        return _seal(self._master, key, _bind(subject, "key"))

    def unwrap(self, wrapped: bytes, subject: str) -> bytes:
        """Return the data key again; raises CannotOpen."""
        return _open(self._master, wrapped, _bind(subject, "key"))

    def seal(self, key: bytes, plain: bytes, subject: str, purpose: str) -> bytes:
        """Seal under a data key."""
        return _seal(AESGCM(key), plain, _bind(subject, purpose))

    def open(self, key: bytes, sealed: bytes, subject: str, purpose: str) -> bytes:
        """Open what `seal` made; raises CannotOpen."""
        return _open(AESGCM(key), sealed, _bind(subject, purpose))

    def seal_alone(self, plain: bytes, subject: str, purpose: str) -> bytes:
        """Seal under a new key that travels, wrapped, in front of what it seals."""
        key = self.new_key()
        return self.wrap(key, subject) + self.seal(key, plain, subject, purpose)

    def open_alone(self, sealed: bytes, subject: str, purpose: str) -> bytes:
        """Open what `seal_alone` made; raises CannotOpen."""
        key = self.unwrap(sealed[:_WRAPPED_BYTES], subject)
        return self.open(key, sealed[_WRAPPED_BYTES:], subject, purpose)

    def fingerprint(self, content: bytes, purpose: str) -> bytes:
        """Return a keyed hash: it tells equal contents, and without the master key nothing about them."""
        return hmac.digest(self._print_key, purpose.encode() + b"\0" + content, hashlib.sha256)


def derive_digits(key: bytes, subject: str, count: int) -> str:
    """Return that many decimal digits that only the key's owner can work out."""
    digest = hmac.digest(key, b"digits\0" + subject.encode(), hashlib.sha256)
    return f"{int.from_bytes(digest) % 10**count:0{count}}"


def _bind(subject: str, purpose: str) -> bytes:
    return f"{purpose}\0{subject}".encode()


def _seal(under: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + under.encrypt(nonce, plain, bound_to)


def _open(under: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return under.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise CannotOpen("sealed bytes do not open: changed, of something else, or of another master key") from None
