"""Editing the incident's description, and the place at which maps open."""

from __future__ import annotations

import msgspec

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.incident import Incident
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.ports import Store
from crisismap.services.runtime.context import require
from crisismap.services.runtime.current_incident import KEY, VARIABLES
from crisismap.services.runtime.views import Views

SEE_S = 2.0  # longest wait until the editor sees the change


def describe(store: Store, views: Views, now_ms: int, person: Person, described: Incident) -> bool:
    """Store the incident as an admin described it and return whether anything changed.

    Raises Forbidden, and Invalid for a member that a setting fixes.
    """
    require(person, "incident.describe")
    fixed, before = views.incident.fixed, views.incident.stored()
    for member, value in fixed.items():
        if getattr(described, member) != value:
            raise Invalid(member, getattr(described, member), "set_by_setting", setting=VARIABLES[member])
    # Stored values hidden by a setting are kept, because they apply again when the setting is removed.
    after = msgspec.structs.replace(described, **{member: getattr(before, member) for member in fixed})
    changed = [member for member in VARIABLES if getattr(before, member) != getattr(after, member)]
    if changed:
        event = EventDraft("incident.describe", "", person.id, now_ms, {"changed": changed})
        done = store.upkeep.set_fact(KEY, msgspec.json.encode(after).decode(), event).result()
        views.situation.wait(done.revision, SEE_S)
    return bool(changed)


def box(views: Views) -> Extent | None:
    """Return where a map opens: the incident's place, or else the extent of its layers; None without either."""
    return views.incident().place or views.situation.extent
