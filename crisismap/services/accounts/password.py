"""Passwords: which are taken, and their argon2id hashes. Each takes 64 MB: callers take turns (`turns.passwords`)."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crisismap.core.errors import Invalid

MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 200
MIN_DIFFERENT = 5  # different characters

_HASHER = PasswordHasher()  # argon2id as RFC 9106 recommends: 64 MiB, 3 passes, 4 lanes
# Compared when nobody has the name, so that the time of an answer does not tell names apart.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aW1wb3NzaWJsZSBoYXNoIG9mIG5vYm9keSBhdCBhbGw"


def login_of(typed: str) -> str:
    """A sign-in name (or e-mail address) in the one form that it is kept and looked up in."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_login(typed: str) -> str:
    """The name to be kept. Raises Invalid."""
    login = login_of(typed)
    if not 3 <= len(login) <= 200 or any(unicodedata.category(c).startswith("C") for c in login):
        raise Invalid("login", typed, "login_wrong")
    return login


def hash_password(password: str, login: str) -> str:
    """The hash to be kept. Raises Invalid, without repeating the password, when it is too easily guessed."""
    plain = unicodedata.normalize("NFKC", password)
    if not MIN_PASSWORD <= len(plain) <= MAX_PASSWORD:
        raise Invalid("password", "", "length_out_of_range", least=MIN_PASSWORD, most=MAX_PASSWORD)
    if len(set(plain.casefold())) < MIN_DIFFERENT or login in plain.casefold():
        raise Invalid("password", "", "password_weak")
    return _HASHER.hash(plain)


def verify_password(kept: str | None, password: str) -> bool:
    """Whether it is the password of this hash; takes as long when there is none."""
    if len(password) > MAX_PASSWORD:
        return False
    try:
        return _HASHER.verify(kept or _NOBODY, unicodedata.normalize("NFKC", password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
