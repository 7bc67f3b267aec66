"""Whether the public reads the words of a report: how it stands, why a person is asked, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.services.requests import moderation
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.services.runtime.context import Context
from crisismap.ui.requests import acting

WHY = {
    "changed": "They are not the words that were decided about: look again.",
    "asks": "It asks for help: its words may tell who or where somebody is. The map shows only a cell.",
    "hide_place": "Its sender wants the place hidden: the words may name it.",
    "numbers": "They hold a number that could find somebody.",
    "dangerous": "It says what harms when it is wrong. Verify it first, then clear the words.",
    "flagged": "The public reads them now, and something about the report warns: see “Mind” below.",
    "disputed": "The public reads them now, and the report is disputed.",
}
_OPEN = "detail-words"


def show(context: Context, person: Person, found: ReportDetail) -> None:
    """The section with its buttons, for those who may decide and where there is something to be decided."""
    current = found.current
    if current is None or not person.may("report.clear"):
        return
    told = moderation.told(context, current)
    if not (told["why"] or told["published"] or told["decision"]):
        return  # its sender lets nothing be shown, or nothing that a person could let through
    lines = "".join(f"<li>{escape(line)}</li>" for line in _lines(told))
    st.html(f'<div class="cm-section"><h4>Words for the public</h4><ul>{lines}</ul></div>')
    id_, seen = current.report.id, found.version
    with st.container(horizontal=True, key="act-words", gap="small"):
        if not current.cleared and "dangerous" not in told["why"]:
            st.button("Clear the words", key="words-clear", on_click=acting.clear, args=(id_, seen))
        if not (current.withheld and current.decided):
            st.button("Keep them back …", key="words-withhold", on_click=_begin, args=(id_,))
        if told["decision"]:
            st.button("Take back", key="words-back", on_click=acting.reconsider, args=(id_, seen))
    if st.session_state.get(_OPEN) == id_:
        _form(id_, seen)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield "The public reads them." if told["published"] else "The public does not read them."
    if told["decision"]:
        yield f"{told['decision'].capitalize()} by {told['decided_by']}"
    if told["reason"]:
        yield f"Why: {told['reason']}"
    yield from (WHY[each] for each in told["why"])


def _form(report_id: str, version: int) -> None:
    with st.container(border=True, key="words-form", gap="small"):
        with st.form(f"form-words-{report_id}", border=False):
            reason = st.text_input("Why should the public not read it? The reporter can see this.", max_chars=2000)
            done = st.form_submit_button("Keep them back") and acting.withhold(report_id, version, reason)
        st.button("Cancel", key="words-cancel", type="tertiary", on_click=_end)
        if not done:
            said = acting.said()
            if said is not None:
                st.html(f'<div class="cm-notice {said[0]}" role="alert">{escape(said[1])}</div>')
    if done:
        _end()
        st.rerun()


def _begin(report_id: str) -> None:
    st.session_state[_OPEN] = report_id


def _end() -> None:
    st.session_state.pop(_OPEN, None)
