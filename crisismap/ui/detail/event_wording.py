"""What happened, in words: one sentence for each verb of an event, from its facts. Plain text: who shows it escapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from crisismap.core.verbs import of_event
from crisismap.services.requests.report_detail import TimelineEntry
from crisismap.ui.frame.wording import count_phrase

Facts = Mapping[str, Any]

# Events that no verb writes.
DONE: dict[str, str] = {
    "report.submit": "Reported",
    "report.import": "Imported",
    "report.same_as": "The requester takes another request for the same",
    "claim.expire": "Claim ran out, open again",
    "claim.move": "The clock was set; the claim keeps its time",
    "report.correct": "The reporter corrected it",
    "report.erase": "Erased, as the reporter asked",
    "report.retain": "Had its time: taken out",
    "contact.read": "Contact looked at",
    "photo.add": "Photo added",
}
_VERDICTS = {"verified": "Verified", "disputed": "Disputed", "unverified": "Taken back: neither verified nor disputed"}


def _called(facts: Facts) -> str:
    return f"Escalated: overdue or given up, called everybody with the role {facts['to']}"


def _asking(facts: Facts) -> str:
    asking = int(facts["asking"])
    return f"{asking} ask for this now" if asking > 1 else "Only one asks for this now"


def _corroborated(facts: Facts) -> str:
    return f"{count_phrase(int(facts['reporters']), 'independent person says', 'independent people say')} the same"


_TOLD: dict[str, Callable[[Facts], str]] = {
    "request.escalate": _called,
    "request.age": lambda facts: f"Has waited long: now {facts['priority']}",
    "request.asking": _asking,
    "report.corroborate": _corroborated,
    "report.verify": lambda facts: _VERDICTS[facts["status"]],
}


def event_sentence(step: TimelineEntry, zone: tzinfo) -> str:
    """The sentence. Facts that are not told, as to the public, leave the verb's own words."""
    verb = of_event(step.verb)
    words = verb.labels.event if verb is not None else DONE.get(step.verb)
    if step.verb == "request.reopen" and not step.who:
        words = "The requester still needs help: opened again"
    elif step.verb == "request.priority" and step.facts.get("rules"):
        words = "Priority follows the rules again"
    elif step.verb in _TOLD:
        try:
            words = _TOLD[step.verb](step.facts)
        except (KeyError, TypeError, ValueError):
            words = None
    words = words or step.verb.replace(".", " ").replace("_", " ").capitalize()
    return f"{words} until {clock(step.until_ms, zone)}" if step.until_ms is not None else words


def clock(ms: int, zone: tzinfo) -> str:
    """`2 Dec 14:05`."""
    at = datetime.fromtimestamp(ms / 1000, zone)
    return f"{at.day} {at:%b %H:%M}"
