"""Password rules and argon2id hashes. Each hash takes 64 MB, so callers hold a slot of `turns.passwords`."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crisismap.core.errors import Invalid

MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 200
MIN_DIFFERENT = 5  # different characters

_HASHER = PasswordHasher()  # argon2id as RFC 9106 recommends: 64 MiB, 3 passes, 4 lanes
# Verified when the login is unknown, so that response time does not reveal which logins exist.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aW1wb3NzaWJsZSBoYXNoIG9mIG5vYm9keSBhdCBhbGw"


def login_of(typed: str) -> str:
    """Return a login (or e-mail address) in its canonical form for storage and lookup."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_login(typed: str) -> str:
    """Return the canonical login. Raises Invalid."""
    login = login_of(typed)
    if not 3 <= len(login) <= 200 or any(unicodedata.category(c).startswith("C") for c in login):
        raise Invalid("login", typed, "login_wrong")
    return login


def hash_password(password: str, login: str) -> str:
    """Return the password's hash. Raises Invalid, without repeating the password, if it is too easy to guess."""
    plain = unicodedata.normalize("NFKC", password)
    if not MIN_PASSWORD <= len(plain) <= MAX_PASSWORD:
        raise Invalid("password", "", "length_out_of_range", least=MIN_PASSWORD, most=MAX_PASSWORD)
    if len(set(plain.casefold())) < MIN_DIFFERENT or login in plain.casefold():
        raise Invalid("password", "", "password_weak")
    return _HASHER.hash(plain)


def verify_password(digest: str | None, password: str) -> bool:
    """Return whether the password matches the hash; takes as long without a hash."""
    if len(password) > MAX_PASSWORD:
        return False
    try:
        return _HASHER.verify(digest or _NOBODY, unicodedata.normalize("NFKC", password)) and digest is not None
    except (VerificationError, InvalidHashError):
        return False
