"""The dispatchers' search by tracking code, phone number, text or place; the results replace the queue."""

from __future__ import annotations

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence
from crisismap.services.desk.dispatch_search import DispatchResult, search_dispatch
from crisismap.services.lists.search import SearchResult
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import search_results

KEY = "find"
_RESULTS = "find-found"
SEARCH_LABELS = {
    "code": "by tracking code",
    "phone": "by phone number (this search is logged)",
    "text": "by text and place",
}


def show() -> None:
    """Draw the search box with the query whose results are shown."""
    results = current()
    search_results.fill_box(KEY, results.query if results else "")
    st.text_input(
        "Find",
        key=KEY,
        placeholder="Code, phone, text or place",
        label_visibility="collapsed",
        on_change=_search,
        width=220,
    )


def current() -> DispatchResult | None:
    """Return the results that replace the queue now, if any."""
    results = st.session_state.get(_RESULTS)
    return results if isinstance(results, DispatchResult) else None


def title(results: DispatchResult) -> str:
    """Return the query, how it was searched, and the number of results by code or number."""
    text = f"Results for “{results.query}” {SEARCH_LABELS[results.how]}"
    return text if results.how == "text" else f"{text}: {count_phrase(len(results.rows), 'report')}"


def clear() -> None:
    """Clear the search and return to the queue."""
    st.session_state.pop(_RESULTS, None)


def _search() -> None:
    query = " ".join(st.session_state[KEY].split())
    clear()
    if not query:
        return
    context, person = shell.context(), shell.person()
    try:
        results = search_dispatch(
            context.store, context.views, context.keys.payload_hash, context.clock(), person, query
        )
    except CrisismapError as problem:
        results = DispatchResult(query, "text", SearchResult(), sentence(problem))
    st.session_state[_RESULTS] = results
