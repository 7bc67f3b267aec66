"""The words of the detail as HTML: everything that people wrote is escaped here, once, and nothing else is let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from html import escape

from crisismap.channels import label_of
from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.moment import MINUTE_MS
from crisismap.core.report.photo import Photo, Use
from crisismap.core.report.report import Contact
from crisismap.core.text import symbols
from crisismap.i18n import english
from crisismap.services.around.feature_wording import OfficialWords
from crisismap.services.around.official_context import Surroundings
from crisismap.services.around.same_subject import RelatedReport
from crisismap.services.around.shelters import Shelter
from crisismap.services.requests.report_detail import ReportDetail, TimelineEntry
from crisismap.situation.record.record import Record
from crisismap.ui.detail import detail_facts, detail_official, event_wording
from crisismap.ui.detail.event_wording import clock
from crisismap.ui.frame.style import image
from crisismap.ui.frame.wording import age, ago, count_phrase, distance
from crisismap.ui.requests.card import STATE_WORDS, symbol_of

FLAGS = {
    "time_future": "The phone's clock runs ahead: the time of the report is when it came in.",
    "time_ancient": "The phone's clock was never set: the time of the report is when it came in.",
    "time_no_zone": "The time came without a time zone and is read as UTC.",
    "zero_coordinates": "The phone sent 0, 0 for its place. Place it by what was said.",
    "swapped_axes": "Longitude and latitude seem to be exchanged. Place it by what was said.",
    "far_away": "The place sent lies far from this incident. Place it by what was said.",
    "erased": "The reporter's data was erased: there is nothing to look for.",
    "aged": "The words were kept long enough and were taken out.",
    "coarse": "The exact place was kept long enough; this is its cell.",
}
SOON_MS = 10 * MINUTE_MS
PHOTOS = {Use.REPORT: "from the report", Use.TEAM: "from a team", Use.ANSWER: "of the answer"}


def head(story: ReportDetail, categories: Mapping[str, Category], now_ms: int, *, dark: bool) -> str:
    """Symbol, what it is, how urgent, how long it has waited."""
    record = story.record
    symbol = image(symbols.svg(symbol_of(record, categories), size=48, dark=dark), 48)
    title = escape(english().category(record.category))
    people = f" · {count_phrase(record.people, 'person', 'people')}" if record.people else ""
    priority = record.priority
    mark = f'<b class="cm-{priority.lower()}">{priority}</b> · ' if priority else ""
    return (
        f'<div class="cm-detail-head">{symbol}<div><h3>{mark}{title}{people}</h3>'
        f"<p>{escape(_life(record, now_ms))}</p></div></div>"
    )


def report_text(story: ReportDetail, now_ms: int, zone: tzinfo) -> str:
    """What was said and when."""
    record = story.record
    observed, received = _ms(record.observed_at), _ms(record.received_at)
    when = f"seen {clock(observed, zone)} ({ago(observed, now_ms)})"
    if abs(received - observed) >= MINUTE_MS:
        when += f", received {clock(received, zone)}"
    if record.channel:
        when += f", by {label_of(record.channel)}"
    text = f'<p class="cm-said">{escape(record.text)}</p>' if record.text else ""
    if not text and story.current is None and record.asks:
        text = '<p class="cm-soft">Only responders may read the words of a request.</p>'
    elif not text:
        text = '<p class="cm-soft">Without words.</p>'
    return f'<div class="cm-section">{text}<p class="cm-soft">{escape(when)}</p></div>'


def body(
    story: ReportDetail,
    categories: Mapping[str, Category],
    now_ms: int,
    zone: tzinfo,
    words: OfficialWords | None = None,
    around: Surroundings | None = None,
) -> str:
    """All that is known beside the words, as short lists under small titles."""
    record, around = story.record, around or Surroundings()
    official = list(_official(record, words or OfficialWords(), detail_official.spans(around, now_ms, zone)))
    official += detail_official.lines(around, now_ms, zone)
    parts = [
        _section("Outcome", detail_facts.outcome(story, zone)),
        _section("Asked together", detail_facts.asking(story, now_ms)),
        _section("Verification", detail_facts.verification(story)),
        _section("Place", _place(story)),
        _section("Official map", official),
    ]
    why = [*detail_facts.overruled(story), *(record.reasons or ())]
    if record.priority:
        parts.append(_section(f"Why {record.priority}", why))
    parts.append(_section("More that was said", list(_fields(story, categories))))
    parts.append(_section("Mind", [FLAGS.get(flag, flag.replace("_", " ")) for flag in record.flags]))
    return "".join(parts)


def photos(story: ReportDetail) -> str:
    """Thumbnails that open large in a tab of their own."""
    if not story.photos:
        return ""
    seen = "".join(_photo(each) for each in story.photos)
    return f'<div class="cm-section"><h4>Photos</h4><div class="cm-photos">{seen}</div></div>'


def _photo(photo: Photo) -> str:
    # An id is 36 characters of our own making; nothing of what was sent is in the address or the words.
    words, address = PHOTOS[photo.use], f"/api/v1/photos/{photo.id}"
    picture = f'<img src="{address}/thumb.jpg" alt="" loading="lazy">'  # the words below it are the link's name
    return f'<a href="{address}.jpg" target="_blank" rel="noopener noreferrer">{picture}<span>{words}</span></a>'


def timeline(steps: tuple[TimelineEntry, ...], zone: tzinfo) -> str:
    """What happened, newest first."""
    rows = []
    for step in reversed(steps):
        what = event_wording.event_sentence(step, zone)
        who = f" · {escape(step.who)}" if step.who else ""
        note = f'<p class="cm-said">{escape(step.note)}</p>' if step.note else ""
        rows.append(f"<li><time>{clock(step.at_ms, zone)}</time><div>{escape(what)}{who}{note}</div></li>")
    return f'<div class="cm-section"><h4>Timeline</h4><ol class="cm-steps">{"".join(rows)}</ol></div>'


def related_reports(others: Sequence[RelatedReport], now_ms: int) -> str:
    """What other reports say of the same thing."""
    return _section("What others say of it", detail_facts.related_reports(others, now_ms))


def shelters(found: Sequence[Shelter], now_ms: int) -> str:
    """The nearest open shelters with room."""
    return _section("Open shelters", detail_facts.shelters(found, now_ms)) + (_route_html(found[0]) if found else "")


def _route_html(shelter: Shelter) -> str:
    """Folded, because a way may have many steps."""
    lines = detail_facts.route_steps(shelter)
    if not lines:
        return ""
    title = f"The way to {shelter.name or shelter.id}, as drawn on the Live map"
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<details class="cm-section cm-way"><summary>{escape(title)}</summary><ol>{items}</ol></details>'


def timer(until: str, now_ms: int, zone: tzinfo) -> str:
    """How long the own claim lasts; loud in its last minutes."""
    left_ms = _ms(until) - now_ms
    soon = " cm-soon" if left_ms < SOON_MS else ""
    return (
        f'<p class="cm-timer{soon}" role="timer"><b>Yours for {escape(age(left_ms / 1000))} more</b>, until '
        f"{escape(clock(_ms(until), zone))}. Then others see it as open again.</p>"
    )


def contact(found: Contact) -> str:
    """How to reach the requester; as text, so that nothing is dialled by mistake."""
    lines = [("Name", found.name), ("Phone", found.phone), ("Mail", found.email)]
    told = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in lines if value)
    if not told:
        return '<p class="cm-soft">No contact details were left.</p>'
    return f'<dl class="cm-contact">{told}</dl>'


def _life(record: Record, now_ms: int) -> str:
    if not record.asks:
        stale = " · check before acting" if record.stale else ""
        return f"reported {ago(_ms(record.received_at), now_ms)} · asks for nothing{stale}"
    state = record.state or ""
    words = STATE_WORDS.get(state, state)
    if state == "claimed":
        words = f"claimed by {record.claimed_by}" if record.claimed_by else "claimed"
        if record.claim_until:
            words += f", {age((_ms(record.claim_until) - now_ms) / 1000)} left"
    parts = [words]
    if state in ("open", "claimed"):
        parts.append(f"waiting {age((now_ms - _ms(record.received_at)) / 1000)}")
        if record.due_at:
            due = _ms(record.due_at)
            parts.append(f"overdue by {age((now_ms - due) / 1000)}" if record.overdue else f"due {ago(due, now_ms)}")
    if (record.asking or 1) > 1:
        parts.append(f"{record.asking} ask for this")
    if record.reopened:
        parts.append(f"opened again {count_phrase(record.reopened, 'time')}")
    return " · ".join(parts)


def _place(story: ReportDetail) -> list[str]:
    record, current = story.record, story.current
    found = []
    if record.area:
        code = f" ({record.area.code})" if record.area.code else ""
        found.append(f"{record.area.name}{code}")
    if record.place:
        found.append(f"In words: “{record.place}”")
    if record.lon is None:
        found.append("Not on the map yet.")
        return found
    where = f"{record.lat:.5f}, {record.lon:.5f}"
    accuracy = f", within {distance(record.accuracy_m)}" if record.accuracy_m else ""
    if record.place_kind == "cell":
        found.append(f"Somewhere within {distance(record.accuracy_m or 0)}: the exact place is not public.")
    elif current is not None and current.placement is not None:
        found.append(f"{where}{accuracy} · placed by a person, from: {current.placement.source}")
    elif current is not None:
        found.append(f"{where}{accuracy} · sent with the report")
    else:
        found.append(f"{where}{accuracy}")
    return found


def _official(record: Record, words: OfficialWords, spans: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for hazard in record.hazards:
        key = hazard.layer, hazard.feature
        said = " · ".join(part for part in (words.hazards.get(key, ""), spans.get(key, "")) if part)
        yield f"Inside {hazard.name or hazard.feature} ({hazard.layer}){': ' if said else ''}{said}"
    nearest = record.nearest_shelter
    if nearest:
        free = f" · {words.shelter}" if words.shelter else ""
        yield f"Nearest open shelter: {nearest.name or nearest.id}, {distance(nearest.distance_m)}{free}"
    for each in record.disagrees:
        yield f"Contradicts {each.layer}: {each.why}"


def _fields(story: ReportDetail, categories: Mapping[str, Category]) -> Iterator[str]:
    if story.current is None:
        return
    report = story.current.report
    known = {field.id: field for field in categories[report.category].fields}
    for name, value in report.fields.items():
        field = known.get(name)
        label = english().field(report.category, name) if field else name
        shown = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else str(value)
        if field and isinstance(value, str) and value in field.options:
            shown = english().option(report.category, name, value)
        yield f"{label} {shown}{f' {field.unit}' if field and field.unit else ''}"


def _section(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="cm-section"><h4>{escape(title)}</h4><ul>{items}</ul></div>'


def _ms(text: str) -> int:
    return moment.parse(text)[0]
