"""The text of the detail as HTML. Everything that people wrote is escaped here, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from html import escape

from crisismap.channels import label_of
from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.moment import MINUTE_MS
from crisismap.core.need.facts import facts_of
from crisismap.core.report.photo import Photo, Use
from crisismap.core.report.report import AS_WRITTEN, Contact
from crisismap.core.text import symbols
from crisismap.i18n import english
from crisismap.services.around.feature_wording import OfficialWording
from crisismap.services.around.official_context import Surroundings
from crisismap.services.around.shelters import Shelter
from crisismap.services.lists.read import symbol_of
from crisismap.services.requests.report_detail import ReportDetail, TimelineEntry
from crisismap.situation.record.record import Record
from crisismap.ui.detail import detail_facts, detail_official, event_wording
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.style import image, section
from crisismap.ui.frame.wording import age, ago, count_phrase, distance
from crisismap.ui.requests.card import STATE_LABELS

FLAGS = {
    "time_future": "The phone's clock is ahead, so the time shown is when the report was received.",
    "time_ancient": "The phone's clock was not set, so the time shown is when the report was received.",
    "value_unread": "Something was written in a way that the program cannot read. See “As written” in the details.",
    "time_no_zone": "The time had no time zone and was read as UTC.",
    "zero_coordinates": "The phone sent the coordinates 0, 0. Set the location from the text.",
    "swapped_axes": "Longitude and latitude seem to be swapped. Set the location from the text.",
    "far_away": "The coordinates are far from this incident. Set the location from the text.",
    "moved_far": "The location was moved far, and no other responder has confirmed it yet.",
    "move_proposed": "Somebody proposes another location far from this one.",
    "erased": "The reporter's data was erased at their request.",
    "aged": "The text was deleted at the end of its retention period.",
    "coarse": "The exact location was deleted at the end of its retention period; this is its map cell.",
}
SOON_MS = 10 * MINUTE_MS
PHOTOS = {Use.REPORT: "from the report", Use.TEAM: "from a team", Use.ANSWER: "with the answer"}


def head(detail: ReportDetail, categories: Mapping[str, Category], now_ms: int, *, dark: bool) -> str:
    """Return the symbol, category, priority and status with the waiting time."""
    record = detail.record
    symbol = image(symbols.svg(symbol_of(record, categories), size=48, dark=dark), 48)
    title = escape(english().category(record.category))
    people = f" · {count_phrase(record.people, 'person', 'people')}" if record.people else ""
    priority = record.priority
    mark = f'<b class="cm-{priority.lower()}">{priority}</b> · ' if priority else ""
    return (
        f'<div class="cm-detail-head">{symbol}<div><h3>{mark}{title}{people}</h3>'
        f"<p>{escape(_status_line(record, now_ms))}</p></div></div>"
    )


def report_text(detail: ReportDetail, now_ms: int, zone: tzinfo) -> str:
    """Return the report's text, under it where that is and how accurately that is known, and when it was observed."""
    record = detail.record
    observed, received = _ms(record.observed_at), _ms(record.received_at)
    times = f"seen {short_time(observed, zone)} ({ago(observed, now_ms)})"
    if abs(received - observed) >= MINUTE_MS:
        times += f", received {short_time(received, zone)}"
    if record.channel:
        times += f", by {label_of(record.channel)}"
    paragraph = f'<p class="cm-said">{escape(record.text)}</p>' if record.text else ""
    if not paragraph and detail.current is None and record.asks:
        paragraph = '<p class="cm-soft">Only responders can read the text of a request.</p>'
    elif not paragraph:
        paragraph = '<p class="cm-soft">No text.</p>'
    place = "".join(f"<li>{escape(line)}</li>" for line in _place(detail))
    return (
        f'<div class="cm-section">{paragraph}<ul class="cm-place">{place}</ul>'
        f'<p class="cm-soft">{escape(times)}</p></div>'
    )


def body(
    detail: ReportDetail,
    categories: Mapping[str, Category],
    now_ms: int,
    zone: tzinfo,
    wording: OfficialWording | None = None,
    around: Surroundings | None = None,
    evidence: Sequence[str] = (),
) -> str:
    """Return everything known beside the text, as short lists under small headings."""
    record, around = detail.record, around or Surroundings()
    official = list(_official(record, wording or OfficialWording(), detail_official.spans(around, now_ms, zone)))
    official += detail_official.lines(around, now_ms, zone)
    reasons = [*detail_facts.priority_override(detail), *(record.reasons or ()), *detail_facts.place_in_list(detail)]
    parts = (
        section("Outcome", detail_facts.outcome(detail, zone)),
        section("Joined requests", detail_facts.joined_requests(detail, now_ms)),
        section("Verification", detail_facts.verification(detail)),
        section("Official layers", official),
        section(f"Why {record.priority}", reasons if record.priority else ()),
        section("Words this is based on", [f"“{each}”" for each in evidence]),
        section("Details", list(_fields(detail, categories))),
        section("Data quality", [FLAGS.get(flag, flag.replace("_", " ")) for flag in record.flags]),
    )
    return "".join(parts)


def photos(detail: ReportDetail) -> str:
    """Return thumbnails that open the full photo in a new tab."""
    if not detail.photos:
        return ""
    thumbnails = "".join(_photo(each) for each in detail.photos)
    return f'<div class="cm-section"><h4>Photos</h4><div class="cm-photos">{thumbnails}</div></div>'


def _photo(photo: Photo) -> str:
    # Safe without escaping: the server makes the id (36 characters), and nothing that was sent is in the URL or label.
    label, address = PHOTOS[photo.use], f"/api/v1/photos/{photo.id}"
    picture = f'<img src="{address}/thumb.jpg" alt="" loading="lazy">'  # the label below it names the link
    return f'<a href="{address}.jpg" target="_blank" rel="noopener noreferrer">{picture}<span>{label}</span></a>'


def timeline(steps: tuple[TimelineEntry, ...], zone: tzinfo) -> str:
    """Return the events of the report, newest first."""
    rows = []
    for step in reversed(steps):
        sentence = event_wording.event_sentence(step, zone)
        actor = f" · {escape(step.who)}" if step.who else ""
        note = f'<p class="cm-said">{escape(step.note)}</p>' if step.note else ""
        rows.append(f"<li><time>{short_time(step.at_ms, zone)}</time><div>{escape(sentence)}{actor}{note}</div></li>")
    return f'<div class="cm-section"><h4>Timeline</h4><ol class="cm-steps">{"".join(rows)}</ol></div>'


def shelters(nearest: Sequence[Shelter], now_ms: int) -> str:
    """Return the section with the nearest open shelters that have free places."""
    lines = section("Nearest open shelters", detail_facts.shelters(nearest, now_ms))
    return lines + (_route_html(nearest[0]) if nearest else "")


def _route_html(shelter: Shelter) -> str:
    """Return the steps of the route, folded because there may be many."""
    lines = detail_facts.route_steps(shelter)
    if not lines:
        return ""
    title = f"Route to {shelter.name or shelter.id}, as drawn on the Live map"
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<details class="cm-section cm-way"><summary>{escape(title)}</summary><ol>{items}</ol></details>'


def timer(until: str, now_ms: int, zone: tzinfo) -> str:
    """Return how long this person's claim lasts, highlighted in its last minutes."""
    remaining_ms = _ms(until) - now_ms
    soon = " cm-soon" if remaining_ms < SOON_MS else ""
    return (
        f'<p class="cm-timer{soon}" role="timer"><b>Your claim ends in {escape(age(remaining_ms / 1000))}</b>, at '
        f"{escape(short_time(_ms(until), zone))}. After that the request is open to others again.</p>"
    )


def contact(details: Contact) -> str:
    """Return the requester's contact details, as text so that nobody dials by mistake."""
    lines = [("Name", details.name), ("Phone", details.phone), ("E-mail", details.email)]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in lines if value)
    if not rows:
        return '<p class="cm-soft">The requester left no contact details.</p>'
    return f'<dl class="cm-contact">{rows}</dl>'


def _status_line(record: Record, now_ms: int) -> str:
    if not record.asks:
        stale = " · check before acting" if record.stale else ""
        return f"reported {ago(_ms(record.received_at), now_ms)} · information only{stale}"
    state = record.state or ""
    status = STATE_LABELS.get(state, state)
    if state == "claimed":
        status = f"claimed by {record.claimed_by}" if record.claimed_by else "claimed"
        if record.claim_until:
            status += f", {age((_ms(record.claim_until) - now_ms) / 1000)} left"
    parts = [status]
    if state in ("open", "claimed"):
        parts.append(f"waiting {age((now_ms - _ms(record.received_at)) / 1000)}")
        if record.due_at:
            due = _ms(record.due_at)
            parts.append(f"overdue by {age((now_ms - due) / 1000)}" if record.overdue else f"due {ago(due, now_ms)}")
    if (record.asking or 1) > 1:
        parts.append(f"{record.asking} joined requests")
    if record.reopened:
        parts.append(f"reopened {count_phrase(record.reopened, 'time')}")
    return " · ".join(parts)


def _place(detail: ReportDetail) -> Iterator[str]:
    """Yield where it is, the accuracy first: it decides where somebody is sent."""
    record, current = detail.record, detail.current
    if record.lon is None:
        yield "Location needed: not on the map yet."
    elif record.place_kind == "cell":
        yield f"Somewhere within {distance(record.accuracy_m or 0)}: the exact location is not public."
    else:
        origin = " · sent with the report" if current is not None else ""
        if current is not None and current.placement is not None:
            origin = f" · set by a person, source: {current.placement.source}"
        accuracy = f"Within {distance(record.accuracy_m)} of " if record.accuracy_m else ""
        yield f"{accuracy}{record.lat:.5f}, {record.lon:.5f}{origin}"
    if record.area:
        yield f"{record.area.name}{f' ({record.area.code})' if record.area.code else ''}"
    if record.place:
        yield f"Described as: “{record.place}”"


def _official(record: Record, wording: OfficialWording, spans: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for hazard in record.hazards:
        key = hazard.layer, hazard.feature
        description = " · ".join(part for part in (wording.hazards.get(key, ""), spans.get(key, "")) if part)
        name = wording.names.get(key) or hazard.name or hazard.feature
        yield f"Inside {name} ({hazard.layer}){': ' if description else ''}{description}"
    nearest = record.nearest_shelter
    if nearest:
        free = f" · {wording.shelter}" if wording.shelter else ""
        yield f"Nearest open shelter: {nearest.name or nearest.id}, {distance(nearest.distance_m)}{free}"
    for each in record.disagrees:
        yield f"Contradicts {each.layer}: {each.why}"


def _fields(detail: ReportDetail, categories: Mapping[str, Category]) -> Iterator[str]:
    if detail.current is None:
        return
    report = detail.current.report
    category = categories[report.category]
    fields_by_id = {field.id: field for field in (*facts_of(category), *category.fields)}
    if report.asked is not None:
        yield f"Does somebody need help? {'yes' if report.asked else 'no'} (the sender's answer)"
    for name, value in report.fields.items():
        field = fields_by_id.get(name)
        label = english().field(report.category, name) if field or name == AS_WRITTEN else name
        answer = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else str(value)
        if field and isinstance(value, str) and value in field.options:
            answer = english().option(report.category, name, value)
        yield f"{label} {answer}{f' {field.unit}' if field and field.unit else ''}"


def _ms(text: str) -> int:
    return moment.parse(text)[0]
