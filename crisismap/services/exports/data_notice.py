"""The data notice of exported personal data: intended readers, who took it, and when."""

from __future__ import annotations

from datetime import tzinfo

from crisismap.core import moment
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.core.text.local_time import minute

NOTICE = "Contains personal data: for agencies only, not to be passed on, to be deleted after use."


def handling(now_ms: int, person: Person, audience: Audience, zone: tzinfo | None = None) -> str:
    """Return the notice, "" for a file of public data; with a zone its time is as people read it."""
    if audience is not Audience.AGENCY:
        return ""
    return f"{NOTICE} {taken_by(now_ms, person, zone)}"


def taken_by(now_ms: int, person: Person, zone: tzinfo | None = None) -> str:
    """Return 'Taken by NAME at TIME.'"""
    return f"Taken by {person.label()} at {minute(now_ms, zone) if zone else moment.rfc3339(now_ms)}."
