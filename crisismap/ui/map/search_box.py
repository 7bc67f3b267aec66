"""The search box of the map, and what to do with what it finds."""

from __future__ import annotations

import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.core.people.person import Person
from crisismap.problems import sentence
from crisismap.services.lists.search import SearchResult, search
from crisismap.situation.situation import Situation
from crisismap.ui.frame import side_panel
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.requests import acting

KEY = "search"


def show() -> None:
    """The box; an entered query is dealt with before the page is drawn."""
    st.text_input(
        "Search",
        key=KEY,
        placeholder="Search words, places, 13.08, 80.27",
        label_visibility="collapsed",
        on_change=_entered,
    )


def entered_query() -> str | None:
    """The query that was just entered, once; "" when the box was emptied."""
    query: str | None = st.session_state.pop(f"{KEY}-new", None)
    return query


def find(situation: Situation, person: Person, page: str, query: str) -> SearchResult:
    """Open what was found beside the map; an emptied box closes it."""
    side_panel.clear(page)
    if not query.strip():
        return SearchResult()
    try:
        found = search(situation, person, query)
    except Invalid as problem:
        acting.keep_message("error", sentence(problem))
        return SearchResult()
    if not found.spots and not found.rows:
        acting.keep_message(
            "warning",
            f"Nothing found for “{query.strip()}”. Try one word of the text, a place of a loaded layer, "
            "or latitude, longitude.",
        )
        return found
    side_panel.push(page, Pane("rows", title=f"Found for “{query.strip()}”", rows=found.rows, spots=found.spots))
    return found


def _entered() -> None:
    st.session_state[f"{KEY}-new"] = st.session_state[KEY]
