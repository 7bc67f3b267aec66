"""Moderation: a person's decision on publishing the text of a report; staff always read it."""

from __future__ import annotations

import hashlib

import msgspec

from crisismap.core.errors import Invalid, WrongState

CLEARED, WITHHELD = "cleared", "withheld"
MAX_REASON = 2_000  # characters


class Moderation(msgspec.Struct, frozen=True):
    """A decision, and a fingerprint of the reviewed text: the decision is about that text only."""

    decision: str = ""  # CLEARED, WITHHELD, "" for none
    by: str | None = None  # a person's id
    reason: str = ""  # for keeping the text private
    at_ms: int = 0
    of: bytes = b""

    def is_of(self, text: str, *, asks: bool) -> bool:
        """Return whether the decision was about this text, and about a report that asked for help as it does now."""
        return self.decision != "" and self.of == fingerprint(text, asks=asks)


def fingerprint(text: str, *, asks: bool) -> bytes:
    """Return a fingerprint of the text and of whether it asks: the text of a request may reveal its place."""
    return hashlib.blake2b(text.encode(), digest_size=16, key=b"asks" if asks else b"").digest()


def clear(text: str, person: str, now_ms: int, *, asks: bool) -> Moderation:
    """Return the approval of a text."""
    return Moderation(CLEARED, person, "", now_ms, fingerprint(text, asks=asks))


def withhold(text: str, person: str, reason: str, now_ms: int, *, asks: bool) -> Moderation:
    """Return the decision to keep a text private. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid("reason", reason, "reason_to_withhold_missing", most=MAX_REASON)
    return Moderation(WITHHELD, person, reason, now_ms, fingerprint(text, asks=asks))


def reconsider(now: Moderation) -> Moderation:
    """Withdraw a decision: the rule decides again, and what it does not approve waits. Raises WrongState."""
    if not now.decision:
        raise WrongState("nothing_decided")
    return Moderation()
