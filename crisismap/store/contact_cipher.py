"""Encryption of contact details: AES-256-GCM with a separate key, bound to the report they belong to."""

from __future__ import annotations

import hashlib
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crisismap.core.errors import Unavailable
from crisismap.core.report.report import Contact

_NONCE = 12


class ContactCipher:
    """Encrypts and decrypts contact details with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key

    def encrypt(self, contact: Contact, report_id: str) -> bytes:
        """Return nonce and ciphertext; the same details give different bytes each time."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, msgspec.json.encode(contact), report_id.encode())

    def mark(self, client_id: str) -> bytes:
        """Return a keyed hash of a client id: it recognises the id, but does not reveal it."""
        return hashlib.blake2b(client_id.encode(), key=self._key, person=b"erased key", digest_size=16).digest()

    def decrypt(self, encrypted: bytes, report_id: str) -> Contact:
        """Return the decrypted details. Raises Unavailable when key or report are not those of the encryption."""
        try:
            plain = self._cipher.decrypt(encrypted[:_NONCE], encrypted[_NONCE:], report_id.encode())
        except InvalidTag:
            raise Unavailable("contact_sealed") from None
        return msgspec.json.decode(plain, type=Contact)
