"""Lists that a person saved under a name."""

from __future__ import annotations

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.text.storable import storable
from crisismap.services.runtime.context import require

MAX_NAME = 60  # characters
MAX_VIEWS = 30


def save(store: Store, now_ms: int, person: Person, name: str, query: str) -> Done[None]:
    """Save a view, replacing one of the same name. Raises Invalid."""
    require(person, "view.keep")
    name = storable(name).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid("name", name, "view_name_missing", most=MAX_NAME)
    views = list_views(store, person)
    if name not in views and len(views) >= MAX_VIEWS:
        raise Invalid("name", name, "too_many_views", most=MAX_VIEWS)
    return wait_for(store.dispatch.put_view(person.id, name, query, _event(now_ms, person)))


def drop(store: Store, now_ms: int, person: Person, name: str) -> Done[None]:
    """Delete a view."""
    require(person, "view.keep")
    return wait_for(store.dispatch.put_view(person.id, name, None, _event(now_ms, person)))


def list_views(store: Store, person: Person) -> dict[str, str]:
    """Return the person's views by name."""
    require(person, "view.keep")
    return store.dispatch.views(person.id)


def _event(now_ms: int, person: Person) -> EventDraft:
    # The name is private text, so the log does not contain it.
    return EventDraft("view.keep", person.id, person.id, now_ms)
