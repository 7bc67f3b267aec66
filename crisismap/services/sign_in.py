"""People: invited by a link that works once, signed in by a session cookie; programs by a token."""

from __future__ import annotations

import hmac
import os
from concurrent.futures import Future

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.identity import new_id
from crisismap.core.permission import check_role
from crisismap.core.person import Person
from crisismap.services.context import COMMAND_LINE, Context, require
from crisismap.store.people import Kind
from crisismap.store.writer import Committed

DAY_MS = 86_400_000
INVITATION_MS = 7 * DAY_MS
SESSION_MS = 7 * DAY_MS
MAX_NAME = 200  # characters


def person_of_token(context: Context, token: str) -> Person:
    """Who sends this Bearer token. Raises NotSignedIn."""
    if hmac.compare_digest(token.encode(), context.admin_token.encode()):
        return COMMAND_LINE
    return context.store.holder(Kind.TOKEN, token, context.clock())


def person_of_session(context: Context, session: str) -> Person:
    """Whose browser sends this cookie. Raises NotSignedIn."""
    return context.store.holder(Kind.SESSION, session, context.clock())


def invite(context: Context, by: Person, name: str, role: str, org: str) -> str:
    """Add a person and return the secret of an invitation."""
    require(by, "person.add")
    person, now_ms = _new_person(context, name, role, org)
    event = EventDraft("person.add", person.id, by.id, now_ms, {"role": role})
    return context.store.add_person(person, event, Kind.INVITATION, now_ms + INVITATION_MS).result().value


def create_token(context: Context, by: Person, role: str, org: str, days: int) -> str:
    """Make a token for a program and return it; it is shown once."""
    require(by, "token.create")
    if not 1 <= days <= 3660:
        raise Invalid("days", days, "must lie between 1 and 3660")
    person, now_ms = _new_person(context, f"{role} token", role, org)
    event = EventDraft("token.create", person.id, by.id, now_ms, {"role": role, "days": days})
    return context.store.add_person(person, event, Kind.TOKEN, now_ms + days * DAY_MS).result().value


def invited(context: Context, secret: str) -> Person:
    """Whose invitation this is, without using it up. Raises NotSignedIn."""
    return context.store.holder(Kind.INVITATION, secret, context.clock())


def begin_session(context: Context, invitation: str) -> Future[Committed[tuple[Person, str]]]:
    """Use an invitation; gives the person and the secret for the cookie."""
    now_ms = context.clock()
    return context.store.accept_invitation(invitation, now_ms, now_ms + SESSION_MS)


def end_session(context: Context, session: str, person: Person) -> Future[Committed[None]]:
    """Sign out."""
    return context.store.end_session(session, person, context.clock())


def _new_person(context: Context, name: str, role: str, org: str) -> tuple[Person, int]:
    check_role(role)
    for field, value in (("name", name), ("org", org)):
        if len(value) > MAX_NAME or "\x00" in value or (field == "name" and not value.strip()):
            raise Invalid(field, value, f"must have 1 to {MAX_NAME} characters, and no NUL among them")
    now_ms = context.clock()
    return Person(new_id(now_ms, os.urandom(10)), name.strip(), org.strip(), frozenset({role})), now_ms
