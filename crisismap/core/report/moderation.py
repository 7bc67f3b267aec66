"""Moderation: a person's word on whether the words of one report may be published; from the desk it hides nothing."""

from __future__ import annotations

import hashlib

import msgspec

from crisismap.core.errors import Invalid, WrongState

CLEARED, WITHHELD = "cleared", "withheld"
MAX_REASON = 2_000  # characters


class Moderation(msgspec.Struct, frozen=True):
    """What a person decided, and a fingerprint of the words that were looked at: a decision is about those only."""

    decision: str = ""  # CLEARED, WITHHELD, "" for none
    by: str | None = None  # a person's id
    reason: str = ""  # of keeping them back
    at_ms: int = 0
    of: bytes = b""

    def is_of(self, text: str, *, asks: bool) -> bool:
        """Whether it was decided about these words, and about a report that asked as it does now."""
        return self.decision != "" and self.of == fingerprint(text, asks=asks)


def fingerprint(text: str, *, asks: bool) -> bytes:
    """What tells the words that were looked at from others: the place of a request is a secret that words may tell."""
    return hashlib.blake2b(text.encode(), digest_size=16, key=b"asks" if asks else b"").digest()


def clear(text: str, person: str, now_ms: int, *, asks: bool) -> Moderation:
    """The words may be published."""
    return Moderation(CLEARED, person, "", now_ms, fingerprint(text, asks=asks))


def withhold(text: str, person: str, reason: str, now_ms: int, *, asks: bool) -> Moderation:
    """The words are kept from the public. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid("reason", reason, "reason_to_withhold_missing", most=MAX_REASON)
    return Moderation(WITHHELD, person, reason, now_ms, fingerprint(text, asks=asks))


def reconsider(now: Moderation) -> Moderation:
    """Take a decision back: the rule decides again, and what it does not let through waits. Raises WrongState."""
    if not now.decision:
        raise WrongState("nothing_decided")
    return Moderation()
