"""The result of an export: the number of reports, a preview, the download and the command for a program."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap import bootstrap
from crisismap.core import moment
from crisismap.core.errors import CrisismapError, shorten
from crisismap.i18n import english
from crisismap.problems import sentence
from crisismap.services.lists import read
from crisismap.situation.record.record import Record
from crisismap.ui.export.export_choice import CONTAINS, Choice, curl
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.local_time import parameter, short_time, zone
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.requests.card import STATE_LABELS

PREVIEW_ROWS = 5
_HEADS = ("Category", "Status", "Location", "Area", "Received", "People", "Text")
_PLACES = {"cell": "(middle of a map cell)", "area": "(middle of an area)"}
_MAX_TEXT = 90  # characters of a text in the preview


def result(choice: Choice) -> None:
    context = shell.context()
    views, now_ms = context.views, context.clock()
    try:
        table = read.table(views, now_ms, choice.audience, choice.selection)
    except CrisismapError as problem:
        stylesheet.error(sentence(problem))
        return
    count = len(table.rows)
    stylesheet.finding(
        f"{count_phrase(count, 'report')} {'matches' if count == 1 else 'match'}",
        f"of {number(table.board.n)} that the {choice.audience} can see now",
    )
    if views.made_up:
        stylesheet.note("Made up: every row and every file of this demonstration is marked as made up.")
    if not count:
        stylesheet.empty("No match", "Remove a filter or choose a longer time.")
    else:
        url = escape(choice.address(**parameter()), quote=True)
        st.html(f'<p><a class="cm-take" href="{url}" download>Download {count_phrase(count, "report")}</a></p>')
        records = views.features.records(table.board, table.rows[:PREVIEW_ROWS], now_ms)
        rows = [_row(record) for record in records]
        stylesheet.table(
            _HEADS, rows, caption=f"The first {len(rows)}; the file has all fields of each report.", height_px=420
        )
    rules = "".join(f"<li>{escape(rule)}</li>" for rule in CONTAINS[choice.audience])
    st.html(f'<ul class="cm-rules" aria-label="What the file contains">{rules}</ul>')
    st.markdown("**For programs**")
    st.code(curl(bootstrap.base_url(context.settings), choice), language=None, wrap_lines=True)
    stylesheet.note("The operator creates TOKEN with: crisismap token create --role agency. Never put it in a URL.")


def _row(record: Record) -> list[str]:
    place = (
        f"{record.lat:.4f}, {record.lon:.4f} {_PLACES.get(record.place_kind, '')}"
        if record.point
        else record.place or "none"
    )
    return [
        english().category(record.category),
        STATE_LABELS.get(record.state or "", "information only"),
        place,
        (record.area.name if record.area else None) or "-",
        short_time(moment.parse(record.received_at)[0], zone()),
        "-" if record.people is None else number(record.people),
        shorten(record.text or "-", _MAX_TEXT),
    ]
