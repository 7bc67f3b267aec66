"""Events: who did what when; audit log, work queue and change feed in one. The number of an event is its revision."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

GENESIS = bytes(32)
# Events that time alone causes, at a moment that follows from the exact place. The public sees when a report was last
# changed, so it must not see these; they do not make an `If-Match` stale either.
QUIET = ("request.age", "request.escalate")
# Events after which nothing that was kept of the reports before may be left anywhere.
REMOVING = ("report.erase", "report.retain", "source.quarantine")


class EventDraft(msgspec.Struct, frozen=True):
    """An event that has no number yet. `verb` is the name of a permission; `data` contains no personal data."""

    verb: str
    subject: str  # id of the report, layer, person ...; "" when there is none
    actor: str  # a person's id, "" for an anonymous person, "system" for a job
    at_ms: int
    data: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True):
    """An event with its revision and its hash in the chain."""

    revision: int
    verb: str
    subject: str
    actor: str
    at_ms: int
    data: dict[str, Any]
    hash: bytes


class EventSearch(msgspec.Struct, frozen=True):
    """Search criteria for the event log; empty means any. Times in ms UTC: `since` is inclusive, `until` exclusive."""

    verbs: tuple[str, ...] = ()
    actor: str | None = None  # a person's id; "" is an anonymous person
    subject: str = ""
    since: int | None = None
    until: int | None = None
    before: int | None = None  # only revisions below this one


class Chain(msgspec.Struct, frozen=True):
    """The result of verifying the event log. `head` is the last hash, to be stored elsewhere and compared."""

    events: int
    head: str
    broken_at: int | None = None  # the first revision whose hash is wrong
    why: str = ""

    @property
    def holds(self) -> bool:
        """Return whether the whole chain is intact."""
        return self.broken_at is None


def chain(previous: bytes, revision: int, event: EventDraft | Event) -> bytes:
    """Return the hash of an event: SHA-256 of the previous hash and the event's own content, in a fixed encoding."""
    content = msgspec.json.encode(
        [revision, event.verb, event.subject, event.actor, event.at_ms, event.data], order="sorted"
    )
    return hashlib.sha256(previous + content).digest()
