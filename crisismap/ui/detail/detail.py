"""The detail of one report, the same beside the map and beside the list, with the actions this person may take."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from crisismap.core.errors import NotFound
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import PlacementStatus
from crisismap.core.report.request import UNANSWERED
from crisismap.core.verb import ClaimBody, MoveBody
from crisismap.core.verbs import VERBS
from crisismap.services.around.feature_wording import official_wording
from crisismap.services.around.offers import nearby_offers
from crisismap.services.around.official_context import official_context
from crisismap.services.around.same_subject import related_reports
from crisismap.services.around.shelters import Shelter, of_request
from crisismap.services.requests.report_detail import ReportDetail, report_detail
from crisismap.services.runtime.context import audience_of
from crisismap.ui.detail import detail_facts, detail_forms, detail_text, set_location, similar, text_review
from crisismap.ui.frame import focus, shell, side_panel, skills, style
from crisismap.ui.frame.local_time import zone
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.requests import acting
from crisismap.ui.requests.request_list import DECISION_KEYS

MINUTES = (30, 60, 120, 240)
PHOTO_TYPES = ("jpg", "jpeg", "png", "webp")
NOTE_HELP = "In a few words: who came, what was done, what is still missing."


def show(person: Person, page: str, report_id: str, *, height: str) -> ReportDetail | None:
    """Draw the detail with a Back button; return None when the report does not exist or is not visible."""
    context = shell.context()
    try:
        detail = report_detail(context.store, context.views, context.rules, context.clock, person, report_id)
    except NotFound:
        detail = None
    st.button("← Back", key=f"{page}-back", on_click=side_panel.back, args=(page,), type="tertiary", shortcut="Escape")
    acting.show_message(report_id)
    if detail is None:
        st.html(
            '<p class="cm-soft">This report does not exist, or you are not allowed to see it. Go back to the list.</p>'
        )
        return None
    now_ms, categories, dark = context.clock(), context.rules.categories, style.dark()
    with st.container(key=f"{page}-detail", border=True):
        st.html(
            f"<style>@media (min-width:641px){{.st-key-{page}-detail{{max-height:{height};overflow-y:auto}}}}</style>"
        )
        st.html(detail_text.head(detail, categories, now_ms, dark=dark))
        focus.move_to(f"{page}-detail", "/".join(map(str, side_panel.last_opened(page))))
        if set_location.is_open(report_id) and person.may("report.place"):
            set_location.show(person, detail, dark=dark)
            return detail
        st.html(detail_text.report_text(detail, now_ms, zone()) + detail_text.photos(detail))
        _stale(detail, now_ms)
        _moves(detail)
        _look(detail)
        _actions(person, detail, now_ms)
        detail_forms.buttons(detail, "more")
        detail_forms.form(person, detail, "more")
        text_review.show(person, detail)
        similar.show(person, page, report_id)
        store, views, rules, record = context.store, context.views, context.rules, detail.record
        nearby = official_context(store, views, rules, now_ms, audience_of(person), record)
        wording = official_wording(views.situation, record)
        evidence = rules.detector.evidence(detail.current.full_text()) if detail.current is not None else ()
        body = detail_text.body(detail, categories, now_ms, zone(), wording, nearby, evidence)
        if detail.current is not None and record.state in UNANSWERED:
            offers = nearby_offers(store, views, context.clock, person, report_id)
            body = style.section("Offers of help", detail_facts.offers(offers)) + body
            body = skills.could_go(person, detail.current) + body
        if record.asks:
            body += detail_text.shelters(nearest_shelters(person, report_id), now_ms)
        else:
            others = related_reports(store, views, rules, context.clock, person, report_id)
            body = style.section("Other reports about it", detail_facts.related_reports(others, now_ms)) + body
        st.html(body + detail_text.timeline(detail.steps, zone()))
    return detail


def nearest_shelters(person: Person, report_id: str) -> tuple[Shelter, ...]:
    """Return the nearest with free places, from the location this person may see; looked up once a minute."""
    context = shell.context()

    def find() -> tuple[Shelter, ...]:
        try:
            return of_request(context.store, context.views, context.clock, person, report_id)[1]
        except NotFound:
            return ()

    key = (report_id, person.id, context.views.situation.revision, context.clock() // MINUTE_MS)
    return cached("nearest-shelters", key, find)


def _stale(detail: ReportDetail, now_ms: int) -> None:
    """Warn about an information-only report that nobody has confirmed for long, with a button to confirm it."""
    if not detail.record.stale:
        return
    since = detail_facts.freshness(detail, now_ms)
    with st.container(horizontal=True, vertical_alignment="center", key="act-stale"):
        st.html(
            f'<div class="cm-notice" role="note"><b>Check before acting:</b> {escape(since)}.</div>',
            width="stretch",
        )
        verb = detail.offered.get("reconfirm")
        if verb is not None:
            args = (detail.record.id, detail.version, verb.name)
            st.button(verb.labels.button, type="primary", key="reconfirm", on_click=acting.press, args=args)


def _moves(detail: ReportDetail) -> None:
    """Say what was moved far or is proposed, each with the buttons that this person may press."""
    for move in detail.moves:
        waits = move.status is not PlacementStatus.CONFIRMED
        with st.container(horizontal=True, vertical_alignment="center", key=f"act-move-{move.number}"):
            kind = "cm-notice" if waits else "cm-soft"
            st.html(
                f'<div class="{kind}" role="note">{escape(detail_facts.location_move(move))}</div>', width="stretch"
            )
            body = MoveBody(move.number)
            if waits and move.can_confirm and "confirm_place" in detail.offered:
                args = (detail.record.id, detail.version, "confirm_place", body)
                label = VERBS["confirm_place"].labels.button
                st.button(label, type="primary", key=f"confirm-{move.number}", on_click=acting.press, args=args)
            if "put_back" in detail.offered:
                args = (detail.record.id, detail.version, "put_back", body)
                label = "Keep the old location" if move.status is PlacementStatus.PROPOSED else "Put back"
                st.button(label, key=f"put-back-{move.number}", on_click=acting.press, args=args)


def _look(detail: ReportDetail) -> None:
    """Ask about a report in which somebody may need help; one key each decides."""
    if "triage" not in detail.offered or detail.record.need != "may":
        return
    with st.container(key="act-look", border=True, gap="small"):
        st.html("<p><b>Somebody may need help.</b> Read the words and decide. The sender sees it too.</p>")
        with st.container(horizontal=True, gap="small"):
            for key, body in DECISION_KEYS.items():
                label = f"Asks for help: {body.priority}" if body.priority else "Information only"
                kind: Literal["primary", "secondary"] = "primary" if body.priority == "P1" else "secondary"
                args = (detail.record.id, detail.version, "triage", body)
                st.button(label, key=f"look-{key}", type=kind, shortcut=key, on_click=acting.press, args=args)


def _actions(person: Person, detail: ReportDetail, now_ms: int) -> None:
    """Draw the actions that are possible now, the most likely first."""
    id_, version = detail.record.id, detail.version
    if "claim" in detail.offered:
        if detail.holds_claim:
            _claim_actions(person, detail, now_ms)
        else:
            with st.container(horizontal=True, vertical_alignment="bottom", key="act-claim"):
                minutes = st.selectbox("Minutes", MINUTES, index=1, key=f"minutes-{id_}", width=96)
                args = (id_, version, "claim", ClaimBody(minutes))
                st.button("Claim request", type="primary", key="claim", on_click=acting.press, args=args)
                _place_button(detail)
            if "answer" in detail.offered:
                with st.expander("Already done? Mark as answered", key="act-answer", on_change="rerun") as more:
                    if more.open:
                        _answer(id_, version)
            return
    if not detail.holds_claim:
        _place_button(detail)
    if person == STRANGER and detail.record.state in ("open", "claimed"):
        st.html(
            '<p class="cm-soft"><a href="/login" target="_self">Sign in</a> as a responder to claim this request.</p>'
        )


def _claim_actions(person: Person, detail: ReportDetail, now_ms: int) -> None:
    id_, version = detail.record.id, detail.version
    if detail.record.claim_until is not None:
        st.html(detail_text.timer(detail.record.claim_until, now_ms, zone()))
    if "answer" in detail.offered:
        _answer(id_, version)
    with st.container(horizontal=True, vertical_alignment="bottom", key="act-mine"):
        minutes = st.selectbox("Minutes", MINUTES, index=1, key=f"minutes-{id_}", width=96)
        args = (id_, version, "claim", ClaimBody(minutes))
        st.button("Extend claim", key="extend", on_click=acting.press, args=args)
        if "release" in detail.offered:
            st.button("Release claim", key="release", on_click=acting.press, args=(id_, version, "release"))
        if person.may("contact.read"):
            st.button("Show contact (logged)", key="contact", on_click=acting.read_contact, args=(id_,))
        _place_button(detail)
    details = acting.contact(person, id_)
    if details is not None:
        st.html(detail_text.contact(details))


def _answer(report_id: str, version: int) -> None:
    with st.form(f"answer-{report_id}", clear_on_submit=False, border=False):
        note = st.text_area("What was done?", key=f"note-{report_id}", placeholder=NOTE_HELP, height=80, max_chars=4000)
        photo = st.file_uploader("Photo (optional)", PHOTO_TYPES, key=f"photo-{report_id}", max_upload_size=8)
        picture = photo.getvalue() if photo is not None else None
        if st.form_submit_button("Mark as answered", type="primary") and acting.answer(
            report_id, version, note, picture
        ):
            st.rerun()
        acting.show_message(report_id, role="alert")


def _place_button(detail: ReportDetail) -> None:
    if "place" not in detail.offered:
        return
    label = "Set location" if detail.record.lon is None else "Correct location"
    st.button(label, key="place", on_click=set_location.begin, args=(detail.record.id,))
