"""The person's own page: name, roles, skills and equipment, and the code of conduct."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.report import CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.requests import skills
from crisismap.situation.situation import Situation
from crisismap.ui.frame import stylesheet
from crisismap.ui.frame.wording import count_phrase, plain

CONDUCT = (
    "Only need counts: not language, faith, party, gender, papers or who you know.",
    "Open contact details only to call, and an exact location only to go there. Every access is logged.",
    "Share nothing from this map: no names, numbers, houses or faces in chats and posts.",
    "“Verified” means that someone you trust was there; “answered” means that the help was given.",
    "Never ask for anything in return. Claim when you go, release when you cannot.",
    "Children, violence, illness: write little, publish nothing, and hand over to trained people.",
    "When in doubt, keep text private. A warning never removes a request from the list.",
    "Something went wrong? Tell whoever runs this map at once. People who report a mistake are protected.",
)


def show(store: Store, rules: RuleFiles, now_ms: int, person: Person) -> None:
    """Draw the form; the selection is saved when the button is pressed."""
    stylesheet.apply()
    stylesheet.finding(person.shown(), f"Signed in as {', '.join(sorted(person.roles))}.")
    known = rules.matching.abilities
    with st.form("abilities", border=False, width=720):
        chosen = st.pills(
            "Skills and equipment",
            list(known),
            format_func=lambda each: plain(known[each]),
            selection_mode="multi",
            default=[each for each in known if each in skills.own_skills(store, rules, person)],
            key="abilities-chosen",
        )
        st.html(
            '<p class="cm-soft">Choose what you can do and bring. Requests that match are marked “matches your skills” '
            "in your lists, and others see in a request that you could go. Nothing is assigned: you claim requests "
            "yourself.</p>"
        )
        if st.form_submit_button("Save skills and equipment", type="primary"):
            skills.choose_skills(store, rules, now_ms, person, chosen)
            names = ", ".join(known[each] for each in chosen) or "nothing"
            st.html(f'<div class="cm-notice success" role="status">Saved: {escape(names)}.</div>')


def conduct() -> None:
    """Draw the code of conduct in short; docs/guides/conduct.md has the full text."""
    items = "".join(f"<li>{escape(line)}</li>" for line in CONDUCT)
    stylesheet.finding("How we treat the people who report", "In short; whoever runs this map has the full text.")
    st.html(f'<div class="cm-section"><ul>{items}</ul></div>')


def could_go(store: Store, situation: Situation, rules: RuleFiles, person: Person, current: CurrentReport) -> str:
    """Return the section of a request with the matching skills and the people who could go, as HTML."""
    wanted = skills.fitting(rules, current)
    if not wanted:
        return ""
    labels = rules.matching.abilities
    reasons: dict[str, list[str]] = {}
    for each, reason in wanted.items():
        reasons.setdefault(reason, []).append(labels[each])
    lines = [f"Needed: {', '.join(names)} ({reason})" for reason, names in reasons.items()]
    for candidate in skills.could_go(store, situation, rules, person, current):
        busy = f" · {count_phrase(candidate.holds, 'claim')}" if candidate.holds else ""
        lines.append(f"{candidate.person.shown()}: {', '.join(candidate.fits)}{busy}")
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="cm-section"><h4>Who could go</h4><ul>{items}</ul></div>'
