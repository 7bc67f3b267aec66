"""The silence view of the Situation page: areas with people from which nothing was heard, in numbers and by name."""

from __future__ import annotations

import streamlit as st

from crisismap.core.layer.population import EXAMPLES
from crisismap.core.moment import HOUR_MS
from crisismap.services.lists.silence import silence
from crisismap.ui.frame import style, stylesheet
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.numbers import charts, findings
from crisismap.ui.numbers.situation_now import SituationSnapshot

HOURS = (3, 6, 24)
DRAWN = 10


def draw(now: SituationSnapshot) -> None:
    """Which areas are silent, and how many people live there."""
    with st.container(key="hours"):
        hours = st.segmented_control(
            "Silent for", HOURS, default=6, required=True, key="situation-hours", format_func=lambda n: f"{n} h"
        )
    hours = hours or HOURS[0]
    found = silence(now.context.views.situation, now.audience, now.now_ms - hours * HOUR_MS)
    with st.container(key="part-silence"):
        if not found.source:
            stylesheet.finding("Where nobody reports cannot be told: no layer says how many people live where")
            stylesheet.empty(
                "No numbers of people",
                "Load areas with people on the Layers page, or a context layer of places with people inside them. "
                f"The number is looked for in properties such as {EXAMPLES}.",
            )
            return
        said = f"Areas of people after “{found.source}”, without any report received in this time. Silence can be "
        said += "the worst news: phones may be dead, the network down. "
        said += f"{count_phrase(found.nowhere, 'report')} of this time without a place could come from anywhere."
        stylesheet.finding(findings.silent(found, hours), said)
        if not found.quiet:
            return
        chart, table = st.columns([3, 2], gap="medium")
        with chart:
            stylesheet.note(f"People in the {count_phrase(min(DRAWN, len(found.quiet)), 'silent area')} with the most")
            bars = [(each.name, each.people) for each in found.quiet[:DRAWN]]
            alt_text = "Bars of people in silent areas; the table has the numbers"
            charts.amounts(bars, "people", dark=style.dark(), alt_text=alt_text, key="chart-silence")
        with table:
            rows = [(each.name, each.code or "-", number(each.people)) for each in found.quiet]
            caption = f"{count_phrase(len(rows), 'silent area')} of {number(found.areas)} with people"
            stylesheet.table(("Area", "Code", "People"), rows, numbers=1, caption=caption)
