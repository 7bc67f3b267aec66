"""The search box of the map, and the handling of its results."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import Person
from crisismap.problems import sentence
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.lists.search import PlaceHit, SearchResult, search
from crisismap.services.runtime.views import Views
from crisismap.ui.frame import side_panel
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.requests import search_results

KEY = "search"


def show(page: str) -> None:
    """Draw the box with the query whose results are shown; an entered query is handled before the page is drawn."""
    search_results.fill_box(KEY, side_panel.query(page))
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


def find(views: Views, person: Person, page: str, query: str) -> Sequence[PlaceHit]:
    """Open the results beside the map and return the places among them; an empty query closes them.

    What was not found, and why a query was refused, stays there as well, until the box changes.
    """
    side_panel.clear(page)
    query = " ".join(query.split())
    if not query:
        return ()
    try:
        results = DispatchResult(query, "text", search(views, person, query))
    except CrisismapError as problem:
        results = DispatchResult(query, "text", SearchResult(), sentence(problem))
    side_panel.push(page, Pane("search", search=results))
    return results.found.places if results.found.place_first else ()


def _store_query() -> None:
    st.session_state[f"{KEY}-new"] = st.session_state[KEY]
