"""Sources and flags: reports per source, quarantine and release of a source, and reports to check."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from crisismap.core import moment
from crisismap.core.done import Done
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import QUARANTINED, Audience
from crisismap.services.operations import audit, quarantine
from crisismap.services.operations.quarantine import ReportSource, channel_totals
from crisismap.services.requests import moderation
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.detail.text_review import DECISIONS
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import ago, count_phrase
from crisismap.ui.requests.card import STATE_LABELS

_HEADS = ("Source", "Reports", "Waiting and unconfirmed", "Newest", "Status", "Examples")
_CHANNEL_HEADS = ("Channel", "Name", "Reports", "Newest")
_QUEUE_HEADS = ("Report", "Flags", "Status", "Received", "Text")
_DECISION_HEADS = ("Report", "Decision", "Who", "When", "Reason", "Text")
_MOST = 100
_MAX_TEXT = 120  # characters of a report's text


def draw(admin: Person) -> None:
    context = shell.context()
    sources = quarantine.sources(context.store, context.views.situation, admin)
    stylesheet.finding(
        f"{count_phrase(len(sources), 'source')} with more than one report",
        "A code stands for a phone, a browser or today's network and cannot be traced back. Many people can share a "
        "network: read some of the reports before you quarantine a source.",
    )
    if sources:
        stylesheet.table(
            _HEADS,
            [_row(context.clock(), each) for each in sources],
            caption="Quarantined sources first, then those with the most unconfirmed reports.",
        )
        by_name = {each.name: each for each in sources}
        selected_name = st.selectbox("Source", list(by_name), format_func=name, index=None, key="admin-source")
        if selected_name is not None:
            _action(admin, by_name[selected_name])
    _channels(admin)
    _queue()
    _decisions(admin)


def _channels(admin: Person) -> None:
    """Draw the number of reports of each channel."""
    context = shell.context()
    channels, now_ms = channel_totals(context.views.situation, admin), context.clock()
    stylesheet.finding(
        f"{count_phrase(len(channels), 'channel')}", "Reports received through each channel, from any sender."
    )
    rows = [
        (each.label, each.name, str(each.reports), ago(each.newest_ms, now_ms) if each.newest_ms else "")
        for each in channels
    ]
    stylesheet.table(_CHANNEL_HEADS, rows, caption="All channels of this server.")


def name(source_name: str) -> str:
    """Return the name of a source."""
    kind, _, rest = source_name.partition(":")
    return audit.actor_name(shell.context().views.situation, rest) if kind == "by" else f"{kind} {rest[:8]}"


def _action(admin: Person, source: ReportSource) -> None:
    context = shell.context()
    reports_text, source_label = count_phrase(source.reports, "report"), name(source.name)

    def change(use_case: Callable[[Store, int, Person, str], Done[None]]) -> None:
        done = use_case(context.store, context.clock(), admin, source.name)
        context.views.situation.wait(done.revision, 2.0)

    if source.since_ms is None:
        stylesheet.note("Its reports stay in the desk's lists, marked and further down. The public does not see them.")
        if st.button(f"Quarantine source with {reports_text}"):
            attempt(lambda: change(quarantine.quarantine), f"{source_label} is quarantined.")
    elif st.button(f"Release source with {reports_text}"):
        attempt(lambda: change(quarantine.release), f"{source_label} is released.")


def _queue() -> None:
    """Draw the reports with a flag or from a quarantined source. A flag warns and hides nothing."""
    views, now_ms = shell.context().views, shell.context().clock()
    board = views.situation.board(Audience.AGENCY)
    plain = [number for number, flags in enumerate(views.situation.vocabularies.flags.items) if not flags]
    rows = np.flatnonzero(~np.isin(board["flags"], plain))[::-1]
    stylesheet.finding(
        f"{count_phrase(len(rows), 'report')} to check", "Reports with a flag or from a quarantined source."
    )
    if not len(rows):
        return
    records = views.features.records(board, rows[:_MOST], now_ms)
    table = [
        (
            each.id,
            ", ".join(flag.replace("_", " ") for flag in each.flags),
            STATE_LABELS.get(each.state or "", "information only"),
            ago(int(board["received_at"][row]), now_ms),
            (each.text or "")[:_MAX_TEXT],
        )
        for each, row in zip(records, rows[:_MOST].tolist(), strict=True)
    ]
    stylesheet.table(
        _QUEUE_HEADS, table, caption=f"The newest {len(table)}. “{QUARANTINED}”: its source is quarantined."
    )


def _decisions(admin: Person) -> None:
    """Draw the text review decisions; they are undone in the detail of the report."""
    context = shell.context()
    situation, now_ms = context.views.situation, context.clock()
    decisions = moderation.review_queue(context.store, situation, context.rules, admin, "decided", limit=_MOST)
    waiting = count_phrase(moderation.waiting(situation), "report")
    stylesheet.finding(
        f"{count_phrase(decisions.total, 'text review decision')}",
        f"{waiting} waiting in the queue “Text review” on the Requests page. "
        "You can undo a decision in the report's detail.",
    )
    if not decisions.items:
        return
    table = [
        (
            each["id"],
            DECISIONS[each["decision"]],
            each["decided_by"],
            ago(moment.parse(each["decided_at"])[0], now_ms),
            each["reason"] or "",
            each["text"][:_MAX_TEXT],
        )
        for each in decisions.items
    ]
    stylesheet.table(_DECISION_HEADS, table, caption=f"The newest {len(table)}.")


def _row(now_ms: int, each: ReportSource) -> tuple[str, ...]:
    state = "quarantined" if each.since_ms is not None else ""
    newest = ago(each.newest_ms, now_ms) if each.newest_ms else ""
    return name(each.name), str(each.reports), str(each.unconfirmed), newest, state, " ".join(each.samples)
