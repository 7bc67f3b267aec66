"""Photos: their metadata, and their limits of number and size."""

from __future__ import annotations

from enum import StrEnum

import msgspec

MAX_BYTES = 25 << 20  # as sent; a phone's JPEG of 48 million pixels has up to 20 MB
MAX_PIXELS = 65_000_000  # as declared, before anything is decoded; phones take 48 or 64 million, and panoramas
MAX_SIDE = 20_000  # pixels
SIDE = 1600  # longer side of a stored photo, pixels
THUMB_SIDE = 320
MAX_PER_REPORT = 8


class Use(StrEnum):
    """The purpose of a photo, which decides whether the requester sees it."""

    REPORT = "report"  # added by the requester
    TEAM = "team"  # added by a team, not shown until an answer includes it
    ANSWER = "answer"  # part of an answer


SEEN_BY_REQUESTER = frozenset({Use.REPORT, Use.ANSWER})


class PhotoBytes(msgspec.Struct, frozen=True):
    """Pixels as JPEG, without metadata."""

    width: int
    height: int
    image: bytes
    thumb: bytes


class Photo(msgspec.Struct, frozen=True):
    """A stored photo without its bytes. `by` is a person's id, "" for the requester."""

    id: str
    report_id: str
    use: Use
    width: int
    height: int
    added_at: int  # ms UTC
    by: str = ""
