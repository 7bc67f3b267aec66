"""Recovery codes: shown once, each good for one sign-in after the password, and none of it left to be read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn, TooManyTries
from crisismap.core.event import EventSearch
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts import account, recovery, sign_in
from crisismap.services.accounts.account import NewSession, PasswordAccepted
from crisismap.services.accounts.people import invite_again
from crisismap.services.operations import audit
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.people import ADMIN
from tests.services.accounts.test_account import GOOD, HERE, enrol, finish, join, now
from tests.services.deployment import opened


@pytest.fixture
def limited(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    with opened(tmp_path / "limited", clock, CRISISMAP_RATE_LIMIT="on") as one:
        yield one


def half(context: Context) -> str:
    """The ticket of somebody who knows the password."""
    done = account.sign_in(
        context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE
    )
    assert isinstance(done, PasswordAccepted)
    return done.ticket


def with_codes(context: Context) -> tuple[NewSession, tuple[str, ...]]:
    begun = join(context, "admin")
    enrol(context, begun.person, begun.secret)
    return begun, account.make_recovery(
        context.store, context.guards, context.settings, context.clock(), begun.person, GOOD
    )


def test_lets_in_once_with_each_code(context: Context, clock: FakeClock) -> None:
    begun, codes = with_codes(context)
    assert len(set(codes)) == recovery.COUNT == recovery.codes_left(context.store, begun.person)
    assert all(re.fullmatch(r"\d{4}-\d{4}-\d{4}", code) for code in codes)
    clock.advance(seconds=60)
    done = finish(context, half(context), codes[3])
    assert sign_in.person_of_session(context.store, context.clock(), done.secret) == begun.person
    assert recovery.codes_left(context.store, begun.person) == recovery.COUNT - 1
    with pytest.raises(NotSignedIn, match="used before"):
        finish(context, half(context), codes[3])
    assert finish(context, half(context), f" {codes[4].replace('-', ' ')} ").person == begun.person
    [newest, *_] = audit.search(context.store, ADMIN, EventSearch(verbs=("session.begin",)))
    assert newest.data == {"by": "recovery", "left": recovery.COUNT - 2}
    assert codes[4] not in repr(newest)


def test_takes_no_code_that_is_wrong_or_somebody_elses(context: Context) -> None:
    _, codes = with_codes(context)
    other = join(context, login="other")
    enrol(context, other.person, other.secret)
    theirs = account.make_recovery(context.store, context.guards, context.settings, context.clock(), other.person, GOOD)
    for wrong in (theirs[0], "000000000000", codes[0][:-1], codes[0] + "1", ""):
        with pytest.raises(NotSignedIn):
            finish(context, half(context), wrong)
    assert recovery.codes_left(context.store, other.person) == recovery.COUNT
    assert finish(context, half(context), codes[0]), "the negative control: the right one works"


def test_needs_the_password_first(context: Context) -> None:
    begun, codes = with_codes(context)
    with pytest.raises(NotSignedIn):
        finish(context, "no ticket", codes[0])
    with pytest.raises(Invalid, match="present password"):
        account.make_recovery(
            context.store, context.guards, context.settings, context.clock(), begun.person, "guess guess guess"
        )
    assert recovery.codes_left(context.store, begun.person) == recovery.COUNT


def test_makes_new_ones_in_place_of_all_that_there_were(context: Context) -> None:
    begun, codes = with_codes(context)
    finish(context, half(context), codes[0])
    fresh = account.make_recovery(context.store, context.guards, context.settings, context.clock(), begun.person, GOOD)
    assert recovery.codes_left(context.store, begun.person) == recovery.COUNT
    with pytest.raises(NotSignedIn):
        finish(context, half(context), codes[1])
    finish(context, half(context), fresh[0])
    made = audit.search(context.store, ADMIN, EventSearch(verbs=("account.recovery",)))
    assert [each.data for each in made] == [{"codes": recovery.COUNT}] * 2


def test_lets_them_go_with_the_second_factor(context: Context, clock: FakeClock) -> None:
    begun, codes = with_codes(context)
    clock.advance(seconds=60)
    enrol(context, begun.person, begun.secret)
    assert recovery.codes_left(context.store, begun.person) == 0
    with pytest.raises(NotSignedIn):
        finish(context, half(context), codes[0])
    account.make_recovery(context.store, context.guards, context.settings, context.clock(), begun.person, GOOD)
    account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        invite_again(context.store, context.clock(), COMMAND_LINE, begun.person.id),
        "ravi@boats.in",
        GOOD,
    )
    assert recovery.codes_left(context.store, begun.person) == 0, "an administrator's new link begins anew"
    with pytest.raises(Invalid, match="second factor first"):
        account.make_recovery(context.store, context.guards, context.settings, context.clock(), begun.person, GOOD)


def test_goes_on_taking_the_codes_of_the_phone(context: Context, clock: FakeClock) -> None:
    begun = join(context, "admin")
    totp = enrol(context, begun.person, begun.secret)
    account.make_recovery(context.store, context.guards, context.settings, context.clock(), begun.person, GOOD)
    clock.advance(seconds=60)
    assert finish(context, half(context), now(context, totp)).person == begun.person
    assert recovery.codes_left(context.store, begun.person) == recovery.COUNT


def test_keeps_nothing_from_which_a_code_could_be_read(context: Context) -> None:
    begun, codes = with_codes(context)
    held = b"".join(path.read_bytes() for path in context.settings.data_dir.rglob("*") if path.is_file())
    for code in codes:
        digits = code.replace("-", "")
        assert code.encode() not in held
        assert digits.encode() not in held
        assert recovery.mark(context.settings, begun.person.id, digits) in held, (
            "the negative control: the marks are found"
        )
    with closing(sqlite3.connect(context.settings.data_dir / "crisismap.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM credential WHERE kind = 'recovery'").fetchone() == (recovery.COUNT,)
    listed = context.store.people.credentials(context.clock())
    assert {str(each.kind) for each in listed} == {"session"}, "they are not things to be ended one by one"


def test_stops_guessing(limited: Context) -> None:
    begun = join(limited, "admin")
    enrol(limited, begun.person, begun.secret)
    codes = account.make_recovery(limited.store, limited.guards, limited.settings, limited.clock(), begun.person, GOOD)
    ticket = half(limited)
    for number in range(20):
        with pytest.raises(NotSignedIn):
            finish(limited, ticket, f"{number:012d}", f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        finish(limited, ticket, codes[0], "198.51.100.1")
    assert recovery.codes_left(limited.store, begun.person) == recovery.COUNT


def test_is_for_people_with_an_account(context: Context) -> None:
    agency = Person("p-x", "", scope=frozenset(), roles=frozenset({"agency"}))
    for person, refusal in ((STRANGER, NotSignedIn), (agency, Forbidden)):
        with pytest.raises(refusal):
            recovery.make_codes(context.store, context.settings, context.clock(), person)
        with pytest.raises(refusal):
            recovery.codes_left(context.store, person)
