"""The rights of a tracking code's holder over their own data: read, download, correct, erase."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.errors import Gone, Invalid
from crisismap.core.event import EventDraft
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience, redact
from crisismap.core.report.change import Rectification
from crisismap.core.report.photo import Photo
from crisismap.core.report.report import ERASED, Correction, CurrentReport, correct_report
from crisismap.core.report.request import after_hearing
from crisismap.rule_files import RuleFiles
from crisismap.services.reporter.erasure import erase
from crisismap.services.reporter.tracking import report_of
from crisismap.services.requests.photo import of_requester
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings
from crisismap.situation.situation import Situation

# Events that describe what a person did; the others are internal bookkeeping.
_PERSON_EVENTS = frozenset(
    {
        *("report.submit", "report.add", "report.correct", "report.update", "report.erase", "report.retain"),
        *("report.place", "report.clear", "report.withhold", "report.reconsider", "photo.add"),
    }
)


def personal_data(
    store: Store, situation: Situation, rules: RuleFiles, code_tries: FailedTries, now_ms: int, code: str, address: str
) -> dict[str, Any]:
    """Return everything stored about a code's report, contact details included, ready for JSON.

    Raises NotFound alike for all wrong codes, TooManyTries.
    """
    current = store.reports.one(report_of(store, situation, code_tries, now_ms, code, address))
    report, request = current.report, current.request
    contact = store.reports.contact(report.id)
    return {
        "id": report.id,
        "erased": ERASED in report.flags,
        "category": report.category,
        "text": report.text,
        "added": [{"at": moment.rfc3339(each.at_ms), "text": each.text} for each in current.additions],
        "photos": [_photo(each) for each in of_requester(store, current)],
        "words": _review_state(rules, current),
        "place": report.place_text,
        "lon": report.lon,
        "lat": report.lat,
        "accuracy_m": report.accuracy_m,
        "placed": _place_json(current),
        "people": report.people,
        "asks": report.asked,
        "fields": report.fields,
        "contact": msgspec.to_builtins(contact),
        "consent": msgspec.structs.asdict(report.consent),
        "channel": report.channel,
        "language": report.lang,
        "flags": list(report.flags),
        "observed_at": moment.rfc3339(report.observed_at),
        "received_at": moment.rfc3339(report.received_at),
        "state": str(request.state) if request is not None else None,
        "answer": request.answer.note if request is not None and request.answer is not None else None,
        "happened": [
            {"at": moment.rfc3339(event.at_ms), "what": event.verb}
            for event in store.events.of_report(current.seq)
            if event.verb in _PERSON_EVENTS or event.verb.startswith(("request.", "claim.", "contact."))
        ],
    }


def correct_own_report(
    store: Store, views: Views, code_tries: FailedTries, now_ms: int, code: str, address: str, correction: Correction
) -> None:
    """Correct the report and delete what it said before; words of need make it a request.

    Raises Gone for an erased report, Invalid.
    """
    report_id = report_of(store, views.situation, code_tries, now_ms, code, address)
    detector = views.situation.rules.detector

    def decide(now: CurrentReport) -> Rectification:
        if ERASED in now.report.flags:
            raise Gone("erased")
        report = correct_report(now.report, correction, detector)
        event = EventDraft("report.correct", report_id, "", now_ms, {"fields": correction.names()})
        changed = report.text != now.report.text
        request = after_hearing(now.request, detector.detect(report.text).need, now_ms) if changed else None
        return Rectification(event, report, correction.contact, request)

    if not correction.names():
        raise Invalid("body", "", "nothing_to_change")
    done = store.reports.rectify(report_id, decide).result()
    views.situation.wait(done.revision)
    views.forget_words()
    store.upkeep.scrub().result()


def erase_own_report(
    store: Store, views: Views, code_tries: FailedTries, settings: Settings, now_ms: int, code: str, address: str
) -> None:
    """Erase the report and everything about it at its sender's request."""
    erase(store, views, settings, now_ms, report_of(store, views.situation, code_tries, now_ms, code, address), "")


def _photo(photo: Photo) -> dict[str, Any]:
    """Return a photo's properties and the path at which the same code can fetch it."""
    return {
        "id": photo.id,
        "use": str(photo.use),
        "added_at": moment.rfc3339(photo.added_at),
        "width": photo.width,
        "height": photo.height,
        "address": f"/api/v1/photos/{photo.id}.jpg",
    }


def _review_state(rules: RuleFiles, current: CurrentReport) -> dict[str, Any]:
    """Return whether the text is public, and the review decision with its reason."""
    category, moderation = rules.categories[current.report.category], current.moderation
    public = redact(current, Audience.PUBLIC, category, rules.privacy)
    return {
        "published": bool(public and public.text),
        "decision": moderation.decision or None,
        "reason": moderation.reason or None,
    }


def _place_json(current: CurrentReport) -> dict[str, Any] | None:
    place = current.placement
    if place is None:
        return None
    return {"lon": place.lon, "lat": place.lat, "accuracy_m": place.accuracy_m, "source": place.source}
