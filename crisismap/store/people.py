"""store.people: people, their accounts and their credentials. Contract: `core.ports.People`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from sqlalchemy import Connection

from crisismap.core.done import Done
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.account import Account, Credential, CredentialKind
from crisismap.core.people.person import Person
from crisismap.store.credential_cache import CredentialCache
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import accounts, credentials, meta, people, recovery_codes
from crisismap.store.writer import Writer

FIRST = "first_invitation"  # a fact of the deployment: its first invitation was issued


class People:
    """Reads and writes of people."""

    def __init__(self, reader: Reader, writer: Writer, cache: CredentialCache) -> None:
        self._reader, self._writer, self._cache = reader, writer, cache

    # Reading

    def holder(self, kind: CredentialKind, secret: str, now_ms: int) -> Person:
        load = partial(self._reader.read, credentials.holder, kind, secret, now_ms)
        return self._cache.get(credentials.cache_key(kind, secret), now_ms, load)

    def accounts(self) -> list[Account]:
        return self._reader.read(accounts.everybody)

    def account(self, person_id: str) -> Account:
        return self._reader.read(accounts.one, person_id)

    def account_of_login(self, login: str) -> Account | None:
        return self._reader.read(accounts.of_login, login)

    def credentials(self, now_ms: int, person_id: str | None = None) -> list[Credential]:
        return self._reader.read(credentials.valid_credentials, now_ms, person_id)

    def recovery_codes_left(self, person_id: str) -> int:
        return self._reader.read(recovery_codes.count_left, person_id)

    # Writing

    def add(self, person: Person, event: EventDraft, kind: CredentialKind, expires_ms: int | None) -> Future[Done[str]]:
        def statements(conn: Connection) -> str:
            people.add(conn, person)
            return credentials.issue(conn, kind, person, now_ms=event.at_ms, expires_ms=expires_ms)

        return self._writer.write(statements, event)

    def change_account(
        self, person_id: str, event: EventDraft, values: dict[str, Any], *, keep: str | None = None
    ) -> Future[Done[None]]:
        def statements(conn: Connection) -> None:
            accounts.one(conn, person_id)
            accounts.put(conn, person_id, values)
            if "second_factor" in values:
                recovery_codes.forget(conn, person_id)
            if keep is not None:
                credentials.forget_other_sessions(conn, person_id, keep)

        return self._writer.write(statements, event)

    def old_credentials(self, before_ms: int, *, remove: bool) -> int:
        if not remove:
            return self._reader.read(credentials.old, before_ms, remove=False)
        return self._writer.write(lambda conn: credentials.old(conn, before_ms, remove=True)).result().value

    def revoke(self, credential_id: str, event: EventDraft, *, of: str | None = None) -> Future[Done[CredentialKind]]:
        def work(conn: Connection) -> tuple[CredentialKind, list[Draft]]:
            removed = credentials.revoke(conn, credential_id, of)
            data = {"kind": str(removed.kind)}
            return removed.kind, [(EventDraft(event.verb, removed.person.id, event.actor, event.at_ms, data), None)]

        return self._writer.run(work)

    def invite_first(self, person: Person, event: EventDraft, until_ms: int) -> Future[Done[str | None]]:
        def work(conn: Connection) -> tuple[str | None, list[Draft]]:
            if meta.get(conn, FIRST) is not None or people.count(conn):
                return None, []
            meta.put(conn, FIRST, person.id)
            people.add(conn, person)
            return _invitation(conn, person.id, event, until_ms), [(event, None)]

        return self._writer.run(work)

    def invite_again(self, person_id: str, event: EventDraft, until_ms: int) -> Future[Done[str]]:
        def statements(conn: Connection) -> str:
            accounts.one(conn, person_id)
            return _invitation(conn, person_id, event, until_ms)

        return self._writer.write(statements, event)

    def accept_invitation(
        self, secret: str, now_ms: int, session_until_ms: int, login: str | None = None, password: str | None = None
    ) -> Future[Done[tuple[Person, str]]]:
        event = EventDraft("session.begin", "", "", now_ms, {"by": "invitation"})

        def work(conn: Connection) -> tuple[tuple[Person, str], list[Draft]]:
            person = credentials.use(conn, secret, now_ms)
            events = [_event_by(event, person)]
            if password is not None:
                fresh = {"login": login, "password": password, "second_factor": None, "second_step": 0}
                accounts.put(conn, person.id, fresh)
                recovery_codes.forget(conn, person.id)
                events.append(_event_by(EventDraft("account.password", "", "", event.at_ms), person))
            return (person, _session(conn, person, now_ms, session_until_ms)), events

        return self._writer.run(work)

    def begin_session(
        self, person: Person, event: EventDraft, until_ms: int, step: int | None = None
    ) -> Future[Done[str]]:
        def statements(conn: Connection) -> str:
            accounts.check_not_suspended(conn, person.id)
            if step is not None:
                accounts.use_step(conn, person.id, step)
            return _session(conn, person, event.at_ms, until_ms)

        return self._writer.write(statements, event)

    def begin_session_by_recovery(
        self, person: Person, event: EventDraft, until_ms: int, mark: bytes
    ) -> Future[Done[str]]:
        def work(conn: Connection) -> tuple[str, list[Draft]]:
            accounts.check_not_suspended(conn, person.id)
            recovery_codes.use(conn, person.id, mark)
            data = {**event.data, "left": recovery_codes.count_left(conn, person.id)}
            used = EventDraft(event.verb, event.subject, event.actor, event.at_ms, data)
            return _session(conn, person, event.at_ms, until_ms), [(used, None)]

        return self._writer.run(work)

    def begin_session_by_subject(
        self, subject: str, person: Person, event: EventDraft, until_ms: int
    ) -> Future[Done[tuple[Person, str]]]:
        def work(conn: Connection) -> tuple[tuple[Person, str], list[Draft]]:
            account = accounts.of_subject(conn, subject)
            if account is None:
                people.add(conn, person)
                accounts.put(conn, person.id, {"subject": subject})
                data = {"role": " ".join(sorted(person.roles)), "by": "organisation"}
                events = [_event_by(EventDraft("person.add", "", "", event.at_ms, data), person)]
                now = person
            else:
                now, events = _update_person(conn, account.person, person, event.at_ms)
            accounts.check_not_suspended(conn, now.id)
            return (now, _session(conn, now, event.at_ms, until_ms)), [*events, _event_by(event, now)]

        return self._writer.run(work)

    def end_session(self, secret: str, person: Person, now_ms: int) -> Future[Done[None]]:
        event = EventDraft("session.end", person.id, person.id, now_ms)
        return self._writer.write(lambda conn: credentials.forget(conn, secret), event)

    def put_recovery_codes(self, person_id: str, marks: Sequence[bytes], event: EventDraft) -> Future[Done[None]]:
        def statements(conn: Connection) -> None:
            if accounts.one(conn, person_id).second_factor is None:
                raise Invalid("code", "", "no_second_factor")
            recovery_codes.put(conn, person_id, marks, event.at_ms)

        return self._writer.write(statements, event)


def _session(conn: Connection, person: Person, now_ms: int, until_ms: int) -> str:
    return credentials.issue(conn, CredentialKind.SESSION, person.id, now_ms=now_ms, expires_ms=until_ms)


def _invitation(conn: Connection, person_id: str, event: EventDraft, until_ms: int) -> str:
    return credentials.issue(conn, CredentialKind.INVITATION, person_id, now_ms=event.at_ms, expires_ms=until_ms)


def _update_person(conn: Connection, was: Person, today: Person, now_ms: int) -> tuple[Person, list[Draft]]:
    """Return the person with the name, organisation and roles that the identity provider currently gives."""
    now = Person(was.id, today.name, today.org, today.roles)
    if now == was:
        return was, []
    people.replace(conn, now)
    return now, [_event_by(EventDraft("person.role", "", "", now_ms, {"role": " ".join(sorted(now.roles))}), now)]


def _event_by(event: EventDraft, person: Person) -> Draft:
    """Return the event as done by and to a person who is known only inside the transaction."""
    return EventDraft(event.verb, person.id, person.id, event.at_ms, event.data), None
