"""People and credentials: a secret is shown once and kept as a hash; an invitation works once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crisismap.core.errors import NotSignedIn
from crisismap.core.event import EventDraft
from crisismap.core.people.account import CredentialKind
from crisismap.store.store import Store
from tests.people import AGENCY, RESPONDER
from tests.store.making import NOW, opened

HOUR = 3_600_000


def invite(store: Store, expires_ms: int | None = NOW + HOUR, kind: CredentialKind = CredentialKind.INVITATION) -> str:
    event = EventDraft("person.add", RESPONDER.id, "p-admin", NOW)
    return store.people.add(RESPONDER, event, kind, expires_ms).result().value


def test_knows_who_holds_a_token(store: Store) -> None:
    secret = invite(store, kind=CredentialKind.TOKEN)
    assert store.people.holder(CredentialKind.TOKEN, secret, NOW) == RESPONDER
    assert [account.person for account in store.people.accounts()] == [RESPONDER]
    assert store.events.changes(0).people == [RESPONDER]
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.TOKEN, secret + "x", NOW)
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.SESSION, secret, NOW)  # a token is no session
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.TOKEN, secret, NOW + HOUR)  # at its end it is over


def test_turns_an_invitation_into_a_session_once(store: Store) -> None:
    secret = invite(store)
    person, session = store.people.accept_invitation(secret, NOW, NOW + HOUR).result().value
    assert person == RESPONDER == store.people.holder(CredentialKind.SESSION, session, NOW)
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            store.people.accept_invitation(secret, NOW, NOW + HOUR).result()
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.INVITATION, secret, NOW)
    assert store.events.revision() == 2


def test_lets_one_of_many_accept_the_same_invitation(store: Store) -> None:
    secret = invite(store)
    with ThreadPoolExecutor(8) as pool:
        futures = list(pool.map(lambda _: store.people.accept_invitation(secret, NOW, NOW + HOUR), range(8)))
    assert [future.exception() is None for future in futures].count(True) == 1


def test_does_not_accept_an_invitation_that_has_run_out(store: Store) -> None:
    secret = invite(store, NOW - 1)
    with pytest.raises(NotSignedIn):
        store.people.accept_invitation(secret, NOW, NOW + HOUR).result()


def test_ends_a_session(store: Store) -> None:
    _, session = store.people.accept_invitation(invite(store), NOW, NOW + HOUR).result().value
    assert store.people.holder(CredentialKind.SESSION, session, NOW) == RESPONDER
    # Remembered for a moment, but not past its end.
    store.people.end_session(session, RESPONDER, NOW).result()
    with pytest.raises(NotSignedIn):
        store.people.holder(CredentialKind.SESSION, session, NOW)


def test_keeps_no_secret(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'crisismap.sqlite3'}", tmp_path) as store:
        token = (
            store.people.add(AGENCY, EventDraft("token.create", AGENCY.id, "", NOW), CredentialKind.TOKEN, None)
            .result()
            .value
        )
        invitation = invite(store)
        _, session = store.people.accept_invitation(invitation, NOW, NOW + HOUR).result().value
        found = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        assert AGENCY.id.encode() in found
        for secret in (token, invitation, session):
            assert len(secret) >= 32
            assert secret.encode() not in found
