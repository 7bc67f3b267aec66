"""Listing accounts and credentials; inviting again, suspending and restoring people."""

from __future__ import annotations

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.account import Account, Credential
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.accounts.sign_in import INVITATION_MS
from crisismap.services.runtime.context import require


def everybody(store: Store, by: Person) -> list[Account]:
    """Return all accounts, including those of tokens, by name."""
    require(by, "person.read")
    return store.people.accounts()


def credentials(store: Store, now_ms: int, by: Person) -> list[Credential]:
    """Return every valid session, token and invitation, newest first."""
    require(by, "person.read")
    return store.people.credentials(now_ms)


def invite_again(store: Store, now_ms: int, by: Person, person_id: str) -> str:
    """Invite an existing person again and return the invitation's secret. Raises NotFound."""
    require(by, "person.invite")
    event = EventDraft("person.invite", person_id, by.id, now_ms)
    return store.people.invite_again(person_id, event, now_ms + INVITATION_MS).result().value


def suspend(store: Store, now_ms: int, by: Person, person_id: str) -> None:
    """Disable all of the person's credentials until `restore`. Raises NotFound."""
    require(by, "person.suspend")
    if person_id == by.id:
        raise Invalid("person", by.name, "not_oneself")
    event = EventDraft("person.suspend", person_id, by.id, now_ms)
    store.people.change_account(person_id, event, {"suspended_at": now_ms}).result()


def restore(store: Store, now_ms: int, by: Person, person_id: str) -> None:
    """Enable the person's credentials again. Raises NotFound."""
    require(by, "person.restore")
    event = EventDraft("person.restore", person_id, by.id, now_ms)
    store.people.change_account(person_id, event, {"suspended_at": None}).result()
