"""Invitations that work once, session cookies for people, and tokens for programs."""

from __future__ import annotations

import hmac
import os
import unicodedata
from dataclasses import replace
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.moment import DAY_MS
from crisismap.core.people.account import Credential, CredentialKind
from crisismap.core.people.identity import new_id
from crisismap.core.people.permission import check_role, check_scope
from crisismap.core.people.person import PROGRAM, Person
from crisismap.core.ports import Store
from crisismap.services.runtime.context import COMMAND_LINE, require

INVITATION_MS = 7 * DAY_MS
SESSION_MS = 7 * DAY_MS
MAX_NAME = 200  # characters


def person_of_token(store: Store, admin_token: str, now_ms: int, token: str) -> Person:
    """Return the person of a Bearer token. Raises NotSignedIn."""
    if hmac.compare_digest(token.encode(), admin_token.encode()):
        return COMMAND_LINE
    return store.people.holder(CredentialKind.TOKEN, token, now_ms)


def person_of_session(store: Store, now_ms: int, session: str) -> Person:
    """Return the person of a session cookie. Raises NotSignedIn."""
    return store.people.holder(CredentialKind.SESSION, session, now_ms)


def invite(store: Store, now_ms: int, by: Person, name: str, role: str, org: str) -> str:
    """Add a person and return the secret of an invitation."""
    require(by, "person.add")
    person = _new_person(now_ms, name, role, org)
    event = EventDraft("person.add", person.id, by.id, now_ms, {"role": role})
    return store.people.add(person, event, CredentialKind.INVITATION, now_ms + INVITATION_MS).result().value


class TokenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The properties of a new token; empty `verbs` stands for all verbs of the role."""

    role: str
    org: str = ""
    days: int = 90
    name: str = ""
    verbs: tuple[str, ...] = ()


def make_token(store: Store, now_ms: int, by: Person, request: TokenRequest) -> str:
    """Create a token for a program and return it; it is shown once."""
    require(by, "token.create")
    if not 1 <= request.days <= 3660:
        raise Invalid("days", request.days, "out_of_range", least=1, most=3660)
    person = _new_person(now_ms, request.name or request.org or PROGRAM, request.role, request.org)
    data: dict[str, Any] = {"role": request.role, "days": request.days}
    if request.verbs:
        scope = check_scope(request.role, frozenset(request.verbs))
        person, data = replace(person, scope=scope), data | {"verbs": sorted(scope)}
    event = EventDraft("token.create", person.id, by.id, now_ms, data)
    return store.people.add(person, event, CredentialKind.TOKEN, now_ms + request.days * DAY_MS).result().value


def invite_first(store: Store, now_ms: int) -> str | None:
    """Return the secret of an empty deployment's first invitation; None if that was made before."""
    person = _new_person(now_ms, "First administrator", "admin", "")
    event = EventDraft("person.add", person.id, "system", now_ms, {"role": "admin"})
    return store.people.invite_first(person, event, now_ms + INVITATION_MS).result().value


def invited_person(store: Store, now_ms: int, secret: str) -> Person:
    """Return the invited person without using up the invitation. Raises NotSignedIn."""
    return store.people.holder(CredentialKind.INVITATION, secret, now_ms)


def tokens(store: Store, now_ms: int, by: Person) -> list[Credential]:
    """Return the valid tokens, newest first."""
    require(by, "person.read")
    return [each for each in store.people.credentials(now_ms) if each.kind is CredentialKind.TOKEN]


def token_summary(credential: Credential) -> dict[str, Any]:
    """Return a token's public properties; its secret is not among them."""
    person, until = credential.person, credential.expires_at
    return {
        "id": credential.id,
        "name": person.name,
        "org": person.org,
        "role": " ".join(sorted(person.roles)),
        "verbs": sorted(person.scope) if person.scope is not None else None,
        "created_at": moment.rfc3339(credential.created_at),
        "expires_at": moment.rfc3339(until) if until is not None else None,
    }


def revoke(store: Store, now_ms: int, by: Person, credential_id: str) -> CredentialKind:
    """End a session, token or invitation at once. Raises NotFound."""
    require(by, "credential.revoke")
    event = EventDraft("credential.revoke", "", by.id, now_ms)
    return store.people.revoke(credential_id, event).result().value


def end_session(store: Store, now_ms: int, session: str, person: Person) -> Done[None]:
    """Sign out."""
    return wait_for(store.people.end_session(session, person, now_ms))


def _new_person(now_ms: int, name: str, role: str, org: str) -> Person:
    check_role(role)
    for field, value in (("name", name), ("org", org)):
        # Names are printed on terminals and in logs, so control characters could move the cursor or forge a line.
        hidden = any(unicodedata.category(c) == "Cc" for c in value)
        if len(value) > MAX_NAME or hidden or (field == "name" and not value.strip()):
            raise Invalid(field, value, "name_wrong", most=MAX_NAME)
    return Person(new_id(now_ms, os.urandom(10)), name.strip(), org.strip(), frozenset({role}))
