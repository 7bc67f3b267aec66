"""Reading the contact details of a requester; each access is recorded as an event."""

from __future__ import annotations

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Forbidden
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.report import Contact, CurrentReport, require_request
from crisismap.services.runtime.context import require


def read_contact(store: Store, now_ms: int, person: Person, report_id: str) -> Done[Contact]:
    """Return how to reach the requester: for the current claimer only."""
    require(person, "contact.read")

    def decide(now: CurrentReport) -> EventDraft:
        request = require_request(now)
        if request.claimed_by != person.id or request.claim_is_over(now_ms):
            raise Forbidden("contact_for_claimer")
        return EventDraft("contact.read", report_id, person.id, now_ms)

    return wait_for(store.requests.read_contact(report_id, decide))
