"""What is remembered of who holds a secret: for a moment, never past a commit, and no refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crisismap.core.errors import NotSignedIn
from crisismap.core.people.person import Person
from crisismap.store.credential_cache import MOMENT_MS, MOST, CredentialCache
from tests.people import AGENCY, RESPONDER

NOW = 1_000_000
KEY = b"session one"


class Database:
    """Counts how often it is asked."""

    def __init__(self, person: Person = RESPONDER) -> None:
        self.person: Person | None = person
        self.asked = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> Person:
        self.asked += 1
        found = self.person
        self.meanwhile()
        if found is None:
            raise NotSignedIn("no")
        return found


def test_asks_once_within_a_moment() -> None:
    cache, database = CredentialCache(), Database()
    for ms in (0, 1, MOMENT_MS - 1):
        assert cache.get(KEY, NOW + ms, database) == RESPONDER
    assert database.asked == 1
    assert cache.get(b"another", NOW, Database(AGENCY)) == AGENCY


def test_hears_within_a_moment_what_another_process_did() -> None:
    cache, database = CredentialCache(), Database()
    cache.get(KEY, NOW, database)
    database.person = None
    with pytest.raises(NotSignedIn):
        cache.get(KEY, NOW + MOMENT_MS, database)
    with pytest.raises(NotSignedIn):
        cache.get(KEY, NOW - 1, database)  # a clock that was set back proves nothing


def test_asks_again_after_a_commit() -> None:
    cache, database = CredentialCache(), Database()
    cache.get(KEY, NOW, database)
    cache.forget()
    database.person = None
    with pytest.raises(NotSignedIn):
        cache.get(KEY, NOW, database)


def test_does_not_keep_what_was_read_before_a_commit() -> None:
    cache, database = CredentialCache(), Database()
    database.meanwhile = cache.forget  # somebody signs out between the reading and the keeping
    assert cache.get(KEY, NOW, database) == RESPONDER
    database.person = None
    with pytest.raises(NotSignedIn):
        cache.get(KEY, NOW, database)


def test_keeps_no_refusal_and_not_everybody() -> None:
    cache, database = CredentialCache(), Database()
    database.person = None
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            cache.get(KEY, NOW, database)
    assert database.asked == 2
    database.person = RESPONDER
    for number in range(MOST + 1):
        cache.get(b"%d" % number, NOW, database)
    asked = database.asked
    cache.get(b"0", NOW, database)
    assert database.asked == asked + 1
