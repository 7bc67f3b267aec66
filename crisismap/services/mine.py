"""mine: what whoever holds a tracking code can do with what is kept about them: see, download, correct, erase."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.errors import Gone, Invalid
from crisismap.core.event import EventDraft
from crisismap.core.report import ERASED, Correction, CurrentReport, correct_report
from crisismap.services.context import Context
from crisismap.services.erase import erase
from crisismap.services.track import report_of
from crisismap.store.upkeep import Corrected

# Events that say what a person did; the rest is the program's own bookkeeping.
_OWN = frozenset({"report.submit", "report.correct", "report.erase", "report.retain", "report.place"})


def held(context: Context, code: str, address: str) -> dict[str, Any]:
    """Everything that is kept about the report of a code, with its contact details, ready to be taken away as JSON.

    Raises NotFound alike for all wrong codes, TooManyTries.
    """
    current = context.store.report(report_of(context, code, address))
    report, request = current.report, current.request
    contact = context.store.upkeep.contact(report.id)
    return {
        "id": report.id,
        "erased": ERASED in report.flags,
        "category": report.category,
        "text": report.text,
        "place": report.words,
        "lon": report.lon,
        "lat": report.lat,
        "accuracy_m": report.accuracy_m,
        "placed": _placed(current),
        "people": report.people,
        "fields": report.fields,
        "contact": msgspec.to_builtins(contact),
        "consent": {
            "publish": report.consent.publish,
            "contact": report.consent.contact,
            "version": report.consent.version,
        },
        "channel": report.channel,
        "language": report.lang,
        "flags": list(report.flags),
        "observed_at": moment.rfc3339(report.observed_at),
        "received_at": moment.rfc3339(report.received_at),
        "state": str(request.state) if request is not None else None,
        "answer": request.answer.note if request is not None and request.answer is not None else None,
        "happened": [
            {"at": moment.rfc3339(event.at_ms), "what": event.verb}
            for event in context.store.timeline(current.seq)
            if event.verb in _OWN or event.verb.startswith(("request.", "claim.", "contact."))
        ],
    }


def correct(context: Context, code: str, address: str, correction: Correction) -> None:
    """Change what is wrong; what was said before is forgotten. Raises Gone for an erased report, Invalid."""
    report_id, now_ms = report_of(context, code, address), context.clock()

    def decide(now: CurrentReport) -> Corrected:
        if ERASED in now.report.flags:
            raise Gone("This report was erased; nothing of it can be changed.")
        report = correct_report(now.report, correction)
        event = EventDraft("report.correct", report_id, "", now_ms, {"fields": correction.names()})
        return Corrected(event, report, correction.contact)

    if not correction.names():
        raise Invalid("body", "", "names nothing to change")
    done = context.store.upkeep.correct(report_id, decide).result()
    context.situation.wait(done.revision)
    context.word_index.forget()
    context.store.upkeep.scrub().result()


def erase_mine(context: Context, code: str, address: str) -> None:
    """Erase it all, at the wish of the person themselves."""
    erase(context, report_of(context, code, address), "")


def _placed(current: CurrentReport) -> dict[str, Any] | None:
    place = current.placement
    if place is None:
        return None
    return {"lon": place.lon, "lat": place.lat, "accuracy_m": place.accuracy_m, "source": place.source}
