"""Channels and sources of reports, and the quarantine of sources.

Quarantined reports are marked on the desk and hidden from the public. A source is `by:PERSON` (signed in, or a file),
`sender:MARK` or `network:MARK`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisismap.channels import CHANNELS, label_of
from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.fingerprint import BY, NETWORK, SENDER
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import require
from crisismap.situation.board.unanswered import VOUCHED, lanes
from crisismap.situation.situation import Situation

MOST = 50  # sources shown
SAMPLES = 3
MAX_SOURCE = 300  # characters


@dataclass(frozen=True, slots=True)
class ReportSource:
    """One source: numbers of its reports and of its waiting unconfirmed requests, and its newest reports."""

    name: str
    reports: int
    unconfirmed: int
    newest_ms: int
    since_ms: int | None  # quarantined since
    samples: tuple[str, ...]  # ids of the newest reports


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
    board, names = situation.board(Audience.AGENCY), situation.vocabularies.channel.items
    reports = np.bincount(board["channel"], minlength=len(names))
    newest = np.zeros(len(reports), np.int64)
    np.maximum.at(newest, board["channel"], board["received_at"])
    totals = {names[at]: (int(reports[at]), int(newest[at])) for at in np.flatnonzero(reports).tolist()}
    return [
        ChannelTotal(name, label_of(name), *totals.get(name, (0, None)))
        for name in dict.fromkeys([*CHANNELS, *totals])
        if name
    ]


def sources(store: Store, situation: Situation, by: Person) -> list[ReportSource]:
    """Return quarantined sources first, then by number of waiting unconfirmed requests."""
    require(by, "source.read")
    board, since_ms = situation.board(Audience.AGENCY), store.reports.quarantined()
    names = situation.vocabularies.sender.items
    lane = lanes(board, situation.rules.ranking)
    alone = board.unanswered & (lane != VOUCHED) & ~board["vouched"]
    by_name: dict[str, ReportSource] = {name: ReportSource(name, 0, 0, 0, ms, ()) for name, ms in since_ms.items()}
    for column in ("sender", "network"):
        number = board[column]
        size = len(names) + 1
        totals = np.bincount(number + 1, minlength=size)[1:]
        waiting = np.bincount(number[alone] + 1, minlength=size)[1:]
        top = {*np.argsort(-waiting, kind="stable")[:MOST].tolist(), *(i for i, n in enumerate(names) if n in since_ms)}
        for at in top:
            if totals[at] and (totals[at] > 1 or names[at] in since_ms):
                rows = np.flatnonzero(number == at)
                newest = rows[np.argsort(board["received_at"][rows], kind="stable")][::-1][:SAMPLES].tolist()
                ids = tuple(id_text(board.id_raw(row)) for row in newest)
                last = int(board["received_at"][rows].max())
                name = names[at]
                by_name[name] = ReportSource(name, int(totals[at]), int(waiting[at]), last, since_ms.get(name), ids)
    order = sorted(by_name.values(), key=lambda s: (s.since_ms is None, -s.unconfirmed, -s.reports, s.name))
    return order[: MOST + len(since_ms)]


def quarantine(store: Store, now_ms: int, by: Person, source: str) -> Done[None]:
    """Quarantine a source with all its past and future reports. Raises WrongState if it already is."""
    require(by, "source.quarantine")
    event = EventDraft("source.quarantine", _check_source(source), by.id, now_ms)
    return wait_for(store.reports.quarantine(source, event))


def release(store: Store, now_ms: int, by: Person, source: str) -> Done[None]:
    """Release a source and all its reports from quarantine. Raises WrongState if it is not quarantined."""
    require(by, "source.release")
    event = EventDraft("source.release", _check_source(source), by.id, now_ms)
    return wait_for(store.reports.quarantine(source, event, lift=True))


def _check_source(source: str) -> str:
    if not source.startswith((BY, SENDER, NETWORK)) or len(source) > MAX_SOURCE:
        raise Invalid("source", source, "source_name_wrong")
    return source
