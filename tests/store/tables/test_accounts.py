"""Accounts in both databases: names taken once, codes used once, a session ended, the first invitation made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crisismap.core.errors import CrisismapError, Invalid, NotFound, NotSignedIn
from crisismap.core.event import EventDraft
from crisismap.core.people.account import CredentialKind, credential_id
from crisismap.core.people.person import Person
from crisismap.store.store import Store
from tests.people import ADMIN, AGENCY, RESPONDER
from tests.store.making import NOW

HOUR = 3_600_000


def add(store: Store, person: Person) -> str:
    event = EventDraft("person.add", person.id, "p-admin", NOW)
    return store.people.add(person, event, CredentialKind.INVITATION, NOW + HOUR).result().value


def accept(store: Store, person: Person, login: str) -> str:
    return store.people.accept_invitation(add(store, person), NOW, NOW + HOUR, login, "hash").result().value[1]


def test_gives_a_name_to_one_person_only(store: Store) -> None:
    accept(store, RESPONDER, "one")
    with pytest.raises(Invalid, match="login"):
        accept(store, AGENCY, "one")
    found = store.people.account_of_login("one")
    assert found is not None
    assert (found.person, found.password, found.second_step) == (RESPONDER, "hash", 0)
    assert store.people.account_of_login("two") is None
    assert [each.person for each in store.people.accounts()] == [AGENCY, RESPONDER]


def test_uses_a_step_of_time_once_however_many_try(store: Store) -> None:
    accept(store, RESPONDER, "one")
    begin = EventDraft("session.begin", RESPONDER.id, RESPONDER.id, NOW)
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: store.people.begin_session(RESPONDER, begin, NOW + HOUR, 7), range(8)))
    assert [each.exception() is None for each in tries].count(True) == 1
    store.people.begin_session(RESPONDER, begin, NOW + HOUR, 8).result()


def test_uses_a_recovery_code_once_however_many_try(store: Store) -> None:
    accept(store, RESPONDER, "one")
    event = EventDraft("account.recovery", RESPONDER.id, RESPONDER.id, NOW)
    marks = [bytes([number]) * 32 for number in range(3)]
    with pytest.raises(Invalid, match="second factor first"):
        store.people.put_recovery_codes(RESPONDER.id, marks, event).result()
    store.people.change_account(RESPONDER.id, event, {"second_factor": b"sealed"}).result()
    store.people.put_recovery_codes(RESPONDER.id, marks, event).result()
    begin = EventDraft("session.begin", RESPONDER.id, RESPONDER.id, NOW, {"by": "recovery"})
    with ThreadPoolExecutor(8) as pool:
        tries = list(
            pool.map(lambda _: store.people.begin_session_by_recovery(RESPONDER, begin, NOW + HOUR, marks[1]), range(8))
        )
    assert [each.exception() is None for each in tries].count(True) == 1
    assert store.people.recovery_codes_left(RESPONDER.id) == 2
    accept(store, AGENCY, "two")
    with pytest.raises(Invalid, match="none of the recovery codes"):
        store.people.begin_session_by_recovery(AGENCY, begin, NOW + HOUR, marks[0]).result()


def test_lets_in_nobody_who_is_suspended(store: Store) -> None:
    session = accept(store, RESPONDER, "one")
    # Who is asked for again within a moment is remembered.
    assert store.people.holder(CredentialKind.SESSION, session, NOW) == RESPONDER
    event = EventDraft("person.suspend", RESPONDER.id, ADMIN.id, NOW)
    store.people.change_account(RESPONDER.id, event, {"suspended_at": NOW}).result()
    with pytest.raises(NotSignedIn, match="suspended"):
        store.people.holder(CredentialKind.SESSION, session, NOW)
    with pytest.raises(CrisismapError):
        store.people.begin_session(RESPONDER, event, NOW + HOUR).result()
    store.people.change_account(RESPONDER.id, event, {"suspended_at": None}).result()
    assert store.people.holder(CredentialKind.SESSION, session, NOW) == RESPONDER
    with pytest.raises(NotFound):
        store.people.change_account("p-nobody", event, {"suspended_at": NOW}).result()


def test_names_what_is_held_and_ends_it_by_that_name(store: Store) -> None:
    session = accept(store, RESPONDER, "one")
    invitation = add(store, AGENCY)
    held = {each.id: each for each in store.people.credentials(NOW)}
    assert set(held) == {credential_id(session), credential_id(invitation)}
    assert store.people.credentials(NOW + HOUR) == []
    end = EventDraft("credential.revoke", "", ADMIN.id, NOW)
    with pytest.raises(NotFound):
        store.people.revoke(credential_id(session), end, of=AGENCY.id).result()
    assert store.people.holder(CredentialKind.SESSION, session, NOW) == RESPONDER
    assert store.people.revoke(credential_id(session), end).result().value == CredentialKind.SESSION
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.SESSION, session, NOW)
    assert store.people.holder(CredentialKind.INVITATION, invitation, NOW) == AGENCY


def test_makes_the_first_invitation_once_however_many_ask(store: Store) -> None:
    event = EventDraft("person.add", ADMIN.id, "system", NOW)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: store.people.invite_first(ADMIN, event, NOW + HOUR).result().value, range(8)))
    assert sum(each is not None for each in made) == 1


def test_knows_again_whom_an_organisation_names_and_takes_the_roles_of_today(store: Store) -> None:
    event = EventDraft("session.begin", "", "", NOW, {"by": "organisation"})
    first, _ = store.people.begin_session_by_subject("iss sub", AGENCY, event, NOW + HOUR).result().value
    told = Person("p-other-id", "Asha R", "Office", frozenset({"responder"}))
    again, session = store.people.begin_session_by_subject("iss sub", told, event, NOW + HOUR).result().value
    assert first == AGENCY
    assert again == Person(AGENCY.id, "Asha R", "Office", frozenset({"responder"}))
    assert store.people.holder(CredentialKind.SESSION, session, NOW) == again
    assert store.events.changes(0).people == [store.people.account(AGENCY.id).person]
    other, _ = store.people.begin_session_by_subject("iss sub2", told, event, NOW + HOUR).result().value
    assert other == told
