"""Lists, single requests, numbers and exports, each read from the columns of the caller's audience."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from crisismap.core.category import Category
from crisismap.core.clock import Clock
from crisismap.core.errors import Invalid, NotFound
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Layer
from crisismap.core.need.need import NEEDS, Need
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.request import UNANSWERED
from crisismap.core.text import symbols
from crisismap.core.text.symbols import Symbol
from crisismap.services.exports.data_notice import NOTICE, taken_by
from crisismap.services.runtime.context import audience_of, require
from crisismap.services.runtime.views import Views
from crisismap.situation.board import counts, unanswered
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.selection import ALL, Selection, select_rows
from crisismap.situation.record.features import Features
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

T = TypeVar("T")
MAX_PAGE = 1000
_encode = msgspec.json.Encoder().encode
CATCH_UP_S = 2.0  # longest wait until the situation contains a single report
_NOT_FOR_REQUESTERS: Mapping[str, Any] = MappingProxyType(
    {"reasons": []}
    | dict.fromkeys(("escalated_to", "photos", "source", "joined_to", "answer_note", "cannot_meet_reason"))
)


@dataclass(frozen=True, slots=True)
class ItemPage(Generic[T]):
    """One page of requests or reports as JSON, the total, the revision, and the next page's cursor."""

    items: list[T]
    total: int
    revision: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """Selected reports at one revision, for export in any format. `etag` identifies content, not encoding."""

    encoder: Features
    audience: Audience  # of the board
    made_up: bool
    board: Board
    rows: Rows
    now_ms: int
    etag: str
    next: str | None
    care: str = ""  # the data notice
    taken_by: str = ""  # who took the export, and when

    @property
    def revision(self) -> int:
        """Return the revision of all rows."""
        return self.board.revision

    def features(self) -> Iterator[list[bytes]]:
        """Return GeoJSON features in blocks of some thousand."""
        return self.encoder.features(self.board, self.rows, self.now_ms, self.audience)

    def grid(self) -> tuple[tuple[str, ...], Iterator[list[list[Any]]]]:
        """Return column names, and the rows' values in blocks of some thousand."""
        return self.encoder.grid(self.board, self.rows, self.now_ms, self.audience)

    def records(self) -> list[Record]:
        """Return the rows as records."""
        return self.encoder.records(self.board, self.rows, self.now_ms)


def check_limit(limit: int, most: int) -> None:
    """Raise Invalid unless a page of so many items may be read."""
    if not 1 <= limit <= most:
        raise Invalid("limit", limit, "out_of_range", least=1, most=most)


def require_filters(person: Person, selection: Selection) -> None:
    """Raise NotSignedIn or Forbidden for a filter by what only staff may know."""
    if selection.need:
        require(person, "situation.read_exact")


def requests(
    views: Views, now_ms: int, person: Person, selection: Selection, *, limit: int = 100, cursor: str | None = None
) -> ItemPage[bytes]:
    """Return requests, most urgent first; only unanswered ones unless the selection names states."""
    check_limit(limit, MAX_PAGE)
    require_filters(person, selection)
    audience = audience_of(person)
    board = views.situation.board(audience)

    def make() -> ItemPage[bytes]:
        rows, ranking = request_rows(views.situation, board, selection, now_ms), views.situation.rules.ranking
        page = unanswered.page(board, rows, limit=limit, cursor=cursor, ranking=ranking)
        return ItemPage(views.features.items(board, page.rows, now_ms), page.total, board.revision, page.next)

    if cursor is not None:
        return make()
    return views.caches.answers.get((audience, selection, limit), make, stamp=_second(board, now_ms))


def request_rows(situation: Situation, board: Board, selection: Selection, now_ms: int) -> Rows:
    """Return the rows of matching requests, ascending; only unanswered ones unless the selection names states.

    A selection of a need that is no request, such as offers, matches such reports too.
    """
    others = any(not Need(need).is_request for need in selection.need if need in NEEDS)
    if others or not UNANSWERED.issuperset(selection.state):
        keep = board["asks"] if selection.state else board.unanswered
        rows = np.flatnonzero(keep | ~board["asks"] if others else keep)
        part = board.part(rows)
    else:
        rows, part = board.unanswered_rows, board.waiting
    if selection == ALL:
        return rows
    return rows[select_rows(part, selection, situation.selection_context(now_ms))]


def single_table(store: Store, views: Views, now_ms: int, audience: Audience, report_id: str) -> Table:
    """Return one report as a table of one row. Raises NotFound alike for unknown and hidden reports."""
    board, row = find_row(store, views.situation, audience, report_id)
    rows = np.array([row], np.int64)
    tag = _tag(views, audience, board, rows, now_ms)
    return Table(views.features, audience, views.made_up, board, rows, now_ms, tag, None)


def record(store: Store, views: Views, clock: Clock, person: Person, report_id: str) -> Record:
    """Return one report or request. Raises NotFound alike for unknown and hidden reports."""
    board, row = find_row(store, views.situation, audience_of(person), report_id)
    return views.features.records(board, [row], clock())[0]


def requester_record(store: Store, views: Views, clock: Clock, report_id: str) -> Record:
    """Return a report as its requester may see it: in full, but with organisations instead of names."""
    board, row = find_row(store, views.situation, Audience.AGENCY, report_id)
    full = views.features.records(board.part(np.array([row])).without_doubt(), [0], clock())[0]
    holder = views.situation.claimer(board, row)
    team = None if full.claimed_by is None else (holder.org if holder else "") or "a team"
    return msgspec.structs.replace(full, claimed_by=team, **_NOT_FOR_REQUESTERS)


def find_row(store: Store, situation: Situation, audience: Audience, report_id: str) -> tuple[Board, int]:
    """Return a board and a report's row on it, after waiting for a report just stored. Raises NotFound."""
    raw = id_bytes(report_id)
    if raw is not None:
        board, row = wait_for_row(store, situation, audience, lambda board: board.row_of_id(raw))
        if row is not None:
            return board, row
    raise NotFound("no_report")


def wait_for_row(
    store: Store, situation: Situation, audience: Audience, find: Callable[[Board], int | None]
) -> tuple[Board, int | None]:
    """Return a board and the row that `find` returns for it, on a newer board if the current one lacks it."""
    board = situation.board(audience)
    row = find(board)
    if row is None:  # perhaps a very recent report
        situation.wait(store.events.revision(), CATCH_UP_S)
        board = situation.board(audience)
        row = find(board)
    return board, row


def _tag(views: Views, audience: Audience, board: Board, rows: Rows, now_ms: int) -> str:
    # While no row changes, only the numbers of overdue requests and, in files for staff, of stale reports among these
    # rows do; a selection may be of what is overdue.
    clocks = views.situation.rules.clocks
    overdue = int(np.count_nonzero(board.waiting.overdue(clocks.due, now_ms)))
    tag = f"{audience}-{views.epoch}-{board.changed}-{overdue}"
    if audience is Audience.PUBLIC:
        return tag
    return f"{tag}-{int(np.count_nonzero(board.part(rows).stale(clocks.stale_ms, now_ms)))}"


def _second(board: Board, now_ms: int) -> tuple[int, int]:
    """Return the stamp of an answer, which tells waiting times and ages in seconds."""
    return board.revision, now_ms // 1000


def situation_json(views: Views, now_ms: int, person: Person) -> bytes:
    """Return the numbers as JSON."""
    audience = audience_of(person)
    stamp = _second(views.situation.board(audience), now_ms)
    return views.caches.answers.get(audience, lambda: _encode(situation(views, now_ms, person)), stamp=stamp)


def situation(views: Views, now_ms: int, person: Person) -> dict[str, Any]:
    """Return the numbers as GET /api/v1/situation answers them."""
    audience = audience_of(person)
    versions = views.situation.layers.values()
    layers = [(each.layer, each.loaded_at_ms, each.version, len(each.features)) for each in versions]
    return numbers_json(views, audience, views.situation.board(audience), now_ms, layers)


def numbers_json(
    views: Views,
    audience: Audience,
    board: Board,
    now_ms: int,
    layers: Iterable[tuple[Layer, int, int, int]],
    whole: Board | None = None,
) -> dict[str, Any]:
    """Return the numbers of a live or past board; of each layer the time, number and features of its version."""
    return {
        "made_up": views.made_up,
        **totals_of(views.situation, board, now_ms, audience),
        "by_area": counts.by_area(views.situation, board, now_ms),
        "by_category": counts.by_category(views.situation, audience, board, now_ms, whole=whole),
        "layers": [
            {
                "id": layer.id,
                "role": str(layer.role),
                "age_s": max(0, now_ms - since_ms) // 1000,
                "version": version,
                "features": features,
            }
            for layer, since_ms, version, features in layers
        ],
    }


def symbol_of(record: Record, categories: Mapping[str, Category]) -> Symbol:
    """Return the symbol that the map draws for the record."""
    return symbols.of_report(
        record.category,
        priority=int(record.priority[1]) if record.priority else 0,
        state=record.state or "",
        overdue=bool(record.overdue),
        verification=record.verification or "",
        shapes={name: each.icon for name, each in categories.items()},
    )


def totals(situation: Situation, now_ms: int, audience: Audience) -> dict[str, int]:
    """Return the totals shown at the top of every page."""
    return totals_of(situation, situation.board(audience), now_ms, audience)


def totals_of(situation: Situation, board: Board, now_ms: int, audience: Audience) -> dict[str, int]:
    """Return the totals of a live or past board; staff see also what may need help, and offers."""
    of_need = counts.of_need(board) if audience is Audience.AGENCY else {}
    return counts.totals(situation, board, now_ms) | of_need


def table(
    views: Views,
    now_ms: int,
    audience: Audience,
    selection: Selection,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    taker: Person | None = None,
) -> Table:
    """Return selected reports in order of arrival: all, or one page after the cursor.

    `taker` is the person who exports them; the file then names that person.
    """
    board = views.situation.board(audience)
    after = -1
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > 18:
            raise Invalid("cursor", cursor, "not_our_cursor")
        after = int(cursor)
    if selection == ALL:
        end = board.n if limit is None else min(board.n, after + 2 + max(limit, 0))
        rows = np.arange(after + 1, max(end, after + 1))
    else:
        rows = np.flatnonzero(select_rows(board, selection, views.situation.selection_context(now_ms)))
        rows = rows[rows > after]
    next_cursor, file = None, taker is not None and audience is Audience.AGENCY
    care, label = (NOTICE, taken_by(now_ms, taker)) if file and taker else ("", "")
    if limit is not None:
        check_limit(limit, MAX_PAGE * 100)
        next_cursor = str(rows[limit - 1]) if len(rows) > limit else None
        rows = rows[:limit]
    tag = _tag(views, audience, board, rows, now_ms)
    return Table(views.features, audience, views.made_up, board, rows, now_ms, tag, next_cursor, care, label)


def record_export(
    store: Store, now_ms: int, person: Person, form: str, count: int, audience: Audience = Audience.AGENCY
) -> None:
    """Record an export before it is sent; strangers who read public data are not tracked."""
    if person.may("situation.read_exact"):
        event = EventDraft("export.take", form, person.id, now_ms, {"reports": count, "audience": str(audience)})
        store.events.record(event).result()
