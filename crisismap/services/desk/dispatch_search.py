"""The dispatcher's search by tracking code, caller's telephone number, text, name of a place or coordinates.

A number is compared by the keyed fingerprint stored with each report: no contact details are opened, and the logged
event does not contain the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.fingerprint import sender_of
from crisismap.core.people.identity import read_code
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.report import Contact
from crisismap.core.text.storable import check_length
from crisismap.services.lists.search import MAX_QUERY, SearchResult, search
from crisismap.services.reporter.tracking import id_of_code
from crisismap.services.runtime.context import audience_of, require
from crisismap.services.runtime.views import Views
from crisismap.situation.board.board import Board
from crisismap.situation.situation import Situation

MOST = 200
MIN_DIGITS = 7
_PHONE = re.compile(r"\+?[\d\s()/-]+")


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """The query, how it was understood, and what was found on the person's board."""

    query: str
    how: Literal["code", "phone", "text"]
    found: SearchResult
    refusal: str = ""  # why nothing was searched, as a sentence

    @property
    def rows(self) -> tuple[int, ...]:
        """Return the rows of matching reports, most likely first."""
        return self.found.rows


def search_dispatch(
    store: Store, views: Views, payload_hash: bytes, now_ms: int, person: Person, query: str
) -> DispatchResult:
    """Return all matches. Raises Invalid for a query too long, Forbidden for a number without the verb."""
    query = " ".join(query.split())
    check_length("search", query, MAX_QUERY)
    board = views.situation.board(audience_of(person))
    number = read_code(query)
    row = board.row_of_code(number) if number is not None and audience_of(person) is Audience.AGENCY else None
    if row is not None:
        return DispatchResult(query, "code", _all_written(board, (row,)))
    if is_phone(query):
        rows = _sent_by(store, payload_hash, now_ms, person, board, query)
        return DispatchResult(query, "phone", _all_written(board, rows))
    return DispatchResult(query, "text", search(views, person, query))


def by_code(store: Store, situation: Situation, person: Person, code: str) -> str:
    """Return the report id of a tracking code. Raises Invalid if it is not a code, NotFound."""
    require(person, "request.join")
    if read_code(code) is None:
        raise Invalid("code", code, "not_a_tracking_code")
    return id_of_code(store, situation, code)


def is_phone(query: str) -> bool:
    """Return whether it is a telephone number: digits of any script and common separators."""
    return _PHONE.fullmatch(query) is not None and sum(c.isdecimal() for c in query) >= MIN_DIGITS


def _all_written(board: Board, rows: tuple[int, ...]) -> SearchResult:
    return SearchResult((), rows, board.revision, len(rows))


def _sent_by(
    store: Store, payload_hash: bytes, now_ms: int, person: Person, board: Board, phone: str
) -> tuple[int, ...]:
    require(person, "contact.find")
    fingerprint = sender_of(payload_hash, Contact(phone=phone), "", "").contact
    seqs = store.reports.sent_by(fingerprint, MOST) if fingerprint is not None else []
    column: np.ndarray[tuple[int], np.dtype[np.int64]] = board["seq"]
    rows = [int(at) for seq in seqs if (at := int(np.searchsorted(column, seq))) < board.n and column[at] == seq]
    event = EventDraft("contact.find", "", person.id, now_ms, {"found": len(rows)})
    store.events.record(event).result()
    return tuple(rows)
