"""The audit log: a search of the event log, with a download as a file."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import msgspec
import streamlit as st

from crisismap.core import moment
from crisismap.core.event import EventSearch
from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.core.people.permission import permissions
from crisismap.core.people.person import Person
from crisismap.core.text.storable import storable
from crisismap.services.operations import audit
from crisismap.situation.situation import Situation
from crisismap.ui.detail.event_wording import event_name
from crisismap.ui.frame import local_time, shell, stylesheet
from crisismap.ui.frame.wording import count_phrase, plain

_HEADS = ("Number", "When", "Action", "Object", "Who", "Details")
_WINDOWS = {"last hour": 1, "last day": 24, "last week": 168, "all": 0}
_OTHERS = ("session.begin", "claim.expire", "person.role")  # events that no verb writes
_MOST = 200


def draw(admin: Person) -> None:
    context = shell.context()
    situation = context.views.situation
    search = _search_fields(situation, context.clock())
    rows = [
        (
            str(each.revision),
            local_time.short_time(each.at_ms, local_time.zone()),
            event_name(each.verb),
            audit.actor_name(situation, each.subject) if each.subject in situation.people else each.subject,
            audit.actor_name(situation, each.actor),
            msgspec.json.encode(each.data).decode() if each.data else "",
        )
        for each in audit.search(context.store, admin, search, _MOST)
    ]
    if not rows:
        stylesheet.empty("No match", "Remove a filter or choose a longer time.")
        return
    stylesheet.table(
        _HEADS,
        rows,
        caption=f"The newest {count_phrase(len(rows), 'matching event')}; the file has all.",
        height_px=480,
    )
    url = escape(address(search), quote=True)
    st.html(f'<p><a class="cm-take" href="{url}" download>Download all matching events</a></p>')
    stylesheet.note("The download is logged too. Each line carries its hash in the chain.")


def address(search: EventSearch) -> str:
    """Return the URL of a search's file."""
    parameters = {
        "verb": ",".join(search.verbs) or None,
        "actor": search.actor,
        "subject": search.subject or None,
        "since": moment.rfc3339(search.since) if search.since is not None else None,
        **local_time.parameter(),
    }
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return "/api/v1/audit.csv" + (f"?{query}" if query else "")


def _search_fields(situation: Situation, now_ms: int) -> EventSearch:
    left, middle, right = st.columns(3)
    action_names = [*{*permissions(), *_OTHERS}]
    action_names.sort(key=event_name)
    verbs = left.multiselect(
        "Action", action_names, format_func=event_name, placeholder="All actions", key="audit-verbs"
    )
    actors = {"": "not signed in", "system": "the program", "command-line": "command line"}
    actors |= {each.id: plain(each.label()) for each in situation.people.values()}
    actor = middle.selectbox("Who", list(actors), format_func=actors.__getitem__, index=None, key="audit-actor")
    subject = right.text_input("Object (id)", max_chars=300, key="audit-subject")
    window = st.segmented_control("When", list(_WINDOWS), default="all", required=True, key="audit-window")
    hours = _WINDOWS[window or "all"]
    since = (now_ms - hours * HOUR_MS) // MINUTE_MS * MINUTE_MS if hours else None
    return EventSearch(tuple(sorted(verbs)), actor, storable(subject).strip(), since)
