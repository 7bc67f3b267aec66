"""The actions on a report beside claim and answer: a row of buttons, and the form of the selected action.

Only the selected form is drawn. It stays open, with its entries, when a change is refused.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.report.request import UNANSWERED
from crisismap.core.verb import JoinBody, Section, Verb
from crisismap.services.desk.dispatch_search import by_code
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.ui.detail import similar, verb_fields
from crisismap.ui.detail.detail_facts import brief
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import plain
from crisismap.ui.requests import acting

BY_CODE, NONE = "", "none"
_OPEN = "detail-form"


def buttons(detail: ReportDetail, section: Section) -> None:
    """Draw a button for each verb of a section that is offered to this person now."""
    verbs = [verb for verb in detail.offered.values() if verb.section == section and not _is_elsewhere(verb, detail)]
    if not verbs:
        return
    id_, version = detail.record.id, detail.version
    with st.container(horizontal=True, key=f"act-{section}", gap="small"):
        for verb in verbs:
            label, key = verb.labels.button, f"do-{verb.name}"
            if verb.body.required():
                st.button(f"{label} …", key=key, on_click=_open_form, args=(id_, verb.name))
            else:
                st.button(label, key=key, on_click=acting.press, args=(id_, version, verb.name))


def form(person: Person, detail: ReportDetail, section: Section) -> None:
    """Draw the form of the section that is open for this report, if any."""
    report_id, name = st.session_state.get(_OPEN, ("", ""))
    verb = detail.offered.get(name)
    if report_id != detail.record.id or verb is None or verb.section != section:
        return
    with st.container(border=True, key="act-form", gap="small"):
        if verb.body is JoinBody:
            done = _join(person, detail, verb)
        else:
            with st.form(f"form-{name}-{report_id}", border=False):
                body = verb_fields.fields(verb, f"form-{name}-{report_id}", detail.record)
                done = st.form_submit_button(verb.labels.save) and acting.act(report_id, detail.version, name, body)
        st.button("Cancel", key="form-cancel", type="tertiary", on_click=end)
        if not done:
            acting.show_message(report_id, role="alert")
    if done:
        end()
        st.rerun()


def end() -> None:
    """Close the form."""
    st.session_state.pop(_OPEN, None)


def _is_elsewhere(verb: Verb, detail: ReportDetail) -> bool:
    """Return whether another part of the page already has this button or an equivalent one."""
    if verb.name == "reopen":
        return "separate" in detail.offered
    return verb.name == "reconfirm" and bool(detail.record.stale)


def _join(person: Person, detail: ReportDetail, verb: Verb) -> bool:
    context = shell.context()
    suggestions = similar.suggestions(person, detail.record.id)
    labels = {
        each.id: " · ".join((similar.how_likely(each), *similar.differences(each), brief(each.record, context.clock())))
        for each in suggestions
        if each.record.state in UNANSWERED
    }
    # Whoever chose among options that read alike would guess; those can be opened, or joined by their code.
    alike = Counter(labels.values())
    labels = {id_: plain(label) for id_, label in labels.items() if alike[label] == 1}
    labels[BY_CODE] = "Another request, by its tracking code"
    labels[NONE] = "None of these"
    # No request is chosen to begin with, or a press too many would join strangers.
    target = st.radio(
        "Which request asks for the same thing?",
        list(labels),
        index=None if suggestions else 0,
        format_func=labels.__getitem__,
        key=_key(detail, "to"),
    )
    if target == NONE:
        return True
    code = st.text_input("Tracking code", key=_key(detail, "code")) if target == BY_CODE else ""
    if not st.button("Join requests", type="primary", key="join-save"):
        return False
    if target is None:
        acting.keep_message("warning", "Choose the request that asks for the same thing, or “None of these”.")
        return False
    with acting.refusal_message():
        other = target or by_code(context.store, context.views.situation, person, code)
        return acting.act(detail.record.id, detail.version, verb.name, JoinBody(other))
    return False


def _open_form(report_id: str, name: str) -> None:
    st.session_state[_OPEN] = (report_id, name)


def _key(detail: ReportDetail, name: str) -> str:
    return f"form-{name}-{detail.record.id}"
