"""Reports similar to the open one, with the reasons for each suggestion; a person decides."""

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
from crisismap.ui.requests.card import STATE_WORDS

MOST_REASONS = 4
MOST_LETTERS = 140
MOST_SURE = 0.99  # a suggestion is never certain
_CACHE = "similar-kept"


def show(person: Person, page: str, report_id: str) -> list[Suggestion]:
    """Draw the suggestions for a person who may read them, and return them."""
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
        st.button("Open report", key=f"{page}-similar-{each.id}", on_click=side_panel.push, args=open_it)
    return found


def suggestion_html(suggestion: Suggestion) -> str:
    """Return one suggestion as HTML: category, status, text, and why it is suggested."""
    record = suggestion.record
    label = english().category(record.category)
    status = STATE_WORDS.get(record.state or "", "information only")
    text = record.text or record.place or "no text"
    text = text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
    sure = min(MOST_SURE, suggestion.score)
    return (
        f'<p class="cm-soft"><b>{sure:.0%}</b> · {escape(label)} · {escape(status)}</p>'
        f'<p class="cm-said">{escape(text)}</p>'
        f'<p class="cm-soft">{escape(" · ".join(suggestion.reasons[:MOST_REASONS]))}</p>'
    )


def suggestions(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, person: Person, report_id: str
) -> list[Suggestion]:
    """Return the suggestions, cached per revision: a page is drawn far more often than reports arrive."""
    key = (person.id, report_id, views.situation.revision)
    cached = st.session_state.get(_CACHE)
    if cached is None or cached[0] != key:
        cached = (key, duplicates.similar(store, views, rules, now_ms, person, report_id))
        st.session_state[_CACHE] = cached
    found: list[Suggestion] = cached[1]
    return found
