"""What can be done to a report beside claim and answer: a row of buttons, and the form of the one that was chosen.

Only the chosen form is made. It stays open, with what was typed, when a change is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import Person
from crisismap.core.report.request import REOPENABLE, UNANSWERED
from crisismap.services.desk.dispatch_search import by_code
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.services.runtime.context import Context
from crisismap.ui.detail import similar
from crisismap.ui.detail.detail_facts import brief
from crisismap.ui.frame.wording import plain
from crisismap.ui.requests import acting

VERDICTS = {
    "verified": "Verified: I know that it is true",
    "disputed": "Disputed: it is said to be wrong",
    "unverified": "Take back what was said",
}
LEVELS = {1: "P1 life at risk", 2: "P2 hours", 3: "P3 days", 4: "P4 information"}
BY_CODE = ""
REASONS = 3
_OPEN = "detail-form"


def buttons(person: Person, found: ReportDetail) -> None:
    """The verbs that this person has and that make sense now."""
    names = list(_offered(person, found))
    if not names:
        return
    id_, seen = found.record.id, found.version
    with st.container(horizontal=True, key="act-more", gap="small"):
        for name in names:
            key = f"do-{name.lower().split()[0]}"
            if name in _AT_ONCE:
                st.button(name, key=key, on_click=_AT_ONCE[name], args=(id_, seen))
            else:
                st.button(f"{name} …", key=key, on_click=_begin, args=(id_, name))


def form(context: Context, person: Person, found: ReportDetail) -> None:
    """The form that is open for this report, if any."""
    of, name = st.session_state.get(_OPEN, ("", ""))
    if of != found.record.id or name not in _offered(person, found):
        return
    with st.container(border=True, key="act-form", gap="small"):
        if name == "Join":
            done = _join(context, person, found)
        else:
            with st.form(f"form-{name}-{of}", border=False):
                done = _FORMS[name](found)
        st.button("Cancel", key="form-cancel", type="tertiary", on_click=end)
        if not done:
            _said()
    if done:
        end()
        st.rerun()


def end() -> None:
    """Close it."""
    st.session_state.pop(_OPEN, None)


def _offered(person: Person, found: ReportDetail) -> Iterator[str]:
    record = found.record
    state = record.state or ""
    waits = state in UNANSWERED
    free = waits and (state == "open" or found.mine)
    if not record.asks and not record.stale and person.may("report.reconfirm"):
        yield "It still holds"
    if free and person.may("request.cannot_meet"):
        yield "Cannot be met"
    if waits and person.may("request.priority"):
        yield "Priority"
    if person.may("report.verify"):
        yield "Verify"
    if waits and person.may("request.join"):
        yield "Join"
    if state == "joined" and person.may("request.separate"):
        yield "Separate"
    elif state in REOPENABLE and person.may("request.reopen"):
        yield "Reopen"


def _cannot_meet(found: ReportDetail) -> bool:
    reason = st.text_area("Why can it not be met?", height=80, max_chars=4000, key=_key(found, "why"))
    return st.form_submit_button("Say so, and call the next role") and acting.cannot_meet(
        found.record.id, found.version, reason
    )


def _priority(found: ReportDetail) -> bool:
    now = int((found.record.priority or "P4")[1])
    level = st.segmented_control("Priority", list(LEVELS), format_func=LEVELS.__getitem__, default=now)
    reason = st.text_input("Why?", max_chars=4000, key=_key(found, "reason"))
    return st.form_submit_button("Set the priority") and acting.priority(
        found.record.id, found.version, level or now, reason
    )


def _verify(found: ReportDetail) -> bool:
    status = st.radio("How far is it to be believed?", list(VERDICTS), format_func=VERDICTS.__getitem__)
    reason = st.text_input("How do you know?", max_chars=2000, key=_key(found, "reason"))
    return st.form_submit_button("Save") and acting.verify(found.record.id, found.version, status, reason)


def _join(context: Context, person: Person, found: ReportDetail) -> bool:
    suggested = similar.suggestions(context, person, found.record.id)
    close = {each.id: each for each in suggested if each.record.state in UNANSWERED}
    now_ms, categories = context.clock(), context.rules.categories

    def told(id_: str) -> str:
        if id_ == BY_CODE:
            return "Another one, by its tracking code"
        each = close[id_]
        return plain(f"{', '.join(each.reasons[:REASONS])}: {brief(each.record, categories, now_ms)}")

    to = st.radio("Which one asks for the same?", [*close, BY_CODE], format_func=told, key=_key(found, "to"))
    code = st.text_input("Tracking code", key=_key(found, "code")) if to == BY_CODE else ""
    if not st.button("Join to it", type="primary", key="join-save"):
        return False
    try:
        other = to or by_code(context, person, code)
    except CrisismapError as problem:
        acting.say("error", problem.detail)
        return False
    return acting.join(found.record.id, found.version, other)


def _said() -> None:
    """What a refused change was answered, beside the form that keeps what was typed."""
    said = acting.said()
    if said is not None:
        st.html(f'<div class="cm-notice {said[0]}" role="alert">{escape(said[1])}</div>')


def _begin(report_id: str, name: str) -> None:
    st.session_state[_OPEN] = (report_id, name)


def _key(found: ReportDetail, name: str) -> str:
    return f"form-{name}-{found.record.id}"


_AT_ONCE = {"It still holds": acting.reconfirm, "Separate": acting.separate, "Reopen": acting.reopen}
_FORMS = {"Cannot be met": _cannot_meet, "Priority": _priority, "Verify": _verify}
