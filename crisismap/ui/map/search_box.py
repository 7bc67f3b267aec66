"""The search box of the map, and the handling of its results."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.services.lists.search import PlaceHit, search
from crisismap.situation.situation import Situation
from crisismap.ui.frame import side_panel
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.requests import acting

KEY = "search"


def show() -> None:
    """Draw the box; an entered query is handled before the page is drawn."""
    st.text_input(
        "Search",
        key=KEY,
        placeholder="Search text, places or 13.08, 80.27",
        label_visibility="collapsed",
        on_change=_store_query,
    )


def entered_query() -> str | None:
    """Return the query that was just entered, once; "" when the box was cleared."""
    query: str | None = st.session_state.pop(f"{KEY}-new", None)
    return query


def find(situation: Situation, person: Person, page: str, query: str) -> Sequence[PlaceHit]:
    """Open the results beside the map and return the places among them; an empty query closes them."""
    side_panel.clear(page)
    if not query.strip():
        return ()
    with acting.refusal_message():
        results = search(situation, person, query)
        if results.places or results.rows:
            title = f"Results for “{query.strip()}”"
            side_panel.push(page, Pane("rows", title=title, rows=results.rows, spots=results.places))
            return results.places
        acting.keep_message(
            "warning",
            f"No match for “{query.strip()}”. Try one word of the text, a place name of a loaded layer, "
            "or latitude, longitude.",
        )
    return ()


def _store_query() -> None:
    st.session_state[f"{KEY}-new"] = st.session_state[KEY]
