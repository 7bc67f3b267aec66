"""Whether the public reads the words of a report: how it stands, why a person is asked, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import streamlit as st

from crisismap.core.moderation import MAX_REASON
from crisismap.core.verb import ReasonBody, Verb
from crisismap.services import moderation
from crisismap.services.context import Context
from crisismap.services.story import Story
from crisismap.ui.components import acting, detail_forms

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


def show(context: Context, found: Story) -> None:
    """The section with its buttons, for those who may decide and where there is something to be decided."""
    current, can = found.current, [verb for verb in found.offered.values() if verb.section == "text"]
    if current is None or not can:
        return
    told = moderation.told(context, current)
    if not (told["why"] or told["published"] or told["decision"]):
        return  # its sender lets nothing be shown, or nothing that a person could let through
    lines = "".join(f"<li>{escape(line)}</li>" for line in _lines(told))
    st.html(f'<div class="cm-section"><h4>Words for the public</h4><ul>{lines}</ul></div>')
    id_, seen = current.report.id, found.version
    with st.container(horizontal=True, key="act-words", gap="small"):
        for verb in can:
            label, key = verb.labels.button, f"words-{verb.name}"
            if verb.body.required():
                st.button(f"{label} …", key=key, on_click=_begin, args=(id_, verb.name))
            else:
                st.button(label, key=key, on_click=acting.press, args=(id_, seen, verb.name))
    of, name = st.session_state.get(_OPEN, ("", ""))
    if of == id_ and name in found.offered:
        _form(id_, seen, found.offered[name])


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield "The public reads them." if told["published"] else "The public does not read them."
    if told["decision"]:
        yield f"{told['decision'].capitalize()} by {told['decided_by']}"
    if told["reason"]:
        yield f"Why: {told['reason']}"
    yield from (WHY[each] for each in told["why"])


def _form(report_id: str, version: int, verb: Verb) -> None:
    with st.container(border=True, key="words-form", gap="small"):
        with st.form(f"form-words-{report_id}", border=False):
            reason = st.text_input(verb.labels.ask, max_chars=MAX_REASON)
            done = st.form_submit_button(verb.labels.save) and acting.act(
                report_id, version, verb.name, ReasonBody(reason)
            )
        st.button("Cancel", key="words-cancel", type="tertiary", on_click=_end)
        if not done:
            detail_forms.refusal()
    if done:
        _end()
        st.rerun()


def _begin(report_id: str, name: str) -> None:
    st.session_state[_OPEN] = (report_id, name)


def _end() -> None:
    st.session_state.pop(_OPEN, None)
