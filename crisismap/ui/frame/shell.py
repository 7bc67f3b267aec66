"""The frame of every page: the signed-in person, the head with the numbers, the notices and the access check.

The person comes from the cookie on every run and every fragment, never from the session: Streamlit keeps the state of a
session that is resumed with another cookie, so the state is cleared when the person changes.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from crisismap import bootstrap
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.services.accounts.session import COOKIE, person_of_cookie
from crisismap.services.lists import read
from crisismap.services.requests.location_moves import moved_claims
from crisismap.services.runtime.context import Context, audience_of
from crisismap.situation.situation import Situation
from crisismap.ui.frame import style
from crisismap.ui.frame.auto_refresh import AGES_MS, follow
from crisismap.ui.frame.notices import Notice, notices
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.wording import age, count_phrase, number
from crisismap.ui.requests import filters

FILTERED = ("Live map", "Requests")  # pages that apply the filters
TICK_S = 1.5  # a new report must be visible within 3 s
OVERDUE_STEP_MS = 5_000
_PERSON = "shell-who"
_NOTICES = "shell-notices"
_MOVED = "shell-moved"
_BAR_REM, _MADE_UP_REM, _HEAD_REM, _NOTICE_REM = 2.5, 2.25, 2.5, 2.75  # heights with the gap below


def context() -> Context:
    """Return the context of the deployment."""
    return bootstrap.current()


def person() -> Person:
    """Return the signed-in person, and clear the session's state when it belonged to someone else."""
    found = person_of_cookie(context().store, context().clock(), st.context.cookies.get(COOKIE))
    if st.session_state.get(_PERSON, found.id) != found.id:
        st.session_state.clear()
    st.session_state[_PERSON] = found.id
    return found


def audience() -> Audience:
    """Return the audience whose columns the page may read."""
    return audience_of(person())


def abilities(viewer: Person) -> frozenset[str]:
    """Return the skills and equipment of this person; read once for all desks every few seconds."""
    if not viewer.may("situation.read_exact"):
        return frozenset()
    now = context()
    stamp = now.clock() // OVERDUE_STEP_MS
    everybody = now.views.caches.desk.get("abilities", now.store.dispatch.abilities, stamp=stamp)
    return everybody.get(viewer.id, frozenset()) & now.rules.matching.abilities.keys()


def incident() -> str:
    """Return the name of the incident."""
    return context().views.incident.title


def page(title: str, *, live: bool = False) -> Person:
    """Begin a page with tab title, style, notices and head, and return the signed-in person.

    A live page reruns when the situation changes; on other pages only the head is updated.
    """
    st.set_page_config(page_title=f"{title} · {incident()}", layout="wide")
    viewer = person()
    style.apply()
    if context().views.made_up:
        st.html('<div class="cm-madeup" role="note">MADE UP: a demonstration. Nothing here has happened.</div>')
    if live:
        st.session_state[_NOTICES] = _head(title, viewer)
        follow(_moment, every_s=TICK_S)
    else:
        _updating_head(title)
    return viewer


def head_rem() -> float:
    """Return the height in rem of everything above a live page's content, for maps and lists that fill the window."""
    made_up = _MADE_UP_REM if context().views.made_up else 0.0
    return _BAR_REM + made_up + _HEAD_REM + _NOTICE_REM * int(st.session_state.get(_NOTICES, 0))


def require(verb: str, reason: str) -> Person:
    """Return the person if they have the verb; otherwise show `why` it is needed and where to sign in, and stop."""
    viewer = person()
    if viewer.may(verb):
        return viewer
    if viewer == STRANGER:
        st.subheader("Please sign in")
        st.html(
            f"<p>{escape(reason)}</p><p>Open the invitation link that you received, or "
            '<a href="/login" target="_self">sign in</a>. No link? Ask whoever runs this map for one.</p>'
        )
    else:
        st.subheader("Your role has no access")
        roles = ", ".join(sorted(viewer.roles))
        st.html(f"<p>{escape(reason)}</p><p>You are signed in as {escape(viewer.label())}, role {escape(roles)}.</p>")
    st.stop()


def _head(title: str, viewer: Person) -> int:
    """Draw the name, the live status, the numbers (each a filter) and the notices; return the number of notices."""
    now = context()
    audience = audience_of(viewer)
    # Counted once for all desks per revision and, because of overdue ones, every 5 s.
    counts = now.views.caches.desk.get(
        ("totals", audience),
        lambda: read.totals(now.views.situation, now.clock(), audience),
        stamp=(now.views.situation.revision, now.clock() // OVERDUE_STEP_MS),
    )
    active = filters.active_number(filters.current())
    labels = {
        "unanswered": f"Unanswered **{number(counts['unanswered'])}**",
        "may_need_help": f"May need help **{number(counts.get('may_need_help', 0))}**",
        "urgent": f"P1 **{number(counts['urgent'])}**",
        "overdue": f"Overdue **{number(counts['overdue'])}**",
        "unplaced": f"Location needed **{number(counts['unplaced'])}**",
    }
    if "may_need_help" not in counts:  # staff only
        del labels["may_need_help"]
    with st.container(key="head", horizontal=True, vertical_alignment="center", gap="small"):
        broken = "" if now.views.situation.alive else " cm-broken"
        st.html(f'<div class="cm-name"><b>crisismap</b> · {escape(incident())}</div>', width="content")
        st.html(
            f'<div class="cm-live{broken}">{_live_status(now.views.situation, now.clock(), audience)}</div>',
            width="content",
        )
        for name, label in labels.items():
            kind: Literal["primary", "secondary"] = "primary" if name == active else "secondary"
            is_pressed = st.button(label, key=f"number-{name}", type=kind, on_click=filters.toggle, args=(name,))
            if is_pressed and title not in FILTERED:
                st.switch_page("pages/live_map.py")
        st.html(_person_html(viewer), width="content")
    current_notices = notices(now.store, now.views, now.guards.clock, now.clock, audience)
    if audience is Audience.AGENCY and (moved := _moved_claims(now.views.situation, viewer)):
        which = count_phrase(moved, "request that you have claimed", "requests that you have claimed")
        text = f"The location of {which} was moved far, or another one is proposed. Open it, then confirm or put back."
        current_notices = [Notice("warning", text), *current_notices]
    for notice in current_notices:
        style.notice(notice.kind, notice.text)
    return len(current_notices)


def _moved_claims(situation: Situation, viewer: Person) -> int:
    """Return how many of a person's claimed requests were moved, counted again only after a change."""
    return cached(_MOVED, (situation.revision, viewer.id), lambda: moved_claims(situation, viewer))


def _live_status(situation: Situation, now_ms: int, audience: Audience) -> str:
    """Return whether the page is live and how old the newest report is; public times are too coarse for the age."""
    if not situation.alive:
        return "not updating"
    board = situation.board(audience)
    if not board.n or audience is Audience.PUBLIC:
        return "live"
    return f"live · newest {age((now_ms - int(board['received_at'][-1])) / 1000)} ago"


def _person_html(user: Person) -> str:
    if user == STRANGER:
        return '<div class="cm-who"><a href="/login" target="_self">Sign in</a></div>'
    return f'<div class="cm-who"><span>{escape(user.label())}</span><a href="/logout" target="_self">Sign out</a></div>'


@st.fragment(run_every=10)
def _updating_head(title: str) -> None:
    _head(title, person())


def _moment() -> tuple[str, int, int]:
    """Return what a live page is drawn from: the person, the revision and a coarse time."""
    now = context()
    return person().id, now.views.situation.revision, now.clock() // AGES_MS
