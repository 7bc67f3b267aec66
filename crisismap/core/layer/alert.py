"""Official warnings in terms of the Common Alerting Protocol, and which of them are in force.

Coordinates are lon, lat here; CAP writes lat,lon and `layers.formats.cap` swaps them. What is in force depends on the
set of messages only, never on the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

ACTUAL, PUBLIC = "Actual", "Public"
WARNING_KINDS = frozenset({"Alert", "Update"})
ENDING_KINDS = frozenset({"Update", "Cancel"})
ALL_CLEAR = "AllClear"
CLEAR = "all clear"  # the status of a feature whose danger is over

# Plain words for the terms of the protocol.
SEVERITY = {
    "Extreme": "extreme: extraordinary threat to life or property",
    "Severe": "severe: significant threat to life or property",
    "Moderate": "moderate: possible threat to life or property",
    "Minor": "minor: little threat to life or property",
}
CERTAINTY = {
    "Observed": "seen or going on",
    "Likely": "likely",
    "Possible": "possible, not likely",
    "Unlikely": "not expected",
}
URGENCY = {
    "Immediate": "act at once",
    "Expected": "act within the hour",
    "Future": "act soon",
    "Past": "nothing to be done any more",
}

NO_TIME = -1  # in place of a time of sending or receiving that is not known
Key = tuple[str, str, int]  # sender, identifier, time of sending in ms: what CAP identifies a message by


class AlertArea(msgspec.Struct, frozen=True):
    """The area of a warning; without polygons and circles it is given by codes, or by text only.

    `problems` are phrases for polygons and circles that cannot be used.
    """

    name: str
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()  # rings of lon, lat; closed
    circles: tuple[tuple[float, float, float], ...] = ()  # lon, lat, radius in km
    geocodes: tuple[tuple[str, str], ...] = ()  # system of codes, code
    problems: tuple[str, ...] = ()


class Info(msgspec.Struct, frozen=True):
    """The content of a message in one language. Times are ms UTC, None where not given."""

    language: str = "en-US"  # the default of CAP
    event: str = ""
    severity: str = "Unknown"
    certainty: str = "Unknown"
    urgency: str = "Unknown"
    effective_ms: int | None = None
    onset_ms: int | None = None
    expires_ms: int | None = None
    ends_ms: int | None = None  # when the event itself ends, where the publisher gives it (NWS)
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    responses: tuple[str, ...] = ()
    areas: tuple[AlertArea, ...] = ()


class Alert(msgspec.Struct, frozen=True):
    """One CAP message. `problems` are phrases for times that are not written as they should be."""

    sender: str
    identifier: str
    sent_ms: int  # NO_TIME where it cannot be read
    status: str
    kind: str  # msgType: Alert, Update, Cancel, Ack, Error
    scope: str
    references: tuple[Key, ...] = ()
    infos: tuple[Info, ...] = ()
    sent_is_exact: bool = True  # False where its offset from UTC was assumed, or where it cannot be read
    received_ms: int = NO_TIME  # known where no time of the message says when it begins
    problems: tuple[str, ...] = ()
    signed: bool = False  # whether it contains an XML signature; nobody has verified it
    original: str = ""  # id of its original bytes; "" where they are not kept

    @property
    def key(self) -> Key:
        """Return what other messages refer to it by."""
        return self.sender, self.identifier, self.sent_ms

    @property
    def since_ms(self) -> int:
        """Return when it was sent; where that cannot be read when it begins, else when it was received."""
        if self.sent_ms != NO_TIME:
            return self.sent_ms
        starts = [ms for info in self.infos for ms in (info.effective_ms, info.onset_ms) if ms is not None]
        return min(starts, default=self.received_ms)

    def received(self, at_ms: int) -> Alert:
        """Return it with the time when it was received, where none of its own says when it begins."""
        return self if self.since_ms != NO_TIME else msgspec.structs.replace(self, received_ms=at_ms)

    @property
    def is_warning(self) -> bool:
        """Return whether it warns the public: no test, exercise, draft or cancellation, and not restricted."""
        return self.status == ACTUAL and self.scope == PUBLIC and self.kind in WARNING_KINDS


class AlertMessage(msgspec.Struct, frozen=True):
    """A warning as it was received: its URL, its original bytes, and the parsed message."""

    origin: str
    body: bytes
    alert: Alert


def end_times(alerts: Iterable[Alert]) -> dict[Key, int]:
    """Return when each message was replaced or cancelled: the earliest actual Update or Cancel that refers to it.

    A message can be ended before it arrives. A test or an exercise ends nothing. Where a reference has NO_TIME, or the
    time of the message which it names is not exact, sender and identifier tell which one is meant.
    """
    messages = list(alerts)
    by_name: dict[tuple[str, str], set[Key]] = {}
    for alert in messages:
        by_name.setdefault(alert.key[:2], set()).add(alert.key)
    inexact = {alert.key for alert in messages if not alert.sent_is_exact}
    found: dict[Key, int] = {}
    for alert in messages:
        if alert.status != ACTUAL or alert.kind not in ENDING_KINDS:
            continue
        for key in alert.references:
            same_name = by_name.get(key[:2], set())
            for ended in {key} | (same_name if key[2] == NO_TIME else same_name & inexact):
                if ended != alert.key:
                    found[ended] = min(alert.since_ms, found.get(ended, alert.since_ms))
    return found


def span(alert: Alert, info: Info, ended_ms: int | None, lasts_ms: int) -> tuple[int, int]:
    """Return start and end of a warning's validity, both inclusive; the end precedes the start if it was never in
    force.

    Without an end of its own it lasts `lasts_ms` from its start.
    """
    start = info.effective_ms if info.effective_ms is not None else alert.since_ms
    end = info.ends_ms if info.ends_ms is not None else info.expires_ms
    if end is None:
        end = start + lasts_ms
    return start, end if ended_ms is None else min(end, ended_ms - 1)


def in_force(alerts: Iterable[Alert], now_ms: int, lasts_ms: int) -> set[Key]:
    """Return the warnings that are in force at a moment; the order of the messages does not matter."""
    messages = {alert.key: alert for alert in alerts}.values()
    ends = end_times(messages)
    spans = ((alert, span(alert, info, ends.get(alert.key), lasts_ms)) for alert in messages for info in alert.infos)
    return {alert.key for alert, (start, end) in spans if alert.is_warning and start <= now_ms <= end}


def in_language(properties: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    """Return the properties of a warning's feature with its texts in a language, where it is in force in it.

    `code` is the language without its region. Otherwise the texts are those of the first language in force.
    """
    others = properties.get("other_languages")
    if not isinstance(others, dict) or _primary(str(properties.get("language", ""))) == code:
        return properties
    for language, texts in others.items():
        if _primary(language) == code and isinstance(texts, dict):
            said = {name: text for name, text in texts.items() if text}
            name = texts.get("event") or texts.get("headline") or properties.get("name")
            return {**properties, **said, "language": language, "name": name}
    return properties


def _primary(language: str) -> str:
    return language.casefold().replace("_", "-").partition("-")[0]


def describe(severity: str, certainty: str, urgency: str) -> str:
    """Return severity, certainty and urgency as one phrase; unknown values are left out."""
    phrases = (SEVERITY.get(severity), CERTAINTY.get(certainty), URGENCY.get(urgency))
    return " · ".join(phrase for phrase in phrases if phrase)
