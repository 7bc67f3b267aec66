"""Accounts in both databases: names taken once, codes used once, a session ended, the first invitation made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crisismap.core.errors import CrisismapError, Invalid, NotFound, NotSignedIn
from crisismap.core.event import EventDraft
from crisismap.core.person import Person
from crisismap.store.accounts import id_of
from crisismap.store.store import Store
from crisismap.store.tables.people import Kind
from tests.people import ADMIN, AGENCY, RESPONDER
from tests.store.making import NOW

HOUR = 3_600_000


def add(store: Store, person: Person) -> str:
    event = EventDraft("person.add", person.id, "p-admin", NOW)
    return store.add_person(person, event, Kind.INVITATION, NOW + HOUR).result().value


def accept(store: Store, person: Person, login: str) -> str:
    return store.accounts.accept_invitation(add(store, person), NOW, NOW + HOUR, login, "hash").result().value[1]


def test_gives_a_name_to_one_person_only(store: Store) -> None:
    accept(store, RESPONDER, "one")
    with pytest.raises(Invalid, match="login"):
        accept(store, AGENCY, "one")
    found = store.accounts.of_login("one")
    assert found is not None
    assert (found.person, found.password, found.second_step) == (RESPONDER, "hash", 0)
    assert store.accounts.of_login("two") is None
    assert [each.person for each in store.accounts.everybody()] == [AGENCY, RESPONDER]


def test_uses_a_step_of_time_once_however_many_try(store: Store) -> None:
    accept(store, RESPONDER, "one")
    begin = EventDraft("session.begin", RESPONDER.id, RESPONDER.id, NOW)
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: store.accounts.begin(RESPONDER, begin, NOW + HOUR, 7), range(8)))
    assert [each.exception() is None for each in tries].count(True) == 1
    store.accounts.begin(RESPONDER, begin, NOW + HOUR, 8).result()


def test_uses_a_recovery_code_once_however_many_try(store: Store) -> None:
    accept(store, RESPONDER, "one")
    event = EventDraft("account.recovery", RESPONDER.id, RESPONDER.id, NOW)
    marks = [bytes([number]) * 32 for number in range(3)]
    with pytest.raises(Invalid, match="second factor first"):
        store.accounts.put_recovery(RESPONDER.id, marks, event).result()
    store.accounts.change(RESPONDER.id, event, {"second_factor": b"sealed"}).result()
    store.accounts.put_recovery(RESPONDER.id, marks, event).result()
    begin = EventDraft("session.begin", RESPONDER.id, RESPONDER.id, NOW, {"by": "recovery"})
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: store.accounts.recover(RESPONDER, begin, NOW + HOUR, marks[1]), range(8)))
    assert [each.exception() is None for each in tries].count(True) == 1
    assert store.accounts.recovery_left(RESPONDER.id) == 2
    accept(store, AGENCY, "two")
    with pytest.raises(Invalid, match="none of the recovery codes"):
        store.accounts.recover(AGENCY, begin, NOW + HOUR, marks[0]).result()


def test_lets_in_nobody_who_is_suspended(store: Store) -> None:
    session = accept(store, RESPONDER, "one")
    assert store.holder(Kind.SESSION, session, NOW) == RESPONDER  # who is asked for again within a moment is remembered
    event = EventDraft("person.suspend", RESPONDER.id, ADMIN.id, NOW)
    store.accounts.change(RESPONDER.id, event, {"suspended_at": NOW}).result()
    with pytest.raises(NotSignedIn, match="suspended"):
        store.holder(Kind.SESSION, session, NOW)
    with pytest.raises(CrisismapError):
        store.accounts.begin(RESPONDER, event, NOW + HOUR).result()
    store.accounts.change(RESPONDER.id, event, {"suspended_at": None}).result()
    assert store.holder(Kind.SESSION, session, NOW) == RESPONDER
    with pytest.raises(NotFound):
        store.accounts.change("p-nobody", event, {"suspended_at": NOW}).result()


def test_names_what_is_held_and_ends_it_by_that_name(store: Store) -> None:
    session = accept(store, RESPONDER, "one")
    invitation = add(store, AGENCY)
    held = {each.id: each for each in store.accounts.credentials(NOW)}
    assert set(held) == {id_of(session), id_of(invitation)}
    assert store.accounts.credentials(NOW + HOUR) == []
    end = EventDraft("credential.revoke", "", ADMIN.id, NOW)
    with pytest.raises(NotFound):
        store.accounts.revoke(id_of(session), end, of=AGENCY.id)
    assert store.holder(Kind.SESSION, session, NOW) == RESPONDER
    assert store.accounts.revoke(id_of(session), end) == Kind.SESSION
    with pytest.raises(NotSignedIn):
        store.holder(Kind.SESSION, session, NOW)
    assert store.holder(Kind.INVITATION, invitation, NOW) == AGENCY


def test_makes_the_first_invitation_once_however_many_ask(store: Store) -> None:
    event = EventDraft("person.add", ADMIN.id, "system", NOW)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: store.accounts.first(ADMIN, event, NOW + HOUR), range(8)))
    assert sum(each is not None for each in made) == 1


def test_knows_again_whom_an_organisation_names_and_takes_the_roles_of_today(store: Store) -> None:
    event = EventDraft("session.begin", "", "", NOW, {"by": "organisation"})
    first, _ = store.accounts.known_as("iss sub", AGENCY, event, NOW + HOUR).result().value
    told = Person("p-other-id", "Asha R", "Office", frozenset({"responder"}))
    again, session = store.accounts.known_as("iss sub", told, event, NOW + HOUR).result().value
    assert first == AGENCY
    assert again == Person(AGENCY.id, "Asha R", "Office", frozenset({"responder"}))
    assert store.holder(Kind.SESSION, session, NOW) == again
    assert store.changes(0).people is True
    other, _ = store.accounts.known_as("iss sub2", told, event, NOW + HOUR).result().value
    assert other == told
