"""What the sections of the Admin page share: an action, the message about it, and a secret that is shown once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence
from crisismap.ui.frame import stylesheet

_OUTCOME = "admin-said"


def attempt(action: Callable[[], object], message: str, *, secret: bool = False) -> None:
    """Run `action` and rerun the page; a `secret` that it returns is shown once below the message."""
    try:
        answer = action()
    except CrisismapError as problem:
        st.session_state[_OUTCOME] = (sentence(problem), None, True)
    else:
        st.session_state[_OUTCOME] = (message, str(answer) if secret else None, False)
    st.rerun()


def show_outcome() -> None:
    """Show the message about the last action, once."""
    outcome: tuple[str, str | None, bool] | None = st.session_state.pop(_OUTCOME, None)
    if outcome is None:
        return
    sentence, secret, is_error = outcome
    stylesheet.error(sentence) if is_error else stylesheet.finding(sentence)
    if secret is not None:
        st.code(secret, language=None, wrap_lines=True)
        stylesheet.note("Copy it now: it is shown only once. Give it to that person only.")
