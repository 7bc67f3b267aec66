"""What the parts of the admin page share: doing something, one sentence after, and a secret that is shown once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence
from crisismap.ui.frame import stylesheet

_SAID = "admin-said"


def attempt(doing: Callable[[], str | None], done: str) -> None:
    """Do it and run the page again; `doing` may give a secret, which is shown once beside what was done."""
    try:
        secret = doing()
    except CrisismapError as problem:
        st.session_state[_SAID] = (sentence(problem), None, True)
    else:
        st.session_state[_SAID] = (done, secret, False)
    st.rerun()


def show_outcome() -> None:
    """The sentence of what was done last, once."""
    told: tuple[str, str | None, bool] | None = st.session_state.pop(_SAID, None)
    if told is None:
        return
    sentence, secret, bad = told
    stylesheet.error(sentence) if bad else stylesheet.finding(sentence)
    if secret is not None:
        st.code(secret, language=None, wrap_lines=True)
        stylesheet.note("It is shown this once. Hand it to that person only.")
