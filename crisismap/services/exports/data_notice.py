"""The data notice of exported personal data: intended readers, who took it, and when."""

from __future__ import annotations

from crisismap.core import moment
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience

NOTICE = "Contains personal data: for agencies only, not to be passed on, to be deleted after use."


def handling(now_ms: int, person: Person, audience: Audience) -> str:
    """Return the notice, "" for a file of public data."""
    if audience is not Audience.AGENCY:
        return ""
    return f"{NOTICE} {taken_by(now_ms, person)}"


def taken_by(now_ms: int, person: Person) -> str:
    """Return 'Taken by NAME at TIME.'"""
    return f"Taken by {person.label()} at {moment.rfc3339(now_ms)}."
