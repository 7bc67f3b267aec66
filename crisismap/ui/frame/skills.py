"""The person's own page: name and roles, and the abilities to choose from."""

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
from crisismap.ui.frame.wording import plain

CONDUCT = (
    "Need decides, and nothing else: not language, faith, party, gender, papers or who you know.",
    "Look at a contact when you are about to call, at a place when you are about to go. Each look is written down.",
    "Nothing leaves the map: no names, numbers, houses or faces in chats and posts.",
    "“Verified” means that somebody you trust was there; “answered” means that it is done.",
    "Never ask for anything in return. Claim when you go, release when you cannot.",
    "Children, violence, illness: write little, publish nothing, hand over to those who are trained for it.",
    "When in doubt, keep words from the public. A warning never takes a request off the list.",
    "Something went wrong? Tell whoever runs this map at once. Whoever tells it is protected.",
)


def show(store: Store, rules: RuleFiles, now_ms: int, person: Person) -> None:
    """Draw it; what is chosen is kept when Save is pressed."""
    stylesheet.apply()
    stylesheet.finding(person.shown(), f"Signed in as {', '.join(sorted(person.roles))}.")
    known = rules.matching.abilities
    with st.form("abilities", border=False, width=720):
        chosen = st.pills(
            "What can you do, what can you bring along?",
            list(known),
            format_func=lambda each: plain(known[each]),
            selection_mode="multi",
            default=[each for each in known if each in skills.own_skills(store, rules, person)],
            key="abilities-chosen",
        )
        st.html(
            '<p class="cm-soft">Requests that fit are marked “fits you” in your lists, and others see in a request '
            "that you could go. Nothing is assigned by it: you claim what you take on.</p>"
        )
        if st.form_submit_button("Save", type="primary"):
            skills.choose_skills(store, rules, now_ms, person, chosen)
            names = ", ".join(known[each] for each in chosen) or "nothing"
            st.html(f'<div class="cm-notice success" role="status">Saved: {escape(names)}.</div>')


def conduct() -> None:
    """How we treat the people who report, in short; docs/guides/conduct.md has it whole."""
    items = "".join(f"<li>{escape(line)}</li>" for line in CONDUCT)
    stylesheet.finding("How we treat the people who report", "In short; whoever runs this map has the whole page.")
    st.html(f'<div class="cm-section"><ul>{items}</ul></div>')


def could_go(store: Store, situation: Situation, rules: RuleFiles, person: Person, current: CurrentReport) -> str:
    """The section of a request that says what fits it and who could go, as HTML."""
    wanted = skills.fitting(rules, current)
    if not wanted:
        return ""
    labels = rules.matching.abilities
    reasons: dict[str, list[str]] = {}
    for each, reason in wanted.items():
        reasons.setdefault(reason, []).append(labels[each])
    lines = [f"Fits: {', '.join(names)} ({reason})" for reason, names in reasons.items()]
    for candidate in skills.could_go(store, situation, rules, person, current):
        busy = f" · holds {candidate.holds}" if candidate.holds else ""
        lines.append(f"{candidate.person.shown()}: {', '.join(candidate.fits)}{busy}")
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="cm-section"><h4>Who could go</h4><ul>{items}</ul></div>'
