"""Accepting a report: a draft becomes what is stored of it, whatever the channel. Odd values are kept as text."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.errors import Invalid
from crisismap.core.need.decide import decide
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.facts import facts_of, is_in_danger
from crisismap.core.need.need import Need
from crisismap.core.need.stored import encode_heard
from crisismap.core.place.place import MAX_ACCURACY_M, Extent, check_coordinates, place_flags
from crisismap.core.report.report import (
    ANCIENT_MS,
    AS_WRITTEN,
    FUTURE_MS,
    MAX_PEOPLE,
    MAX_SHORT,
    VALUE_UNREAD,
    Consent,
    Draft,
    Report,
    check_sizes,
    clean,
    require_content,
)
from crisismap.core.text.answer import read_truth
from crisismap.core.text.number import read_number
from crisismap.core.text.storable import storable


class Arrival(msgspec.Struct, frozen=True):
    """How a report was received, apart from its content."""

    id: str
    now_ms: int
    channel: str
    hash_key: bytes
    source: str | None = None
    lang: str | None = None
    asks: bool | None = None  # the answer that a mapping file gives, for a draft without one
    sender: str | None = None
    network: str | None = None


def payload_hash(draft: Draft, key: bytes, asks: bool | None = None) -> bytes:
    """Return a keyed fingerprint of the content without its client id: tells a repeat from a reused id.

    `asks` is the answer that a mapping file gives, for a draft without one.
    """
    plain = draft if draft.client_id is None else msgspec.structs.replace(draft, client_id=None)
    text = msgspec.json.encode(plain, order="sorted") + (b"" if asks is None else b"%d" % asks)
    return hashlib.blake2b(text, key=key, digest_size=16).digest()


class Checked(NamedTuple):
    """The report of a draft in which nothing is wrong, but for what is heard in its text."""

    report: Report
    category_asks: bool


def accept(
    draft: Draft,
    arrival: Arrival,
    *,
    categories: Mapping[str, Category],
    detector: NeedDetector,
    extent: Extent | None,
) -> Report:
    """Check a draft and return the report to be stored. Raises Invalid or TooLarge, as `check` does."""
    return complete([check(draft, arrival, categories=categories, extent=extent)], detector)[0]


def check(draft: Draft, arrival: Arrival, *, categories: Mapping[str, Category], extent: Extent | None) -> Checked:
    """Check a draft, which `complete` makes a report. Raises Invalid or TooLarge; see CONTRACT "Refused".

    A value of place, time, people or a field that is none refuses nothing: it is kept as text, with a flag.
    """
    category = categories.get(draft.category) or categories.get(draft.category.strip().casefold())
    if category is None:
        raise Invalid("category", draft.category, "unknown_value", choices=list(categories))
    check_sizes(draft)
    flags: list[str] = []
    unread: dict[str, Any] = {}
    lon, lat = _coordinates(draft, unread)
    accuracy_m = _accuracy(draft.accuracy_m, unread)
    observed_at = _observed_at(draft.observed_at, arrival, flags, unread)
    people = _people(draft.people, unread)
    text, place_text = clean(draft.text), _place_text(draft.place, unread)
    fields = _read_fields(draft.fields, category, flags) if draft.fields else {}
    if unread:
        fields = with_unread(fields, unread)
    if AS_WRITTEN in fields and VALUE_UNREAD not in flags:
        flags.append(VALUE_UNREAD)
    require_content(text, fields, lon, place_text)
    if lon is not None and lat is not None:
        flags += place_flags(lon, lat, extent)
    # The no of a file, such as the status of a closed case, is only doubted for what its text and fields say.
    category_asks = category.asks and (arrival.asks is not False or draft.asks is not None)
    report = Report(
        id=arrival.id,
        category=category.id,
        text=text,
        lang=arrival.lang,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        place_text=place_text,
        observed_at=observed_at,
        received_at=arrival.now_ms,
        people=people,
        fields=fields,
        consent=draft.consent or Consent(),
        flags=tuple(flags),
        need=Need.INFORMATION,
        channel=arrival.channel,
        source=arrival.source,
        client_id=draft.client_id,
        payload_hash=payload_hash(draft, arrival.hash_key, arrival.asks),
        sender=arrival.sender,
        network=arrival.network,
        asked=arrival.asks if draft.asks is None else draft.asks,
    )
    return Checked(report, category_asks)


def complete(checked: Sequence[Checked], detector: NeedDetector) -> list[Report]:
    """Return the reports of checked drafts; need is heard in all texts at once."""
    detections = detector.detect_all([report.text for report, _ in checked])
    return [
        msgspec.structs.replace(
            report,
            need=decide(report.asked, asks, detection, in_danger=is_in_danger(report.fields)),
            heard=encode_heard(detection, detector.fingerprint),
        )
        for (report, asks), detection in zip(checked, detections, strict=True)
    ]


def with_unread(fields: Mapping[str, Any], unread: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with the unread values of members written down in `as_written`, none of them shortened."""
    written = [f"{name}: {value if isinstance(value, str) else _json_text(value)}" for name, value in unread.items()]
    before = fields.get(AS_WRITTEN)
    return {**fields, AS_WRITTEN: storable("; ".join([str(before), *written] if before else written))}


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _read_fields(fields: Mapping[str, Any], category: Category, flags: list[str]) -> dict[str, Any]:
    """Return the fields with the values that their kind needs; a value that is none stays as text, with a flag."""
    kinds = {field.id: field.kind for field in (*facts_of(category), *category.fields)}
    found: dict[str, Any] = {}
    for name, value in fields.items():
        read = _field_value(value, kinds.get(name, "text"))
        unread = read is None and value is not None
        found[name] = (value if isinstance(value, str) else _json_text(value)) if unread else read
        if unread and VALUE_UNREAD not in flags:
            flags.append(VALUE_UNREAD)
    return found


def _field_value(value: Any, kind: str) -> str | int | float | bool | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value if isinstance(value, int | float | bool) else None
    if kind == "bool" and value.strip():
        return read_truth(value)
    if kind == "int" and value.strip():
        number = read_number(value)
        return int(number) if number is not None and number.is_integer() else number
    return value


def _place_text(words: str | None, unread: dict[str, Any]) -> str:
    text = clean(words)
    if len(text) <= MAX_SHORT:
        return text
    unread["place"] = text
    return f"{text[: MAX_SHORT - 1]}…"


def _people(people: int | None, unread: dict[str, Any]) -> int | None:
    if people is None or 0 <= people <= MAX_PEOPLE:
        return people
    unread["people"] = people
    return None


def _coordinates(draft: Draft, unread: dict[str, Any]) -> tuple[float | None, float | None]:
    try:
        check_coordinates(draft.lon, draft.lat)
    except Invalid:
        given = {"lon": draft.lon, "lat": draft.lat}
        unread |= {name: value for name, value in given.items() if value is not None}
        return None, None
    return draft.lon, draft.lat


def _accuracy(metres: float | None, unread: dict[str, Any]) -> float | None:
    if metres is None or (math.isfinite(metres) and 0 <= metres <= MAX_ACCURACY_M):
        return metres
    unread["accuracy_m"] = metres
    return None


def _observed_at(text: str | None, arrival: Arrival, flags: list[str], unread: dict[str, Any]) -> int:
    if text is None or not text.strip():
        return arrival.now_ms
    try:
        ms, zoned = moment.parse(text)
    except (ValueError, OverflowError):
        unread["observed_at"] = text
        return arrival.now_ms
    if not zoned:
        flags.append("time_no_zone")
    if ms > arrival.now_ms + FUTURE_MS:
        flags.append("time_future")
    elif ms < ANCIENT_MS:
        flags.append("time_ancient")
    return ms
