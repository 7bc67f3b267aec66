"""Following the situation on pages that show numbers: look every few seconds, run the page again when it has moved."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

EVERY_S = 5
AGES_MS = 30_000  # ages on a page are brought up to date at least so often
_SEEN = "follow-seen"


def follow(moment: Callable[[], Hashable]) -> None:
    """Call last on a page: `moment` names what the page was made of; when it gives something else, the page runs."""
    st.session_state[_SEEN] = moment()

    @st.fragment(run_every=EVERY_S)
    def look() -> None:
        if st.session_state.get(_SEEN) != moment():
            st.rerun()

    look()
