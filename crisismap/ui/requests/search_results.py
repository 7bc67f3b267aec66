"""What a search found, as both search boxes show it: what was corrected, the places, and one of two lists of reports.

The box itself is filled from what is shown, so that both always say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.lists.queue import Queue
from crisismap.services.lists.search import REPORTS, RINGS_M, NearPlace, PlaceHit, SearchResult, near_place
from crisismap.services.runtime.context import audience_of
from crisismap.ui.frame import shell, style
from crisismap.ui.frame.wording import count_phrase, plain
from crisismap.ui.requests import request_list

MAX_PLACES = 4  # drawn above the list, and spellings named in one line
HINT = {
    "code": "Try the whole tracking code.",
    "phone": "Try the whole phone number.",
    "text": "Try one word of the text, the name of a place on the map, or latitude, longitude.",
}
FARTHEST = f"{RINGS_M[-1] / 1000:g} km"
NEAR, WORDS = "near", "words"
_PLACE, _LIST = "found-place", "found-list"


@dataclass(frozen=True, slots=True)
class ShownResults:
    """The list to draw below: its rows, what to say when it is empty, its key, the lines drawn above it.

    `place`: the one around which the rows are; None for rows that say the words.
    """

    queue: Queue
    empty: tuple[str, str]
    list_key: str
    lines: int
    place: PlaceHit | None = None


def fill_box(key: str, query: str) -> None:
    """Make a search box say what is shown; call it before the box is drawn."""
    if st.session_state.get(key, "") != query:
        st.session_state[key] = query


def show(person: Person, results: DispatchResult, moved: Callable[[PlaceHit], None] | None = None) -> ShownResults:
    """Draw all but the list, and return the list. `moved`: is told the place that somebody chooses."""
    found, queue = results.found, _queue_of(person, results.found.rows)
    key, no_match = f"{results.how}/{results.query}", ("No match", "Change the search, or go back.")
    if results.refusal:
        style.notice("error", results.refusal, role="alert")
        return ShownResults(queue, ("Not searched", results.refusal), key, 1)
    if not found.places and not found.rows:
        style.notice("warning", f"No match for “{results.query}”. {HINT[results.how]}")
        return ShownResults(queue, no_match, key, 1)
    if not found.places:
        if results.how == "text":
            _note(words_line(results.query, found))
        return ShownResults(queue, no_match, key, 1)
    place = chosen_place(results)
    lines = _places(results, place, moved)
    near = near_place(shell.context().views, person, place)
    which = _which(results, place, near)
    if which == WORDS:
        _note(words_line(results.query, found))
        return ShownResults(queue, no_match, f"{key}/{WORDS}", lines + 2)
    _note(near_line(place, near))
    empty = ("No unanswered request here", f"Nobody waits for an answer within {FARTHEST}.")
    return ShownResults(near.queue, empty, f"{key}/{place.lon}/{place.lat}", lines + 2, place)


def chosen_place(results: DispatchResult) -> PlaceHit:
    """Return the place that was chosen among those found; the first one to begin with."""
    query, place = st.session_state.get(_PLACE, ("", None))
    return place if query == results.query and place in results.found.places else results.found.places[0]


def words_line(query: str, found: SearchResult) -> str:
    """Return how many reports say the words, and which words others say instead."""
    nearly = len(found.rows) - found.written
    said = f"{_count(found.written)} {'says' if found.written == 1 else 'say'} it, newest first"
    instead = ", ".join(f"“{word}”" for word in found.words[:MAX_PLACES])
    if not nearly:
        return said
    if not found.written:
        return f"No report says “{query}”; {_count(nearly)} {'says' if nearly == 1 else 'say'} {instead}"
    return f"{said}; after them {_count(nearly)} with {instead} instead"


def near_line(place: PlaceHit, near: NearPlace) -> str:
    """Return how many requests are in and around a place, and in which order they stand."""
    total = len(near.queue.rows)
    order = "the nearer first, and the most urgent first at about the same distance"
    if near.inside and place.box is not None:
        inside = count_phrase(near.inside, "unanswered request")
        return f"{inside} in {place.name}, then {total - near.inside} within {FARTHEST}: {order}"
    return f"{count_phrase(total, 'unanswered request')} within {FARTHEST} of {place.name}: {order}"


def _places(results: DispatchResult, place: PlaceHit, moved: Callable[[PlaceHit], None] | None) -> int:
    """Draw the places that were found and return the number of lines."""
    places, lines = results.found.places, 0
    if places[0].how != "written":
        lines += 1
        _note(f"Nothing is called “{results.query}”; nearest names:")
    if len(places) == 1 and moved is None and not lines:
        return 0  # there is nothing to choose, and the line above the list names it
    with st.container(key="spots", gap=None):
        for number, each in enumerate(places[:MAX_PLACES]):
            guess = " · nearest name" if each.how != "written" and not lines else ""
            label = f"**{plain(each.name)}** · {plain(each.about)}{guess}"
            st.button(
                f":material/location_on: {label}" if each == place else label,
                key=f"spot-{number}",
                width="stretch",
                type="tertiary",
                on_click=partial(_choose, results.query, each, moved),
            )
    if len(places) > MAX_PLACES:
        _note("More names match: type more of the name to see them.")
        lines += 1
    return lines + min(len(places), MAX_PLACES)


def _which(results: DispatchResult, place: PlaceHit, near: NearPlace) -> str:
    """Let the person choose between the requests near the place and the reports with the words."""
    if not results.found.rows:
        return NEAR
    labels = {
        NEAR: f"Near {plain(place.name)} · {len(near.queue.rows)}",
        WORDS: f"Reports that say it · {_number(len(results.found.rows))}",
    }
    first = NEAR if results.found.place_first else WORDS
    key = f"{_LIST}/{results.query}"
    if st.session_state.get(_LIST) != key:
        st.session_state[_LIST], st.session_state[key] = key, first
    chosen = st.segmented_control(
        "Show", list(labels), key=key, format_func=labels.__getitem__, label_visibility="collapsed", width="stretch"
    )
    return chosen or first


def _choose(query: str, place: PlaceHit, moved: Callable[[PlaceHit], None] | None) -> None:
    st.session_state[_PLACE] = (query, place)
    if (key := st.session_state.get(_LIST)) is not None:
        st.session_state[key] = NEAR
    if moved is not None:
        moved(place)


def _queue_of(person: Person, rows: tuple[int, ...]) -> Queue:
    return request_list.queue_of(shell.context().views.situation.board(audience_of(person)), rows)


def _note(text: str) -> None:
    st.html(f'<p class="cm-soft" role="status">{escape(text)}</p>')


def _count(reports: int) -> str:
    return count_phrase(reports, "report") if reports < REPORTS else f"the newest {reports} reports"


def _number(reports: int) -> str:
    return f"{reports}" if reports < REPORTS else f"{reports}+"
