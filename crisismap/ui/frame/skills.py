"""The person's own page: name, roles, skills and equipment, and the code of conduct."""

from __future__ import annotations

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.report.report import CurrentReport
from crisismap.services.requests import skills
from crisismap.ui.frame import shell, style, stylesheet
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


def show(person: Person) -> None:
    """Draw the form; the selection is saved when the button is pressed."""
    stylesheet.apply()
    stylesheet.finding(person.label(), f"Signed in as {', '.join(sorted(person.roles))}.")
    context = shell.context()
    abilities = context.rules.matching.abilities
    current_skills = skills.own_skills(context.store, context.rules, person)
    with st.form("abilities", border=False, width=720):
        selection = st.pills(
            "Skills and equipment",
            list(abilities),
            format_func=lambda each: plain(abilities[each]),
            selection_mode="multi",
            default=[each for each in abilities if each in current_skills],
            key="abilities-chosen",
        )
        st.html(
            '<p class="cm-soft">Choose what you can do and bring. Requests that match are marked “matches your skills” '
            "in your lists, and others see in a request that you could go. Nothing is assigned: you claim requests "
            "yourself.</p>"
        )
        if st.form_submit_button("Save skills and equipment", type="primary"):
            skills.choose_skills(context.store, context.rules, context.clock(), person, selection)
            names = ", ".join(abilities[each] for each in selection) or "nothing"
            style.notice("success", f"Saved: {names}.")


def conduct() -> None:
    """Draw the code of conduct in short; docs/guides/conduct.md has the full text."""
    stylesheet.finding("How we treat the people who report", "In short; whoever runs this map has the full text.")
    st.html(style.section("", CONDUCT))


def could_go(person: Person, current: CurrentReport) -> str:
    """Return the section of a request with the matching skills and the people who could go, as HTML."""
    context = shell.context()
    needed = skills.fitting(context.rules, current)
    if not needed:
        return ""
    labels = context.rules.matching.abilities
    reasons: dict[str, list[str]] = {}
    for each, reason in needed.items():
        reasons.setdefault(reason, []).append(labels[each])
    lines = [f"Needed: {', '.join(names)} ({reason})" for reason, names in reasons.items()]
    for candidate in skills.could_go(context.store, context.views.situation, context.rules, person, current):
        busy = f" · {count_phrase(candidate.claims, 'claim')}" if candidate.claims else ""
        lines.append(f"{candidate.person.label()}: {', '.join(candidate.fits)}{busy}")
    return style.section("Who could go", lines)
