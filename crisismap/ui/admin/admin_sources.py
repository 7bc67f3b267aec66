"""Sources and flags: who sends how much, setting a source apart and taking that back, and reports to look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from crisismap.core import moment
from crisismap.core.done import Done
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import QUARANTINED, Audience
from crisismap.rule_files import RuleFiles
from crisismap.services.intake.by_channel import channel_totals
from crisismap.services.operations import audit, quarantine
from crisismap.services.operations.quarantine import ReportSource
from crisismap.services.requests import moderation
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import ago, count_phrase

_HEADS = ("Source", "Reports", "Waiting, nobody vouches", "Newest", "State", "Some of them")
_CHANNEL_HEADS = ("Channel", "Name", "Reports", "Newest")
_QUEUE_HEADS = ("Report", "Flags", "State", "Received", "Words")
_DECIDED_HEADS = ("Report", "Decision", "Who", "When", "Why", "Words")
_SHOWN = 100
_WORDS = 120  # characters


def draw(here: Person) -> None:
    """The whole part."""
    context = shell.context()
    found = quarantine.sources(context.store, context.views.situation, here)
    stylesheet.finding(
        f"{count_phrase(len(found), 'source')} with more than one report",
        "A mark stands for a phone, a browser or today's network, and cannot be read back. Many people can share a "
        "network: look at some of its reports before you set it apart.",
    )
    if found:
        stylesheet.table(
            _HEADS,
            [_row(context.views.situation, context.clock(), each) for each in found],
            caption="Set apart first, then the busiest.",
        )
        known = {each.name: each for each in found}
        chosen = st.selectbox(
            "Source",
            list(known),
            format_func=lambda n: name(context.views.situation, n),
            index=None,
            key="admin-source",
        )
        if chosen is not None:
            _action(context.store, context.views.situation, context.clock, here, known[chosen])
    _channels(context.views.situation, context.clock(), here)
    _queue(context.views, context.clock())
    _decided(context.store, context.views.situation, context.rules, context.clock(), here)


def _channels(situation: Situation, now_ms: int, here: Person) -> None:
    """What came by each channel."""
    found = channel_totals(situation, here)
    stylesheet.finding(f"{count_phrase(len(found), 'channel')}", "Reports that came by each, whoever sent them.")
    rows = [
        (each.label, each.name, str(each.reports), ago(each.newest_ms, now_ms) if each.newest_ms else "")
        for each in found
    ]
    stylesheet.table(_CHANNEL_HEADS, rows, caption="All channels of this program.")


def name(situation: Situation, source_name: str) -> str:
    """A source as people know it."""
    kind, _, rest = source_name.partition(":")
    return audit.actor_name(situation, rest) if kind == "by" else f"{kind} {rest[:8]}"


def _action(store: Store, situation: Situation, clock: Callable[[], int], here: Person, chosen: ReportSource) -> None:
    many, shown = count_phrase(chosen.reports, "report"), name(situation, chosen.name)
    if chosen.since_ms is None:
        stylesheet.note("Its reports stay, marked for the desk and late in its list; the public does not see them.")
        if st.button(f"Set apart, with {many}"):
            attempt(
                lambda: _done(situation, quarantine.quarantine(store, clock(), here, chosen.name)),
                f"{shown} is set apart.",
            )
    elif st.button(f"Take back, with {many}"):
        attempt(
            lambda: _done(situation, quarantine.release(store, clock(), here, chosen.name)), f"{shown} counts again."
        )


def _done(situation: Situation, done: Done[None]) -> None:
    situation.wait(done.revision, 2.0)


def _queue(views: Views, now_ms: int) -> None:
    """Reports with a flag, and those set apart: flags warn, and hide nothing."""
    board = views.situation.board(Audience.AGENCY)
    plain = [number for number, flags in enumerate(views.situation.flag_sets) if not flags]
    rows = np.flatnonzero(~np.isin(board["flags"], plain))[::-1]
    stylesheet.finding(
        f"{count_phrase(len(rows), 'report')} to look at", "With a flag, or of a source that is set apart."
    )
    if not len(rows):
        return
    records = views.features.records(board, rows[:_SHOWN], now_ms)
    table = [
        (
            each.id,
            ", ".join(flag.replace("_", " ") for flag in each.flags),
            each.state or "asks nothing",
            ago(int(board["received_at"][row]), now_ms),
            (each.text or "")[:_WORDS],
        )
        for each, row in zip(records, rows[:_SHOWN].tolist(), strict=True)
    ]
    stylesheet.table(_QUEUE_HEADS, table, caption=f"The newest {len(table)}. “{QUARANTINED}”: its source is set apart.")


def _decided(store: Store, situation: Situation, rules: RuleFiles, now_ms: int, here: Person) -> None:
    """What people decided about words for the public; taken back in the report's own detail."""
    found = moderation.review_queue(store, situation, rules, here, "decided", limit=_SHOWN)
    waits = count_phrase(moderation.waiting(situation), "report")
    stylesheet.finding(
        f"{count_phrase(found.total, 'decision')} about words for the public",
        f"{waits} waiting on the page Requests, in the queue “Words”; a decision is taken back in the report's detail.",
    )
    if not found.items:
        return
    table = [
        (
            each["id"],
            each["decision"],
            each["decided_by"],
            ago(moment.parse(each["decided_at"])[0], now_ms),
            each["reason"] or "",
            each["text"][:_WORDS],
        )
        for each in found.items
    ]
    stylesheet.table(_DECIDED_HEADS, table, caption=f"The newest {len(table)}.")


def _row(situation: Situation, now_ms: int, each: ReportSource) -> tuple[str, ...]:
    state = "set apart" if each.since_ms is not None else ""
    newest = ago(each.newest_ms, now_ms) if each.newest_ms else ""
    return name(situation, each.name), str(each.reports), str(each.alone), newest, state, " ".join(each.samples)
