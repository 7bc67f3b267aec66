"""One sentence for each event of the timeline, as plain text: the caller escapes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from crisismap.core.verbs import of_event
from crisismap.services.requests.report_detail import TimelineEntry
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.wording import count_phrase, distance, role_group

Facts = Mapping[str, Any]

# Events that no verb writes.
SYSTEM_EVENTS: dict[str, str] = {
    "report.submit": "Reported",
    "report.import": "Imported",
    "report.same_as": "The requester says that another request is the same",
    "claim.expire": "Claim expired: open again",
    "claim.move": "Server clock changed; the claim keeps its remaining time",
    "report.propose_place": "Another location proposed: a second person confirms it",
    "report.correct": "The reporter corrected the report",
    "report.update": "Changed by a newer row of the imported file",
    "report.erase": "Data erased at the reporter's request",
    "report.retain": "Retention period over: data deleted",
    "contact.read": "Contact details viewed",
    "photo.add": "Photo added",
}
_VERDICTS = {
    "verified": "Verified",
    "disputed": "Disputed",
    "unverified": "Verification removed: neither verified nor disputed",
}


def _joined_requests(facts: Facts) -> str:
    asking = int(facts["asking"])
    return f"{asking} joined requests now" if asking > 1 else "No other request is joined now"


def _placed(facts: Facts) -> str:
    if not facts.get("far"):
        return "Location set"
    metres = facts.get("moved_m")
    return "Location set outside of the incident" if metres is None else f"Location moved {distance(metres)}"


def _corroboration(facts: Facts) -> str:
    return f"{count_phrase(int(facts['reporters']), 'independent person says', 'independent people say')} the same"


_FROM_FACTS: dict[str, Callable[[Facts], str]] = {
    "request.escalate": lambda facts: f"Escalated to {role_group(facts['to'])}: overdue, or a team is unable to help",
    "request.age": lambda facts: f"Priority raised to {facts['priority']} after a long wait",
    "request.asking": _joined_requests,
    "report.corroborate": _corroboration,
    "report.place": _placed,
    "report.verify": lambda facts: _VERDICTS[facts["status"]],
}


def event_name(event: str) -> str:
    """Return what an event is called in a list of all events, without its facts."""
    verb = of_event(event)
    name = verb.labels.event if verb is not None else SYSTEM_EVENTS.get(event)
    return name or event.replace(".", ": ").replace("_", " ").capitalize()


def event_sentence(step: TimelineEntry, zone: tzinfo) -> str:
    """Return the sentence; the verb's general label where the facts are not visible to this audience."""
    verb = of_event(step.verb)
    sentence = verb.labels.event if verb is not None else SYSTEM_EVENTS.get(step.verb)
    if step.verb == "request.reopen" and not step.who:
        sentence = "The requester still needs help: reopened"
    elif step.verb == "request.priority" and step.facts.get("rules"):
        sentence = "Priority override removed: the rules apply again"
    elif step.verb in _FROM_FACTS:
        try:
            sentence = _FROM_FACTS[step.verb](step.facts)
        except (KeyError, TypeError, ValueError):
            sentence = None
    sentence = sentence or step.verb.replace(".", " ").replace("_", " ").capitalize()
    return f"{sentence} until {short_time(step.until_ms, zone)}" if step.until_ms is not None else sentence
