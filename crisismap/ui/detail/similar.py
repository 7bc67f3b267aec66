"""Similar requests of one that is open: what may be the same thing, with the reasons; a person decides."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.i18n import english
from crisismap.rule_files import RuleFiles
from crisismap.services.requests import duplicates
from crisismap.services.requests.duplicates import Suggestion
from crisismap.services.runtime.views import Views
from crisismap.ui.frame import shell, side_panel
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase

MOST_REASONS = 4
MOST_LETTERS = 140
MOST_SURE = 0.99  # nobody is ever sure of it
_KEPT = "similar-kept"


def show(person: Person, page: str, report_id: str) -> list[Suggestion]:
    """Draw them, if there are any, for those who may read them; gives what was drawn."""
    context = shell.context()
    if not person.may("situation.read_exact"):
        return []
    found = suggestions(context.store, context.views, context.rules, context.clock(), person, report_id)
    if found:
        st.html(
            f'<div class="cm-section"><h4>{count_phrase(len(found), "similar report", "similar reports")}</h4></div>'
        )
    for each in found:
        st.html(f'<div class="cm-section">{suggestion_html(each)}</div>')
        open_it = (page, Pane("detail", id=each.id))
        st.button("Look at it", key=f"{page}-similar-{each.id}", on_click=side_panel.push, args=open_it)
    return found


def suggestion_html(suggestion: Suggestion) -> str:
    """One suggestion as HTML: what it is, what was said, why it is suggested."""
    record = suggestion.record
    label = english().category(record.category)
    state = record.state or "asks for nothing"
    said = record.text or record.place or "without words"
    said = said if len(said) <= MOST_LETTERS else said[: MOST_LETTERS - 1] + "…"
    sure = min(MOST_SURE, suggestion.score)
    return (
        f'<p class="cm-soft"><b>{sure:.0%}</b> · {escape(label)} · {escape(state)}</p>'
        f'<p class="cm-said">{escape(said)}</p>'
        f'<p class="cm-soft">{escape(" · ".join(suggestion.reasons[:MOST_REASONS]))}</p>'
    )


def suggestions(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, person: Person, report_id: str
) -> list[Suggestion]:
    """What was found when nothing has changed since; a page is drawn far more often than reports come."""
    key = (person.id, report_id, views.situation.revision)
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        kept = (key, duplicates.similar(store, views, rules, now_ms, person, report_id))
        st.session_state[_KEPT] = kept
    found: list[Suggestion] = kept[1]
    return found
