"""The dispatchers' search by tracking code, phone number or text; the results replace the queue."""

from __future__ import annotations

import streamlit as st

from crisismap.services.desk.dispatch_search import DispatchResult, search_dispatch
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import acting

KEY = "find"
_RESULTS = "find-found"
SEARCH_LABELS = {"code": "by tracking code", "phone": "by phone number (this search is logged)", "text": "by text"}


def show() -> None:
    """Draw the search box."""
    st.text_input(
        "Find", key=KEY, placeholder="Code, phone or text", label_visibility="collapsed", on_change=_search, width=180
    )


def search_results() -> DispatchResult | None:
    """Return the results that replace the queue now, if any."""
    results = st.session_state.get(_RESULTS)
    return results if isinstance(results, DispatchResult) else None


def title(results: DispatchResult) -> str:
    """Return the query, how it was searched and the number of results."""
    return f"Results for “{results.query}” {SEARCH_LABELS[results.how]}: {count_phrase(len(results.rows), 'report')}"


def clear() -> None:
    """Clear the search and return to the queue."""
    st.session_state.pop(_RESULTS, None)
    st.session_state[KEY] = ""


def _search() -> None:
    query = st.session_state[KEY]
    st.session_state.pop(_RESULTS, None)
    if not query.strip():
        return
    context, person = shell.context(), shell.person()
    situation, key = context.views.situation, context.keys.payload_hash
    with acting.refusal_message():
        st.session_state[_RESULTS] = search_dispatch(context.store, situation, key, context.clock(), person, query)
