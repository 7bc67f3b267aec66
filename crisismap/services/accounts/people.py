"""people: who has an account and what they hold; a new link, suspending and letting in again."""

from __future__ import annotations

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.account import Account, Credential
from crisismap.core.people.person import Person
from crisismap.services.accounts.sign_in import INVITATION_MS
from crisismap.services.runtime.context import Context, require


def everybody(context: Context, by: Person) -> list[Account]:
    """All people, tokens' holders among them, by name."""
    require(by, "person.read")
    return context.store.people.accounts()


def credentials(context: Context, by: Person) -> list[Credential]:
    """Every session, token and invitation that is good, newest first."""
    require(by, "person.read")
    return context.store.people.credentials(context.clock())


def invite_again(context: Context, by: Person, person_id: str) -> str:
    """A new invitation for somebody who is here already; its secret. Raises NotFound."""
    require(by, "person.invite")
    now_ms = context.clock()
    event = EventDraft("person.invite", person_id, by.id, now_ms)
    return context.store.people.invite_again(person_id, event, now_ms + INVITATION_MS).result().value


def suspend(context: Context, by: Person, person_id: str) -> None:
    """Nothing that this person holds is good any more, until `restore`. Raises NotFound."""
    require(by, "person.suspend")
    if person_id == by.id:
        raise Invalid("person", by.name, "not_oneself")
    now_ms = context.clock()
    event = EventDraft("person.suspend", person_id, by.id, now_ms)
    context.store.people.change_account(person_id, event, {"suspended_at": now_ms}).result()


def restore(context: Context, by: Person, person_id: str) -> None:
    """What this person holds is good again. Raises NotFound."""
    require(by, "person.restore")
    event = EventDraft("person.restore", person_id, by.id, context.clock())
    context.store.people.change_account(person_id, event, {"suspended_at": None}).result()
