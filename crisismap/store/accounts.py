"""Accounts: how people sign in, what they hold (sessions, tokens, invitations), and taking it away again.

Writes go through the store's one writer and come back as futures, each with its event in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.store import feed, people, recovery, schema
from crisismap.store.people import Kind
from crisismap.store.writer import Committed, Writer

FIRST = "first_invitation"  # a fact of the deployment: its first invitation has been made
ID_BYTES = 8  # of a credential's hash, enough to name it and useless to sign in with


@dataclass(frozen=True, slots=True)
class Account:
    """A person and how they sign in; `second_factor` is sealed."""

    person: Person
    login: str | None = None
    password: str | None = None
    second_factor: bytes | None = None
    second_step: int = 0
    subject: str | None = None
    suspended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A session, token or invitation that is still good, by a name that signs nobody in."""

    id: str
    kind: Kind
    person: Person
    created_at: int
    expires_at: int | None


class Accounts:
    """The part of the store that knows accounts and credentials."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    # Reading

    def everybody(self) -> list[Account]:
        """All people with what they sign in by, by name."""
        with self._reader.begin() as conn:
            return [_account(row) for row in conn.execute(_ACCOUNTS.order_by(schema.person.c.name, schema.person.c.id))]

    def of_person(self, person_id: str) -> Account:
        """One person's account. Raises NotFound."""
        with self._reader.begin() as conn:
            return _one(conn, person_id)

    def of_login(self, login: str) -> Account | None:
        """Whoever signs in under a name, as `login_of` writes it."""
        with self._reader.begin() as conn:
            row = conn.execute(_ACCOUNTS.where(schema.account.c.login == login)).one_or_none()
            return _account(row) if row is not None else None

    def recovery_left(self, person_id: str) -> int:
        """How many recovery codes somebody has left."""
        with self._reader.begin() as conn:
            return recovery.left(conn, person_id)

    def credentials(self, now_ms: int, person_id: str | None = None) -> list[Credential]:
        """What is still good, newest first; of one person or of all."""
        table = schema.credential
        wanted = _CREDENTIALS.where(table.c.used_at.is_(None))
        if person_id is not None:
            wanted = wanted.where(table.c.person_id == person_id)
        with self._reader.begin() as conn:
            found = [_credential(row) for row in conn.execute(wanted.order_by(table.c.created_at.desc(), table.c.hash))]
        return [each for each in found if each.expires_at is None or each.expires_at > now_ms]

    # Writing

    def accept_invitation(
        self, secret: str, now_ms: int, session_until_ms: int, login: str | None = None, password: str | None = None
    ) -> Future[Committed[tuple[Person, str]]]:
        """Turn an invitation into a session, once; gives the person and the session's secret.

        With a password the account begins anew, without second factor.
        """
        event = EventDraft("session.begin", "", "", now_ms, {"by": "invitation"})

        def work(conn: Connection) -> tuple[tuple[Person, str], list[feed.Draft]]:
            person = people.use(conn, secret, now_ms)
            events = [_by(event, person)]
            if password is not None:
                _free(conn, login, person.id)
                fresh = {"login": login, "password": password, "second_factor": None, "second_step": 0}
                _set(conn, person.id, fresh)
                recovery.forget(conn, person.id)
                events.append(_by(EventDraft("account.password", "", "", event.at_ms), person))
            return (person, _session(conn, person, now_ms, session_until_ms)), events

        return self._writer.run(work)

    def end_session(self, secret: str, person: Person, now_ms: int) -> Future[Committed[None]]:
        """Forget a session."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            people.forget(conn, secret)
            return None, [(EventDraft("session.end", person.id, person.id, now_ms), None)]

        return self._writer.run(work)

    def begin(
        self, person: Person, event: EventDraft, until_ms: int, step: int | None = None
    ) -> Future[Committed[str]]:
        """A session for somebody who has proved to be this person; a code's `step` can be used only once."""

        def work(conn: Connection) -> tuple[str, list[feed.Draft]]:
            _not_suspended(conn, person.id)
            if step is not None:
                _use_step(conn, person.id, step)
            return _session(conn, person, event.at_ms, until_ms), [(event, None)]

        return self._writer.run(work)

    def recover(self, person: Person, event: EventDraft, until_ms: int, mark: bytes) -> Future[Committed[str]]:
        """A session for one recovery code, by its mark, which is used up. Raises Invalid (through the future)."""

        def work(conn: Connection) -> tuple[str, list[feed.Draft]]:
            _not_suspended(conn, person.id)
            recovery.use(conn, person.id, mark)
            told = {**event.data, "left": recovery.left(conn, person.id)}
            used = EventDraft(event.verb, event.subject, event.actor, event.at_ms, told)
            return _session(conn, person, event.at_ms, until_ms), [(used, None)]

        return self._writer.run(work)

    def put_recovery(self, person_id: str, marks: Sequence[bytes], event: EventDraft) -> Future[Committed[None]]:
        """Recovery codes, by their marks, in place of all that there were. Raises Invalid without a second factor."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            if _one(conn, person_id).second_factor is None:
                raise Invalid("code", "", "no_second_factor")
            recovery.put(conn, person_id, marks, event.at_ms)
            return None, [(event, None)]

        return self._writer.run(work)

    def change(
        self, person_id: str, event: EventDraft, values: dict[str, Any], *, keep: str | None = None
    ) -> Future[Committed[None]]:
        """Write some of an account; `keep`: all sessions but this one end."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            _one(conn, person_id)
            if "login" in values:
                _free(conn, values["login"], person_id)
            _set(conn, person_id, values)
            if "second_factor" in values:
                recovery.forget(conn, person_id)
            if keep is not None:
                table = schema.credential
                others = (table.c.kind == str(Kind.SESSION)) & (table.c.hash != people.hash_of(keep))
                conn.execute(delete(table).where(table.c.person_id == person_id, others))
            return None, [(event, None)]

        return self._writer.run(work)

    def known_as(
        self, subject: str, person: Person, event: EventDraft, until_ms: int
    ) -> Future[Committed[tuple[Person, str]]]:
        """A session for whom an organisation knows as `subject`: a new person the first time, with today's roles."""

        def work(conn: Connection) -> tuple[tuple[Person, str], list[feed.Draft]]:
            found = conn.execute(_ACCOUNTS.where(schema.account.c.subject == subject)).one_or_none()
            if found is None:
                people.add(conn, person)
                _set(conn, person.id, {"subject": subject})
                told = {"role": " ".join(sorted(person.roles)), "by": "organisation"}
                events = [_by(EventDraft("person.add", "", "", event.at_ms, told), person)]
                now = person
            else:
                now, events = _brought_up(conn, _account(found).person, person, event.at_ms)
            _not_suspended(conn, now.id)
            return (now, _session(conn, now, event.at_ms, until_ms)), [*events, _by(event, now)]

        return self._writer.run(work)

    def first(self, person: Person, event: EventDraft, until_ms: int) -> str | None:
        """The very first invitation of an empty deployment; None when there are people or it was made before."""

        def work(conn: Connection) -> tuple[str | None, list[feed.Draft]]:
            made = conn.execute(select(schema.meta.c.value).where(schema.meta.c.key == FIRST)).first()
            if made is not None or conn.execute(select(func.count()).select_from(schema.person)).scalar_one():
                return None, []
            conn.execute(insert(schema.meta).values(key=FIRST, value=person.id))
            people.add(conn, person)
            secret = people.issue(conn, Kind.INVITATION, person.id, now_ms=event.at_ms, expires_ms=until_ms)
            return secret, [(event, None)]

        return self._writer.run(work).result().value

    def invite_again(self, person_id: str, event: EventDraft, until_ms: int) -> str:
        """A new invitation for somebody who is here already. Raises NotFound."""

        def work(conn: Connection) -> tuple[str, list[feed.Draft]]:
            _one(conn, person_id)
            secret = people.issue(conn, Kind.INVITATION, person_id, now_ms=event.at_ms, expires_ms=until_ms)
            return secret, [(event, None)]

        return self._writer.run(work).result().value

    def revoke(self, credential_id: str, event: EventDraft, *, of: str | None = None) -> Kind:
        """End a session, token or invitation at once; `of`: only when this person holds it. Raises NotFound."""

        def work(conn: Connection) -> tuple[Kind, list[feed.Draft]]:
            table = schema.credential
            for row in conn.execute(_CREDENTIALS.where(table.c.used_at.is_(None))):
                if _id(row.hash) == credential_id and of in (None, row.id):
                    conn.execute(delete(table).where(table.c.hash == row.hash))
                    told = EventDraft(event.verb, row.id, event.actor, event.at_ms, {"kind": row.kind})
                    return Kind(row.kind), [(told, None)]
            raise NotFound("no_session")

        return self._writer.run(work).result().value


_ACCOUNTS = select(
    schema.person,
    *(c for c in schema.account.c if c.name != "person_id"),
).outerjoin(schema.account, schema.account.c.person_id == schema.person.c.id)
# Recovery codes sign nobody in by themselves, and are not ended one by one.
_CREDENTIALS = (
    select(schema.credential, schema.person)
    .join(schema.person, schema.person.c.id == schema.credential.c.person_id)
    .where(schema.credential.c.kind != str(Kind.RECOVERY))
)


def _one(conn: Connection, person_id: str) -> Account:
    row = conn.execute(_ACCOUNTS.where(schema.person.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("no_person")
    return _account(row)


def _set(conn: Connection, person_id: str, values: dict[str, Any]) -> None:
    table = schema.account
    if not conn.execute(update(table).where(table.c.person_id == person_id).values(**values)).rowcount:
        conn.execute(insert(table).values(person_id=person_id, **{"second_step": 0} | values))


def _free(conn: Connection, login: str | None, person_id: str) -> None:
    table = schema.account
    taken = conn.execute(select(table.c.person_id).where(table.c.login == login)).scalar_one_or_none()
    if taken not in (None, person_id):
        raise Invalid("login", login, "login_taken")


def _use_step(conn: Connection, person_id: str, step: int) -> None:
    table = schema.account
    used = update(table).where(table.c.person_id == person_id, table.c.second_step < step).values(second_step=step)
    if conn.execute(used).rowcount != 1:
        raise Invalid("code", "", "code_used")


def _not_suspended(conn: Connection, person_id: str) -> None:
    if _one(conn, person_id).suspended_at is not None:
        raise Invalid("login", "", "account_suspended")


def _session(conn: Connection, person: Person, now_ms: int, until_ms: int) -> str:
    return people.issue(conn, Kind.SESSION, person.id, now_ms=now_ms, expires_ms=until_ms)


def _brought_up(conn: Connection, was: Person, told: Person, now_ms: int) -> tuple[Person, list[feed.Draft]]:
    """The person with the name, organisation and roles that the organisation tells today."""
    now = Person(was.id, told.name, told.org, told.roles)
    if now == was:
        return was, []
    table = schema.person
    values = {"name": now.name, "org": now.org, "roles": " ".join(sorted(now.roles))}
    conn.execute(update(table).where(table.c.id == was.id).values(**values))
    return now, [_by(EventDraft("person.role", "", "", now_ms, {"role": values["roles"]}), now)]


def _by(event: EventDraft, person: Person) -> feed.Draft:
    """The event as done by and to a person who is known only inside the transaction."""
    return EventDraft(event.verb, person.id, person.id, event.at_ms, event.data), None


def _account(row: Any) -> Account:
    return Account(
        people.person_of(row),
        row.login,
        row.password,
        bytes(row.second_factor) if row.second_factor is not None else None,
        row.second_step or 0,
        row.subject,
        row.suspended_at,
    )


def _credential(row: Any) -> Credential:
    scope = None if row.verbs is None else frozenset(row.verbs.split())
    return Credential(_id(row.hash), Kind(row.kind), people.person_of(row, scope), row.created_at, row.expires_at)


def id_of(secret: str) -> str:
    """The name of the credential that a secret belongs to."""
    return _id(people.hash_of(secret))


def _id(raw: bytes) -> str:
    return bytes(raw)[:ID_BYTES].hex()
