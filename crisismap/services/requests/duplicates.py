"""Suggestions, with reasons, of reports that may be duplicates of a given one; nothing is joined here.

`similar` reads the agency's columns, for people who may read exact places and text. `nearby` is for everybody and reads
the public columns only: same published cell and category, recent, newest first, without distance or score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import distances_m, in_box_around
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.change import Change
from crisismap.core.report.duplicates import ComparableReport, DuplicateRules, judge, suggest
from crisismap.core.report.similarity import TextFeatures, read
from crisismap.core.report.verification import Sender
from crisismap.core.text.folding import fold
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.read import find_row
from crisismap.services.runtime.context import require
from crisismap.services.runtime.views import Views
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NONE, PLACE_KINDS, STATES
from crisismap.situation.board.word_index import WordIndex, texts
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

MOST_JUDGED = 60  # rows whose texts are compared per call
NOT_JOINABLE = frozenset({"withdrawn", "joined"})  # states in which a request can no longer be joined
REASON = "the requester says that it is the same"
NEARBY_HOURS = 6
NEARBY_MOST = 5
CELL = PLACE_KINDS.index("cell")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One possible duplicate. `record` is the agency's record; `earlier`: it was observed before the report."""

    id: str
    score: float
    reasons: tuple[str, ...]
    metres: float | None
    minutes: float
    record: Record
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class NearbyRequest:
    """What the public map shows of an unanswered request near the requester's own."""

    id: str
    category: str
    area: str  # name of the area that contains its cell, "" for none
    lon: float  # the cell's centre
    lat: float
    age_minutes: int  # in steps of ten
    text: str = ""  # as far as it is public


def similar(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, person: Person, report_id: str
) -> list[Suggestion]:
    """Return possible duplicates of a report, most likely first. Raises NotFound.

    Those that the requester named come before all others, but with the score that place, time and words give them: a
    stranger who guessed makes nothing likely.
    """
    require(person, "situation.read_exact")
    board, row = find_row(store, views.situation, Audience.AGENCY, report_id)
    views.word_index.follow(board)
    [features] = _features(views, rules, board, [row])
    rows = _candidates(views.word_index, board, row, features, rules.duplicates)
    named = _named_rows(store, board, row)
    rows = np.array([*named, *(each for each in rows.tolist() if each != row and each not in named)], np.int64)
    report, *others = _comparable(store, views, rules, board, np.array([row, *rows]))
    stated = [(at, judge(report, others[at], rules.duplicates)) for at in range(len(named))]
    stated.sort(key=lambda each: -each[1].score)
    matches = [*stated, *(each for each in suggest(report, others, rules.duplicates) if each[0] >= len(named))]
    records = views.features.records(board, rows[[at for at, _ in matches]], now_ms)
    return [
        Suggestion(
            record.id,
            match.score,
            (REASON, *match.reasons) if at < len(named) else match.reasons,
            match.metres,
            match.minutes,
            record,
            bool(board["at"][rows[at]] < board["at"][row]),
        )
        for record, (at, match) in zip(records, matches, strict=True)
    ]


def _named_rows(store: Store, board: Board, row: int) -> list[int]:
    """Return the rows that the requester named as the same, if they can still be joined."""
    events = store.events.of_report(int(board["seq"][row]))
    ids = dict.fromkeys(str(event.data["to"]) for event in events if event.verb == "report.same_as")
    rows = board.rows_of_ids([id_bytes(id_) or b"" for id_ in ids])
    return [
        other
        for other in rows
        if other is not None and other != row and STATES[board["state"][other]] not in NOT_JOINABLE
    ]


def nearby(situation: Situation, now_ms: int, report_id: str) -> list[NearbyRequest]:
    """Return public unanswered requests in the report's own cell, newest first, for the page after sending.

    Only public columns are used, so the result reveals no more than the public map. Of those that differ neither in age
    nor in words, none is returned: whoever chose among them would guess. Empty for reports that are information only,
    have no place, or are not shown individually.
    """
    board, categories = situation.board(Audience.PUBLIC), tuple(situation.rules.categories)
    rows = _in_own_cell(now_ms, board, report_id)
    found = [
        NearbyRequest(
            id=id_text(board.id_raw(row)),
            category=categories[board["category"][row]],
            area=situation.areas[area].name if (area := int(board["area"][row])) != NONE else "",
            lon=float(board["lon"][row]),
            lat=float(board["lat"][row]),
            age_minutes=max(0, now_ms - int(board["received_at"][row])) // (10 * MINUTE_MS) * 10,
            text=text.strip(),
        )
        for row, text in zip(rows, texts(situation.heap, board, rows), strict=True)
    ]
    alike = Counter((each.age_minutes, fold(each.text)) for each in found)
    return [each for each in found if alike[each.age_minutes, fold(each.text)] == 1][:NEARBY_MOST]


def may_be(situation: Situation, now_ms: int, report_id: str, other_id: str) -> bool:
    """Return whether `nearby` could have offered the other request; check it before accepting a stranger's choice."""
    board = situation.board(Audience.PUBLIC)
    row = board.row_of_id(id_bytes(other_id) or b"")
    return row is not None and row in _in_own_cell(now_ms, board, report_id)


def same_as(store: Store, situation: Situation, now_ms: int, report_id: str, other_id: str) -> Done[str]:
    """Record that the requester takes another request for the same; a person decides whether to join them.

    Only requests that `nearby` could have offered are accepted: one requester must not take another off the list.
    """
    if not may_be(situation, now_ms, report_id, other_id):
        raise NotFound("no_request_near")
    event = EventDraft("report.same_as", report_id, "", now_ms, {"to": other_id.lower()})
    return wait_for(store.requests.change(report_id, None, lambda _now: Change(event)))


def _in_own_cell(now_ms: int, board: Board, report_id: str) -> list[int]:
    row = board.row_of_id(id_bytes(report_id) or b"")
    if row is None or not board["asks"][row] or np.isnan(board["lon"][row]):
        return []
    # The public place of a request is its cell's centre, so equal coordinates mean the same cell.
    same = board.unanswered & (board["lon"] == board["lon"][row]) & (board["lat"] == board["lat"][row])
    same &= (board["category"] == board["category"][row]) & (board["place_kind"] == CELL)
    same &= board["received_at"] >= now_ms - NEARBY_HOURS * 60 * MINUTE_MS
    return [int(other) for other in np.flatnonzero(same)[::-1].tolist() if other != row]


def _candidates(word_index: WordIndex, board: Board, row: int, features: TextFeatures, rules: DuplicateRules) -> Rows:
    """Return rows worth comparing: the nearest in place and time, and those without a place that share rare words."""
    at, lon, lat = (board[name][row] for name in ("at", "lon", "lat"))
    alive = np.abs(board["at"] - at) <= rules.within_ms
    alive &= ~np.isin(board["state"], [STATES.index(name) for name in NOT_JOINABLE])
    sharing_words: Rows = word_index.having(features.rare, MOST_JUDGED)
    sharing_words = sharing_words[sharing_words < board.n]
    sharing_words = sharing_words[alive[sharing_words]]
    if np.isnan(lon):
        return sharing_words
    near = np.flatnonzero(alive & in_box_around(lon, lat, rules.within_m, board["lon"], board["lat"]))
    if len(near) > MOST_JUDGED:
        metres = distances_m(lon, lat, board["lon"][near], board["lat"][near])
        minutes = np.abs(board["at"][near] - at) / MINUTE_MS
        near = near[np.argpartition(metres + minutes / 4, MOST_JUDGED)[:MOST_JUDGED]]
    candidates: Rows = np.concatenate([near, sharing_words[np.isnan(board["lon"][sharing_words])]])
    return candidates


def _features(views: Views, rules: RuleFiles, board: Board, rows: Sequence[int]) -> list[TextFeatures]:
    frequent, vocabulary = views.word_index.frequent, rules.duplicates.vocabulary
    return [read(text, vocabulary, frequent) for text in texts(views.situation.heap, board, rows)]


def _comparable(store: Store, views: Views, rules: RuleFiles, board: Board, rows: Rows) -> list[ComparableReport]:
    names = tuple(views.situation.rules.categories)
    columns = (board[name][rows].tolist() for name in ("category", "at", "lon", "lat", "accuracy_m"))
    features = _features(views, rules, board, rows.tolist())
    seqs = board["seq"][rows].tolist()
    known = store.reports.senders(seqs)
    senders = [known.get(seq, Sender()) for seq in seqs]
    return [
        ComparableReport(
            category=names[category],
            at_ms=at,
            text=text,
            lon=_number(lon),
            lat=_number(lat),
            accuracy_m=_number(accuracy),
            # A network is shared by too many people.
            senders=frozenset(each for each in (sender.contact, sender.device) if each is not None),
        )
        for category, at, lon, lat, accuracy, text, sender in zip(*columns, features, senders, strict=True)
    ]


def _number(value: float) -> float | None:
    return None if value != value else value  # NaN is not equal to itself
