"""Automatic refresh of pages with numbers: check every few seconds, and rerun the page when something changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

EVERY_S = 5
AGES_MS = 30_000  # ages on a page are updated at least this often
_SEEN = "follow-seen"


def follow(moment: Callable[[], Hashable]) -> None:
    """Rerun the page when `moment` returns a different value. Call it last on a page."""
    st.session_state[_SEEN] = moment()

    @st.fragment(run_every=EVERY_S)
    def check() -> None:
        if st.session_state.get(_SEEN) != moment():
            st.rerun()

    check()
