"""Ids and tracking codes: how they are generated, formatted and parsed.

An id is a UUID (version 8 layout): 48 bits of time, then random bits. The time is truncated to ten minutes, because
the public sees ids and must not learn from one when exactly somebody asked for help (docs/decisions/0003).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from functools import partial

from crisismap.core.moment import MINUTE_MS

ID_TIME_STEP_MS = 10 * MINUTE_MS
ID_RANDOM = 10  # random bytes from which an id is made
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD_VALUE = {c: i for i, c in enumerate(_CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CODE_BITS = 60


def new_id(now_ms: int, random: bytes) -> str:
    """Return an id for something received at `now_ms`; `random` is ID_RANDOM bytes (74 of their bits are used)."""
    head = (now_ms - now_ms % ID_TIME_STEP_MS).to_bytes(6, "big")
    body = bytearray(head + random[:ID_RANDOM])
    body[6] = 0x80 | (body[6] & 0x0F)
    body[8] = 0x80 | (body[8] & 0x3F)
    return id_text(bytes(body))


def id_text(raw: bytes) -> str:
    """Return the 36 characters of a 16-byte id."""
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def id_texts(raws: bytes) -> list[str]:
    """Return the texts of many concatenated ids of 16 bytes each."""
    digits = raws.hex()
    return [
        f"{digits[at : at + 8]}-{digits[at + 8 : at + 12]}-{digits[at + 12 : at + 16]}"
        f"-{digits[at + 16 : at + 20]}-{digits[at + 20 : at + 32]}"
        for at in range(0, len(digits), 32)
    ]


def id_bytes(text: str) -> bytes | None:
    """Return the 16 bytes of an id; None for an invalid text."""
    text = text.lower()
    if not _ID.fullmatch(text):
        return None
    return bytes.fromhex(text.replace("-", ""))


def code_number(key: bytes, report_id: str) -> int:
    """Return the 60 bits of a report's tracking code, derived, so that a repeat gets the same and none is stored."""
    mac = hmac.digest(key, b"tracking-code:" + report_id.encode(), "sha256")
    return int.from_bytes(mac[:8], "big") >> (64 - CODE_BITS)


def code_numbers(key: bytes) -> Callable[[str], int]:
    """Return `code_number` with its key."""
    return partial(code_number, key)


def code_text(number: int) -> str:
    """Return a code as `XXXX-XXXX-XXXX` in Crockford's base 32."""
    letters = "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(CODE_BITS - 5, -1, -5))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def tracking_code(key: bytes, report_id: str) -> str:
    """Return the tracking code of a report."""
    return code_text(code_number(key, report_id))


def read_code(text: str) -> int | None:
    """Return the number of a typed code; None for an invalid one.

    Case, O/I/L, full-width letters, and any dash, space or dot are accepted: phone keyboards insert their own.
    """
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    if len(letters) != CODE_BITS // 5 or any(c not in _CROCKFORD_VALUE for c in letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | _CROCKFORD_VALUE[letter]
    return number


def derive_key(secret: bytes, purpose: str) -> bytes:
    """Return a 32-byte key for one purpose, derived from the deployment's secret, so that no two uses share a key."""
    return hashlib.blake2b(purpose.encode(), key=hashlib.sha256(secret).digest(), digest_size=32).digest()
