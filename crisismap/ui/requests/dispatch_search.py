"""The dispatchers' search: a tracking code, a telephone number or words; what is found stands where the queue was."""

from __future__ import annotations

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence
from crisismap.services.desk.dispatch_search import DispatchResult, search_dispatch
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import acting

KEY = "find"
_FOUND = "find-found"
HOW = {"code": "by tracking code", "phone": "by telephone number (this look is logged)", "words": "by words"}


def show() -> None:
    """The box."""
    st.text_input(
        "Find", key=KEY, placeholder="Code, phone or words", label_visibility="collapsed", on_change=_entered, width=210
    )


def search_results() -> DispatchResult | None:
    """What stands in place of the queue now."""
    kept = st.session_state.get(_FOUND)
    return kept if isinstance(kept, DispatchResult) else None


def title(finding: DispatchResult) -> str:
    """What was looked for and how many there are."""
    return f"Found for “{finding.query}” {HOW[finding.how]}: {count_phrase(len(finding.rows), 'report')}"


def clear() -> None:
    """Back to the queue."""
    st.session_state.pop(_FOUND, None)
    st.session_state[KEY] = ""


def _entered() -> None:
    query = st.session_state[KEY]
    st.session_state.pop(_FOUND, None)
    if not query.strip():
        return
    try:
        finding = search_dispatch(
            shell.context().store,
            shell.context().views.situation,
            shell.context().keys.payload_hash,
            shell.context().clock(),
            shell.person(),
            query,
        )
    except CrisismapError as problem:
        acting.keep_message("error", sentence(problem))
        return
    st.session_state[_FOUND] = finding
