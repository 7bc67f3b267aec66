"""Events: who did what when; audit line, work queue and change feed in one. Its number is the revision."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

GENESIS = bytes(32)
# What the clock alone does to a request, at a time that follows from its exact place: the public, which sees when a
# report was last changed, must not see these, and nobody's `If-Match` grows stale by them.
QUIET = ("request.age", "request.escalate")


class EventDraft(msgspec.Struct, frozen=True):
    """An event before it has its number. `verb` is a permission's word; `data` holds no personal data."""

    verb: str
    subject: str  # id of the report, layer, person ...; "" when there is none
    actor: str  # a person's id, "" for a stranger, "system" for a job
    at_ms: int
    data: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True):
    """An event in its place in the chain."""

    revision: int
    verb: str
    subject: str
    actor: str
    at_ms: int
    data: dict[str, Any]
    hash: bytes


class EventSearch(msgspec.Struct, frozen=True):
    """What to look for in the event log; empty means anything. Times in ms UTC: `since` counts, `until` does not."""

    verbs: tuple[str, ...] = ()
    actor: str | None = None  # a person's id; "" is a stranger
    subject: str = ""
    since: int | None = None
    until: int | None = None
    before: int | None = None  # only revisions below this one


class Chain(msgspec.Struct, frozen=True):
    """What a check of the whole log found. `head` is the last hash, to be kept elsewhere and compared."""

    events: int
    head: str
    broken_at: int | None = None  # the first revision that does not hold
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether all of it holds."""
        return self.broken_at is None


def chain(previous: bytes, revision: int, draft: EventDraft) -> bytes:
    """The hash of an event: SHA-256 over the hash before it and the event's own content, in a fixed form."""
    content = msgspec.json.encode(
        [revision, draft.verb, draft.subject, draft.actor, draft.at_ms, draft.data], order="sorted"
    )
    return hashlib.sha256(previous + content).digest()
