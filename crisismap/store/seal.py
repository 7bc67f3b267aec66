"""Sealing contact details: AES-256-GCM with a key of their own, bound to the report they belong to."""

from __future__ import annotations

import hashlib
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crisismap.core.errors import Unavailable
from crisismap.core.report.report import Contact

_NONCE = 12


class Seal:
    """Closes and opens contact details with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key

    def close(self, contact: Contact, report_id: str) -> bytes:
        """The sealed bytes; the same details give other bytes each time."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, msgspec.json.encode(contact), report_id.encode())

    def mark(self, client_id: str) -> bytes:
        """A keyed mark of a client id, by which it is known again and from which it cannot be found."""
        return hashlib.blake2b(client_id.encode(), key=self._key, person=b"erased key", digest_size=16).digest()

    def open(self, sealed: bytes, report_id: str) -> Contact:
        """The details again. Raises Unavailable when the key or the report is not the one it was closed with."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], report_id.encode())
        except InvalidTag:
            raise Unavailable("contact_sealed") from None
        return msgspec.json.decode(plain, type=Contact)
