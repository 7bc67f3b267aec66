"""Whether the public reads the words of a report: how it stands, why a person is asked, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.rule_files import RuleFiles
from crisismap.services.requests import moderation
from crisismap.services.requests.report_detail import ReportDetail
from crisismap.services.runtime.views import Views
from crisismap.ui.detail import detail_forms

WHY = {
    "changed": "They are not the words that were decided about: look again.",
    "asks": "It asks for help: its words may tell who or where somebody is. The map shows only a cell.",
    "hide_place": "Its sender wants the place hidden: the words may name it.",
    "numbers": "They hold a number that could find somebody.",
    "dangerous": "It says what harms when it is wrong. Verify it first, then clear the words.",
    "flagged": "The public reads them now, and something about the report warns: see “Mind” below.",
    "disputed": "The public reads them now, and the report is disputed.",
}


def show(store: Store, views: Views, rules: RuleFiles, now_ms: int, person: Person, found: ReportDetail) -> None:
    """The section with its buttons, for those who may decide and where there is something to be decided."""
    current = found.current
    if current is None or not any(verb.section == "text" for verb in found.offered.values()):
        return
    told = moderation.review_item(store, views.situation, rules, current)
    if not (told["why"] or told["published"] or told["decision"]):
        return  # its sender lets nothing be shown, or nothing that a person could let through
    lines = "".join(f"<li>{escape(line)}</li>" for line in _lines(told))
    st.html(f'<div class="cm-section"><h4>Words for the public</h4><ul>{lines}</ul></div>')
    detail_forms.buttons(found, "text")
    detail_forms.form(person, found, "text")


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield "The public reads them." if told["published"] else "The public does not read them."
    if told["decision"]:
        yield f"{told['decision'].capitalize()} by {told['decided_by']}"
    if told["reason"]:
        yield f"Why: {told['reason']}"
    yield from (WHY[each] for each in told["why"])
