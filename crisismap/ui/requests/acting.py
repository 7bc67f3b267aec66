"""Doing something to a request from a page: who may, with the version that was seen, and one clear sentence after."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from typing import TypeVar

import streamlit as st

from crisismap.core.errors import CrisismapError, NotFound, Stale, WrongState
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Contact
from crisismap.services.lists import read
from crisismap.services.requests import assess, moderation, photo, respond
from crisismap.services.runtime.context import Context
from crisismap.situation.board.record import Record
from crisismap.store.writer import Committed
from crisismap.ui.frame import shell
from crisismap.ui.requests.card import STATE_WORDS

T = TypeVar("T")
PATIENCE_S = 10.0
SEE_S = 2.0  # how long a page waits for its own change to be in the lists
_SAID = "acting-said"
_CONTACT = "acting-contact"


def claim(report_id: str, version: int | None, minutes: int) -> None:
    """Take a request, or hold it longer."""
    context, person = shell.context(), shell.person()
    _attempt(
        report_id,
        lambda: respond.claim(context, person, report_id, version, minutes=minutes),
        f"It is yours for {minutes} minutes. Answer it, hold it longer, or release it in time.",
    )


def release(report_id: str, version: int | None) -> None:
    """Give it back."""
    context, person = shell.context(), shell.person()
    forget_contact()
    _attempt(report_id, lambda: respond.release(context, person, report_id, version), "Released: it is open again.")


def answer(report_id: str, version: int | None, note: str, picture: bytes | None = None) -> bool:
    """Say what was done, with a photo if there is one; whether it was kept."""
    context, person = shell.context(), shell.person()
    forget_contact()
    try:
        photos = (photo.add(context, person, report_id, picture).id,) if picture else ()
    except CrisismapError as problem:
        say("error", f"The photo cannot be used: {problem.detail} Take it out or choose another; nothing was sent.")
        return False
    return _attempt(
        report_id,
        lambda: respond.answer(context, person, report_id, version, note=note, photo_ids=photos),
        "Answered. The requester sees your organisation, your note and the photo."
        if photos
        else "Answered. The requester sees your organisation and your note.",
    )


def place(report_id: str, version: int | None, placement: Placement) -> bool:
    """Give it a place; whether it was kept."""
    context, person = shell.context(), shell.person()
    return _attempt(
        report_id,
        lambda: assess.place(context, person, report_id, version, placement),
        "Placed. It is on the map now.",
    )


def cannot_meet(report_id: str, version: int | None, reason: str) -> bool:
    """Say that it cannot be met; whether it was kept."""
    context, person = shell.context(), shell.person()
    forget_contact()
    return _attempt(
        report_id,
        lambda: respond.cannot_meet(context, person, report_id, version, reason=reason),
        "Noted. The next role is called for it, and the requester sees that no team can do it at present.",
    )


def priority(report_id: str, version: int | None, level: int, reason: str) -> bool:
    """Overrule the rules; whether it was kept."""
    context, person = shell.context(), shell.person()
    return _attempt(
        report_id,
        lambda: respond.priority(context, person, report_id, version, priority=level, reason=reason),
        f"It is P{level} now.",
    )


def verify(report_id: str, version: int | None, status: str, reason: str) -> bool:
    """Say how far it is to be believed; whether it was kept."""
    context, person = shell.context(), shell.person()
    return _attempt(
        report_id,
        lambda: assess.verify(context, person, report_id, version, status=status, reason=reason),
        f"Noted as {status}, with your reason.",
    )


def clear(report_id: str, version: int | None) -> None:
    """Let the public read the words."""
    context, person = shell.context(), shell.person()
    _attempt(
        report_id,
        lambda: moderation.clear(context, person, report_id, version),
        "Cleared: everybody can read these words now. “Take back” undoes it.",
    )


def withhold(report_id: str, version: int | None, reason: str) -> bool:
    """Keep the words from the public; whether it was kept."""
    context, person = shell.context(), shell.person()
    return _attempt(
        report_id,
        lambda: moderation.withhold(context, person, report_id, version, reason=reason),
        "The public does not read these words; responders still do. “Take back” undoes it.",
    )


def reconsider(report_id: str, version: int | None) -> None:
    """Take the decision about the words back."""
    context, person = shell.context(), shell.person()
    _attempt(
        report_id,
        lambda: moderation.reconsider(context, person, report_id, version),
        "Taken back: the rule decides again, and what it holds back waits in the queue “Words”.",
    )


def reconfirm(report_id: str, version: int | None) -> None:
    """Somebody was there: it still holds."""
    context, person = shell.context(), shell.person()
    _attempt(
        report_id,
        lambda: assess.reconfirm(context, person, report_id, version),
        "Thank you: it is fresh again.",
    )


def reopen(report_id: str, version: int | None) -> None:
    """It waits again."""
    context, person = shell.context(), shell.person()
    _attempt(report_id, lambda: respond.reopen(context, person, report_id, version), "Open again; this is counted.")


def join(report_id: str, version: int | None, to: str) -> bool:
    """Let it ask together with another; whether it was kept."""
    context, person = shell.context(), shell.person()
    return _attempt(
        report_id,
        lambda: respond.join(context, person, report_id, version, to=to),
        "Joined. It is kept, counted with the other, and can be separated again.",
    )


def separate(report_id: str, version: int | None) -> None:
    """Undo a join."""
    context, person = shell.context(), shell.person()
    _attempt(
        report_id,
        lambda: respond.separate(context, person, report_id, version),
        "Separated: it asks for itself again.",
    )


def read_contact(report_id: str) -> None:
    """Look at how to reach the requester; the look is written down."""
    context, person = shell.context(), shell.person()
    try:
        found = respond.read_contact(context, person, report_id).result(PATIENCE_S).value
    except (CrisismapError, Late) as problem:
        say("error", problem.detail if isinstance(problem, CrisismapError) else "The server is slow; try again.")
        return
    st.session_state[_CONTACT] = (person.id, report_id, found)


def contact(person: Person, report_id: str) -> Contact | None:
    """What was looked at in this session, of this report, by this person."""
    who, which, found = st.session_state.get(_CONTACT, ("", "", None))
    return found if (who, which) == (person.id, report_id) and isinstance(found, Contact) else None


def forget_contact() -> None:
    """It is not needed any more."""
    st.session_state.pop(_CONTACT, None)


def say(kind: str, text: str) -> None:
    """Keep a sentence for the next look at the page."""
    st.session_state[_SAID] = (kind, text)


def said() -> tuple[str, str] | None:
    """The sentence, once."""
    found: tuple[str, str] | None = st.session_state.pop(_SAID, None)
    return found


def _attempt(report_id: str, doing: Callable[[], Future[Committed[T]]], done: str) -> bool:
    context = shell.context()
    try:
        committed = doing().result(PATIENCE_S)
    except (Stale, WrongState) as problem:
        say("warning", quicker(context, shell.person(), report_id, problem))
    except NotFound:
        say("error", "This request is no longer there.")
    except CrisismapError as problem:
        say("error", problem.detail)
    except Late:
        say("error", "The server did not answer in time. Look at the timeline before you try again.")
    else:
        context.situation.wait(committed.revision, SEE_S)
        say("success", done)
        return True
    return False


def quicker(context: Context, person: Person, report_id: str, problem: CrisismapError) -> str:
    """What stands in the way, and how it stands now."""
    try:
        # The boards may be a moment behind the store that refused.
        context.situation.wait(context.store.revision(), SEE_S)
        now = read.record(context, person, report_id)
    except CrisismapError:
        return problem.detail
    if isinstance(problem, Stale):
        return (
            f"Somebody was quicker: it has changed since you looked. Now it is {standing(now)}. Look again, then act."
        )
    return f"{problem.detail} Now it is {standing(now)}."


def standing(record: Record) -> str:
    """The state in a few words."""
    words = STATE_WORDS.get(record.state or "", "a report that asks for nothing")
    return f"{words} by {record.claimed_by}" if record.state == "claimed" and record.claimed_by else words
