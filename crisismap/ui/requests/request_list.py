"""The list of requests: a custom component that draws only the rows in view, however long the list is.

A list of Streamlit widgets costs a widget per button and row. This component is one widget and receives one window of
cards around the scroll position. Texts travel as data and are never read as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import msgspec
import numpy as np
import streamlit as st

from crisismap.core.text import symbols
from crisismap.core.verb import TriageBody
from crisismap.services.lists.queue import Queue
from crisismap.services.requests.skills import fitting_of
from crisismap.services.runtime.caches import IdentityKey
from crisismap.situation.board.board import Board
from crisismap.ui.frame import custom_component, shell
from crisismap.ui.frame.wording import number
from crisismap.ui.requests import ordering
from crisismap.ui.requests.card import card, list_symbol

# One key each decides about a report in which somebody may need help.
DECISION_KEYS = {
    **{str(level): TriageBody("asks", f"P{level}") for level in (1, 2, 3)},
    "0": TriageBody("information"),
}
AGES_MS = 10_000  # ages in a list may lag by so much
BEFORE, WINDOW = 12, 48  # cards sent above the first one in view, and in all


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list shows. `height` is CSS; a changed `list_key` marks another list, which starts at its top."""

    queue: Queue
    height: str
    empty: tuple[str, str]
    list_key: str = ""
    open_id: str = ""
    claims: bool = False
    beside_map: bool = False
    shows_text: bool = True  # whether this audience may read the text of requests
    abilities: frozenset[str] = frozenset()  # of the person: matching requests are marked
    picks: int | None = None  # a higher number clears the selection; None: rows cannot be selected
    decides: bool = False  # whether somebody may need help in every row, so that each has the keys that decide
    returns: tuple[str, int] = ("", 0)  # the row that was opened last gets the focus back, once for each number


@dataclass(frozen=True, slots=True)
class Click:
    """A click: `open`, `claim` or `triage` a report, with the version that the person saw."""

    verb: str
    id: str
    version: int | None = None
    body: TriageBody | None = None


def queue_of(board: Board, rows: Sequence[int]) -> Queue:
    """Return a list of these rows, without those that the board no longer has."""
    row_numbers = np.array(rows, np.int64)
    return Queue(board, row_numbers[row_numbers < board.n])


def show(options: ListOptions, *, key: str, dark: bool = False) -> Click | None:
    """Draw the list and return the click since the last run, once."""
    at = _first_row(st.session_state.get(key), f"{key}-at", options.list_key)
    data = payload(options, at, name=key, dark=dark)

    def sort() -> None:
        ordering.use(ordering.current().by(st.session_state[key].get("sort")))

    answer = custom_component.draw(
        __file__, "at", "open", "claim", "triage", "picked", key=key, data=data, on_sort_change=sort
    )
    return click(answer.get("open"), answer.get("claim"), answer.get("triage"))


def payload(options: ListOptions, at: int, *, name: str = "", dark: bool = False) -> bytes:
    """Return what the browser receives, as JSON: one window of cards, and each symbol in it once."""
    context = shell.context()
    board, rows = options.queue.board, options.queue.rows
    start = max(0, min(at, len(rows) - 1) - BEFORE)
    return msgspec.json.encode(
        {
            "stamp": f"{options.list_key}/{board.revision}",
            "name": name,
            "fresh": options.list_key,
            "total": len(rows),
            "groups": _groups(options.queue),
            "sorted": ordering.current().column,
            "start": start,
            **_window(options.queue, start, dark=dark, staff=options.shows_text, skills=bool(options.abilities)),
            "abilities": {each: context.rules.matching.abilities[each] for each in sorted(options.abilities)},
            "chosen": options.open_id,
            "claims": options.claims,
            "decides": options.decides,
            "returns": options.returns,
            "picks": options.picks,
            "words": options.shows_text,
            "map": options.beside_map,
            "height": options.height,
            "empty": options.empty,
        }
    )


def _groups(queue: Queue) -> list[tuple[int, str]]:
    """Return where each group of the list begins, with its heading; none where it is not told who has what."""
    if queue.unclaimed is None or not len(queue.rows):
        return []
    claimed = len(queue.rows) - queue.unclaimed
    groups = [(0, f"Nobody has it yet: {number(queue.unclaimed)}"), (queue.unclaimed, f"Claimed: {number(claimed)}")]
    return [group for group, count in zip(groups, (queue.unclaimed, claimed), strict=True) if count]


def _window(queue: Queue, start: int, *, dark: bool, staff: bool, skills: bool) -> dict[str, msgspec.Raw]:
    """Return cards and symbols, encoded once for all desks that show the same part of the same list."""
    context = shell.context()
    now_ms = context.clock()

    def make() -> dict[str, msgspec.Raw]:
        rows = queue.rows[start : start + WINDOW]
        records = context.views.features.records(queue.board, rows, context.clock())
        categories = context.rules.categories
        shown = queue.lanes[start : start + WINDOW].tolist() if staff and queue.lanes is not None else ()
        cards = [card(record, categories, now_ms, lane) for record, lane in zip_longest(records, shown)]
        if skills:
            needs = fitting_of(context.store, context.rules, queue.board["seq"][rows].tolist())
            cards = [each | {"needs": needs.get(each["id"], [])} for each in cards]
        drawings = {each.key: _drawing(each, dark) for each in (list_symbol(each, categories) for each in records)}
        parts = {"cards": cards, "symbols": drawings}
        return {name: msgspec.Raw(msgspec.json.encode(part)) for name, part in parts.items()}

    return context.views.caches.list_pages.get(
        (IdentityKey(queue), start, dark, staff, skills), make, stamp=now_ms // AGES_MS
    )


def click(open_value: object, claim_value: object, triage_value: object = None) -> Click | None:
    """Return the click in what a browser sent; None for none and for data of another form."""
    if isinstance(open_value, str):
        return Click("open", open_value)
    if isinstance(claim_value, dict):
        id_, version = claim_value.get("id"), claim_value.get("version")
        if isinstance(id_, str) and isinstance(version, int) and not isinstance(version, bool):
            return Click("claim", id_, version)
    if isinstance(triage_value, dict):
        id_, version, key = (triage_value.get(name) for name in ("id", "version", "key"))
        if isinstance(id_, str) and isinstance(version, int) and key in DECISION_KEYS:
            return Click("triage", id_, version, DECISION_KEYS[key])
    return None


def selected_ids(key: str, picks: int) -> list[str]:
    """Return the ids selected in the list with that key, in order of selection, if they belong to this count."""
    state = st.session_state.get(key)
    value = state.get("picked") if state else None
    if not isinstance(value, dict) or value.get("of") != picks or not isinstance(value.get("ids"), list):
        return []
    return [each for each in value["ids"] if isinstance(each, str)]


def _first_row(state: Any, key: str, list_key: str) -> int:
    """Return the first row in view. Streamlit drops the state of a list that is off the page, so it is stored here."""
    place = state.get("at") if state else None
    if isinstance(place, dict) and place.get("fresh") == list_key and type(place.get("at")) is int and place["at"] >= 0:
        st.session_state[key] = (list_key, place["at"])
    stored_key, at = st.session_state.get(key, ("", 0))
    return int(at) if stored_key == list_key else 0


@cache
def _drawing(symbol: symbols.Symbol, dark: bool) -> str:
    return symbols.svg(symbol, size=26, dark=dark)
