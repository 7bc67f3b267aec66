"""The need of a report: whether somebody needs help, may need it, offers it, or only tells something."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Need(StrEnum):
    """What a report is to a dispatcher. Only ASKS and MAY are requests."""

    ASKS = "asks"
    MAY = "may"  # somebody may need help: a person has to look
    INFORMATION = "information"
    OFFER = "offer"  # of help: a boat, a room, hands

    @property
    def is_request(self) -> bool:
        """Return whether it counts as unanswered until somebody has answered or looked."""
        return self in _REQUESTS


_REQUESTS = frozenset({Need.ASKS, Need.MAY})
NEEDS: tuple[str, ...] = tuple(Need)


class Detection(msgspec.Struct, frozen=True, gc=False):
    """What the rules hear in a text. `priority`: 1 to 4, 4 when no rule gives one; `reasons` in plain words.

    `denied`: words take need back, such as "nobody is hurt", "was rescued yesterday", "this is an exercise".
    """

    need: Need
    priority: int = 4
    reasons: tuple[str, ...] = ()
    denied: bool = False


NOTHING_HEARD = Detection(Need.INFORMATION)
