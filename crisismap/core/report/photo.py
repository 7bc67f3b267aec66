"""Photos: what is kept of one, and how many and how large they may be."""

from __future__ import annotations

from enum import StrEnum

import msgspec

MAX_BYTES = 8 << 20  # as sent
MAX_PIXELS = 24_000_000  # as declared, before anything is decoded
MAX_SIDE = 12_000  # pixels
SIDE = 1600  # longer side of what is kept
THUMB_SIDE = 320
MAX_PER_REPORT = 8


class Use(StrEnum):
    """What a photo is there for; it decides whether the requester sees it."""

    REPORT = "report"  # the requester's own
    TEAM = "team"  # a team's, until an answer names it
    ANSWER = "answer"  # part of an answer


SEEN_BY_REQUESTER = frozenset({Use.REPORT, Use.ANSWER})


class PhotoBytes(msgspec.Struct, frozen=True):
    """Pixels as JPEG, with nothing beside them."""

    width: int
    height: int
    image: bytes
    thumb: bytes


class Photo(msgspec.Struct, frozen=True):
    """A kept photo without its bytes. `by` is a person's id, "" for the requester."""

    id: str
    report_id: str
    use: Use
    width: int
    height: int
    added_at: int  # ms UTC
    by: str = ""
