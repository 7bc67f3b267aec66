"""The receipt of a report: its tracking code, what happens next and when, and the nearest open shelter."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core import moment
from crisismap.core.channel import Receipt
from crisismap.core.people.identity import id_bytes
from crisismap.core.place.place import UNBELIEVABLE
from crisismap.core.privacy import Audience
from crisismap.services.around.feature_wording import shelter_wording
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation
from crisismap.ui.frame import local_time, shell, stylesheet
from crisismap.ui.frame.wording import age, distance


def receipt(report: Receipt) -> None:
    context = shell.context()
    url = f"/t/{report.tracking_code}"
    with st.container(key="receipt", width=720):
        stylesheet.finding(
            "Thank you. Your report is saved.",
            "Write this code down or keep the link: it is the only way back to your report.",
        )
        st.html(f'<div class="cm-code">{escape(report.tracking_code)}</div>')
        with st.container(horizontal=True):
            st.link_button("Follow this report", url, type="primary", icon=":material/open_in_new:")
        with st.container(key="receipt-next"):
            steps = next_steps(context.views, context.clock(), report)
            items = "".join(f"<li>{escape(sentence)}</li>" for sentence in steps)
            st.html(f'<h3>What happens next</h3><ol class="cm-next">{items}</ol>')


def next_steps(views: Views, now_ms: int, report: Receipt) -> list[str]:
    """Return the next steps. They reveal only this one report, to its sender."""
    board = views.situation.board(Audience.AGENCY)
    row = board.row_of_id(id_bytes(report.id) or bytes(16))
    if row is None:
        return ["Your report will be on the map within a few seconds."]
    [record] = views.features.records(board, [row], now_ms)
    return [*_urgency(record.asks, record.due_at, now_ms), *_place(record), *_shelter(views.situation, record)]


def _urgency(asks_for_help: bool, due_at: str | None, now_ms: int) -> list[str]:
    if not asks_for_help:
        return ["Your report is on the map now. Everyone who plans a route or a rescue can see it."]
    steps = ["Teams can see your request now, in the list of unanswered requests."]
    if due_at:
        due_ms = moment.parse(due_at)[0]
        due_time = local_time.short_time(due_ms, local_time.zone())
        steps.append(
            f"Requests like yours should be answered by {due_time}, in "
            f"{age((due_ms - now_ms) / 1000)}. After that yours is shown as overdue until someone answers it."
        )
    steps.append(
        "The page of your tracking code shows who takes it on and when. You can add to it or withdraw it there."
    )
    return steps


def _place(record: Record) -> list[str]:
    if UNBELIEVABLE.intersection(record.flags):
        return [
            "The place you marked is far from here. A volunteer will check it; write the place in words if you can."
        ]
    if record.lon is None:
        return ["We do not know where it is yet. A volunteer will look for the place from what you wrote."]
    area = record.area
    return [f"Place: {area.name}."] if area else []


def _shelter(situation: Situation, record: Record) -> list[str]:
    shelter = record.nearest_shelter
    if shelter is None:
        return []
    name, away = shelter.name or "unnamed", distance(shelter.distance_m)
    free_places = shelter_wording(situation, shelter)
    return [f"Nearest open shelter: {name}, {away} away in a straight line{', ' if free_places else ''}{free_places}."]
