"""Number of reports and time of the newest one per channel, for the Sources page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisismap.channels import CHANNELS, label_of
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import require
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class ChannelTotal:
    """The reports of one channel."""

    name: str
    label: str
    reports: int
    newest_ms: int | None  # ms UTC; None without reports


def channel_totals(situation: Situation, by: Person) -> list[ChannelTotal]:
    """Return all registered channels, then former ones that still have reports."""
    require(by, "source.read")
    board, names = situation.board(Audience.AGENCY), situation.channels
    reports = np.bincount(board["channel"], minlength=len(names))
    newest = np.zeros(len(reports), np.int64)
    np.maximum.at(newest, board["channel"], board["received_at"])
    found = {names[at]: (int(reports[at]), int(newest[at])) for at in np.flatnonzero(reports).tolist()}
    return [
        ChannelTotal(name, label_of(name), *found.get(name, (0, None)))
        for name in dict.fromkeys([*CHANNELS, *found])
        if name
    ]
