"""Text review in the detail: whether the public can read the text, why a person must decide, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.report.moderation import CLEARED, WITHHELD
from crisismap.services.requests import moderation
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.ui.detail import detail_forms
from crisismap.ui.frame import shell, style

REASONS = {
    "changed": "The text has changed since the decision. Review it again.",
    "asks": "It asks for help: the text may reveal who or where someone is. The map shows only a cell.",
    "offer": "The text of an offer of help may name a home.",
    "hide_place": "The sender wants the location hidden, and the text may name it.",
    "numbers": "The text contains a number that could identify someone.",
    "dangerous": "The report does harm if it is wrong. Verify it first, then approve the text.",
    "flagged": "The public can read the text now, and the report has a warning: see “Data quality” below.",
    "disputed": "The public can read the text now, and the report is disputed.",
}
DECISIONS = {CLEARED: "approved", WITHHELD: "kept private"}


def show(person: Person, detail: ReportDetail) -> None:
    """Draw the section and its buttons for a person who may decide, where there is something to decide."""
    current = detail.current
    if current is None or not any(verb.section == "text" for verb in detail.offered.values()):
        return
    context = shell.context()
    item = moderation.review_item(context.store, context.views.situation, context.rules, current)
    if not (item["why"] or item["published"] or item["decision"]):
        return  # the sender did not agree to publication, or a rule forbids it whatever a person decides
    st.html(style.section("Text review", list(_lines(item))))
    detail_forms.buttons(detail, "text")
    detail_forms.form(person, detail, "text")


def _lines(item: dict[str, Any]) -> Iterator[str]:
    yield "The public can read the text." if item["published"] else "The public cannot read the text."
    if item["decision"]:
        yield f"{DECISIONS[item['decision']].capitalize()} by {item['decided_by']}"
    if item["reason"]:
        yield f"Reason: {item['reason']}"
    yield from (REASONS[each] for each in item["why"])
