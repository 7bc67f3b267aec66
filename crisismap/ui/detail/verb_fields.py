"""The input fields of a verb's body, in a form or beside a button."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crisismap.core.report.request import MAX_NOTE
from crisismap.core.report.verification import MAX_REASON
from crisismap.core.verb import Body, PriorityBody, TriageBody, Verb, VerifyBody
from crisismap.situation.record.record import Record

VERDICTS = {
    "verified": "Verified: I know that it is true",
    "disputed": "Disputed: I have reason to think that it is wrong",
    "unverified": "Unverified: remove the verification",
}
DECISIONS = {
    "asks": "Somebody needs help",
    "information": "Information only",
    "offer": "An offer of help",
}
LEVELS = {1: "P1 life at risk", 2: "P2 hours", 3: "P3 days", 4: "P4 information"}


def fields(verb: Verb, key: str, record: Record | None = None) -> Body:
    """Draw the fields and return the body they hold; `key` identifies the form, `record` the current report."""
    if verb.body is PriorityBody:
        return _priority(verb, key, record)
    if verb.body is VerifyBody:
        return _verify(verb, key)
    if verb.body is TriageBody:
        return _triage(verb, key)
    values = {name: _member(verb, name, kind, f"{key}-{name}") for name, kind in verb.body.required().items()}
    return verb.body(**values)


def _member(verb: Verb, name: str, kind: Any, key: str) -> Any:
    label = verb.field_label(name)
    if kind is bool:
        return st.checkbox(label, key=key)
    if kind in (int, float):
        return kind(st.number_input(label, value=kind(0), key=key))
    if verb.section == "text":  # the section above already shows the decision, so one line is enough
        return st.text_input(label, max_chars=MAX_NOTE, key=key)
    return st.text_area(label, height=80, max_chars=MAX_NOTE, key=key)


def _priority(verb: Verb, key: str, record: Record | None) -> Body:
    current = int(record.priority[1]) if record is not None and record.priority else None
    level = st.segmented_control(
        "Priority", list(LEVELS), format_func=LEVELS.__getitem__, default=current, key=f"{key}-level"
    )
    reason = st.text_input(verb.labels.ask, max_chars=MAX_NOTE, key=f"{key}-reason")
    priority = level or current
    return PriorityBody(f"P{priority}" if priority else "", reason)


def _verify(verb: Verb, key: str) -> Body:
    status = st.radio("How reliable is the report?", list(VERDICTS), format_func=VERDICTS.__getitem__)
    reason = st.text_input(verb.labels.ask, max_chars=MAX_REASON, key=f"{key}-reason")
    return VerifyBody(status, reason)


def _triage(verb: Verb, key: str) -> Body:
    need = st.radio(verb.labels.button, list(DECISIONS), format_func=DECISIONS.__getitem__, key=f"{key}-need")
    if need != "asks":
        return TriageBody(need)
    level = st.segmented_control("Priority", list(LEVELS), format_func=LEVELS.__getitem__, key=f"{key}-level")
    reason = st.text_input("Why this priority? (optional)", max_chars=MAX_NOTE, key=f"{key}-reason")
    return TriageBody(need, f"P{level}" if level else None, reason or None)
