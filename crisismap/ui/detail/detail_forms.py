"""What can be done to a report beside claim and answer: a row of buttons, and the form of the one that was chosen.

Only the chosen form is made. It stays open, with what was typed, when a change is refused.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import Person
from crisismap.core.report.request import UNANSWERED
from crisismap.core.verb import JoinBody, Section, Verb
from crisismap.problems import sentence
from crisismap.services.desk.dispatch_search import by_code
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.ui.detail import similar, verb_fields
from crisismap.ui.detail.detail_facts import brief
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import plain
from crisismap.ui.requests import acting

BY_CODE = ""
REASONS = 3
_OPEN = "detail-form"


def buttons(found: ReportDetail, section: Section) -> None:
    """The verbs of a section that the person has and that make sense now."""
    verbs = [verb for verb in found.offered.values() if verb.section == section and not _is_elsewhere(verb, found)]
    if not verbs:
        return
    id_, seen = found.record.id, found.version
    with st.container(horizontal=True, key=f"act-{section}", gap="small"):
        for verb in verbs:
            label, key = verb.labels.button, f"do-{verb.name}"
            if verb.body.required():
                st.button(f"{label} …", key=key, on_click=_begin, args=(id_, verb.name))
            else:
                st.button(label, key=key, on_click=acting.press, args=(id_, seen, verb.name))


def form(person: Person, found: ReportDetail, section: Section) -> None:
    """The form of the section that is open for this report, if any."""
    of, name = st.session_state.get(_OPEN, ("", ""))
    verb = found.offered.get(name)
    if of != found.record.id or verb is None or verb.section != section:
        return
    with st.container(border=True, key="act-form", gap="small"):
        if verb.body is JoinBody:
            done = _join(person, found, verb)
        else:
            with st.form(f"form-{name}-{of}", border=False):
                body = verb_fields.fields(verb, f"form-{name}-{of}", found.record)
                done = st.form_submit_button(verb.labels.save) and acting.act(of, found.version, name, body)
        st.button("Cancel", key="form-cancel", type="tertiary", on_click=end)
        if not done:
            refusal()
    if done:
        end()
        st.rerun()


def end() -> None:
    """Close it."""
    st.session_state.pop(_OPEN, None)


def refusal() -> None:
    """What a refused change was answered, beside the form that keeps what was typed."""
    said = acting.take_message()
    if said is not None:
        st.html(f'<div class="cm-notice {said[0]}" role="alert">{escape(said[1])}</div>')


def _is_elsewhere(verb: Verb, found: ReportDetail) -> bool:
    """Whether another part of the page has the button, or one that says the same of a joined request."""
    if verb.name == "reopen":
        return "separate" in found.offered
    return verb.name == "reconfirm" and bool(found.record.stale)


def _join(person: Person, found: ReportDetail, verb: Verb) -> bool:
    context = shell.context()
    suggested = similar.suggestions(
        context.store, context.views, context.rules, context.clock(), person, found.record.id
    )
    close = {each.id: each for each in suggested if each.record.state in UNANSWERED}
    now_ms = context.clock()

    def told(id_: str) -> str:
        if id_ == BY_CODE:
            return "Another one, by its tracking code"
        each = close[id_]
        return plain(f"{', '.join(each.reasons[:REASONS])}: {brief(each.record, now_ms)}")

    to = st.radio("Which one asks for the same?", [*close, BY_CODE], format_func=told, key=_key(found, "to"))
    code = st.text_input("Tracking code", key=_key(found, "code")) if to == BY_CODE else ""
    if not st.button("Join to it", type="primary", key="join-save"):
        return False
    try:
        other = to or by_code(context.store, context.views.situation, person, code)
    except CrisismapError as problem:
        acting.keep_message("error", sentence(problem))
        return False
    return acting.act(found.record.id, found.version, verb.name, JoinBody(other))


def _begin(report_id: str, name: str) -> None:
    st.session_state[_OPEN] = (report_id, name)


def _key(found: ReportDetail, name: str) -> str:
    return f"form-{name}-{found.record.id}"
