"""Reading a requester's contact details, which is logged each time."""

from __future__ import annotations

from concurrent.futures import Future

from crisismap.core.done import Done
from crisismap.core.errors import Forbidden
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.report import Contact, CurrentReport, require_request
from crisismap.services.runtime.context import require


def read_contact(store: Store, now_ms: int, person: Person, report_id: str) -> Future[Done[Contact]]:
    """Return the contact details, to the current claimer only."""
    require(person, "contact.read")

    def decide(now: CurrentReport) -> EventDraft:
        request = require_request(now)
        if request.claimed_by != person.id or request.claim_is_over(now_ms):
            raise Forbidden("Contact details are shown only to the one who has claimed the request.")
        return EventDraft("contact.read", report_id, person.id, now_ms)

    return store.requests.read_contact(report_id, decide)
