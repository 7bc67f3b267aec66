"""Redaction, in one place: what an audience may know of a report.

`redact` is applied when the situation loads a report; all output (lists, tiles, counts, streams, exports) is read from
the columns of its audience and so cannot contain more than `redact` returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import msgspec

from crisismap.core.category import Category
from crisismap.core.errors import Misconfigured
from crisismap.core.moment import MINUTE_MS
from crisismap.core.need.need import Need
from crisismap.core.own_channels import FILE
from crisismap.core.place.place import Placement, PlacementStatus, cell_place
from crisismap.core.report.report import AGED, COARSE, ERASED, WRONG_TIME, CurrentReport, Report
from crisismap.core.report.verification import VERIFICATIONS, Dangerous, dangerous_from


class Audience(StrEnum):
    """Who reads: the public, or the holders of a token or session as responder, agency or admin."""

    PUBLIC = "public"
    AGENCY = "agency"


class PlaceKind(StrEnum):
    """How the published place relates to the known place."""

    EXACT = "exact"
    CELL = "cell"  # the centre of an H3 cell
    AREA = "area"  # only the name of the area is published
    NONE = "none"  # location needed


class ModerationStatus(StrEnum):
    """Whether the text of a report needs review by a person, before or after it was published."""

    NOTHING = "nothing"  # no decision needed
    PENDING = "waits"
    CLEARED = "cleared"  # approved by a person
    WITHHELD = "withheld"


PUBLIC_TIME_STEP_MS = 10 * MINUTE_MS
MANY_DIGITS = 7
QUARANTINED = "quarantined"  # a flag that only staff see, as are the next two
MOVED_FAR = "moved_far"
MOVE_PROPOSED = "move_proposed"
HIDE_PLACE = "hide_place"  # a member of `fields`: the reporter asked that the exact place is not published

# A text with any of these may identify or contact a person: four digits in a row even when spaced (of any script), many
# digits in all, addresses, handles, links. No person can approve the last three; fewer digits may be a year or a road.
_ASCII_DIGIT = re.compile("[0-9]")
_DIGITS_IN_A_ROW = re.compile(r"\d(?:[\W_]{0,3}\d){3}")
_NO_FIELDS: Mapping[str, Any] = MappingProxyType({})
_NO_WARNING = frozenset({ERASED, AGED, COARSE})  # flags that describe what the program did


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """The rules from data/rules/privacy.toml."""

    cell_resolution: int = 7
    by_category: Mapping[str, int] = field(default_factory=dict)
    small_count: int = 5
    dangerous: tuple[Dangerous, ...] = ()  # claims that a person must verify before the public sees them

    def resolution(self, category: str) -> int:
        """Return the H3 resolution for a category."""
        return self.by_category.get(category, self.cell_resolution)


class RedactedReport(msgspec.Struct, frozen=True, gc=False):
    """What one audience sees of a report, before the merge with layers at the published place."""

    lon: float | None
    lat: float | None
    place_kind: PlaceKind
    accuracy_m: float | None
    text: str
    place_text: str
    lang: str | None
    channel: str | None
    flags: tuple[str, ...]
    people: int | None
    fields: Mapping[str, Any]  # of the category and of the file it came from; the public sees none
    photos: int | None  # number of photos; None for the public
    source: str | None  # the file that it was imported from; None for the public
    reported_status: str  # the status that the report claims for something (open, full, ...), "" for none
    observed_at: int
    received_at: int
    known_at: int  # when it became known, for views of a past moment
    answered_at: int  # 0: not answered, or time unknown
    confirmed_at: int  # 0: the requester has not confirmed the answer
    due_from: int  # start of the time to answer
    reconfirmed_at: int  # 0: never reconfirmed
    status: str  # verification, one of VERIFICATIONS
    tells_reporters: bool  # whether the number of independent reporters is shown
    tells_reasons: bool  # whether the reasons of the priority and the claimer are shown
    tells_raise: bool  # whether a raise of priority by waiting is shown
    need: Need | None = None  # None for all but staff: the public must not tell who may need help from who asks
    moderation_status: ModerationStatus = ModerationStatus.NOTHING  # of the text; NOTHING for all but staff


def redact(
    current: CurrentReport, audience: Audience, category: Category, rules: PrivacyRules
) -> RedactedReport | None:
    """Return what `audience` may know; None when it may not see this report singly."""
    if audience is Audience.AGENCY:
        return _unredacted(current, moderation_status(current, category, rules))
    if category.sensitive or current.quarantined:
        return None
    report, standing = current.report, current.standing
    lon, lat, kind, accuracy = _public_place(current, rules)
    return RedactedReport(
        lon=lon,
        lat=lat,
        place_kind=kind,
        accuracy_m=accuracy,
        text=report.text if text_is_cleared(current, rules) else "",
        place_text="",
        lang=report.lang,
        channel=None,
        flags=(),
        people=None,
        fields=_NO_FIELDS,
        photos=None,
        source=None,
        reported_status="" if needs_verification(current, rules) else reported_status(report),
        observed_at=_rounded_to_step(report.observed_at),
        received_at=_rounded_to_step(report.received_at),
        known_at=_rounded_to_step(known_since(report)),
        answered_at=_rounded_to_step(_answered_at(current)),
        confirmed_at=_rounded_to_step(_confirmed_at(current)),
        due_from=_rounded_to_step(_due_from(current)),
        reconfirmed_at=_rounded_to_step(standing.reconfirmed_at or 0),
        # Corroboration and the raise by waiting depend on the exact place: where that is not shown, somebody could
        # locate it by sending reports all around until one of them agrees. There only a person's verdict counts.
        status=standing.status if kind is PlaceKind.EXACT else standing.verdict or VERIFICATIONS[0],
        tells_reporters=not current.asks and kind is not PlaceKind.CELL,
        tells_reasons=False,
        tells_raise=False,
    )


def text_is_cleared(current: CurrentReport, rules: PrivacyRules) -> bool:
    """Return whether the public may read the text: approved by a person, or information only without contact details.

    Never without consent, and no dangerous claim until a person has verified it. The rule approves no text of a
    request or an offer, nor of a reporter who wants the place hidden, because the text may name it. A person may
    approve those, but no contact details.
    """
    report = current.report
    if not report.consent.publish or current.is_withheld or needs_verification(current, rules):
        return False
    if current.is_cleared:
        return not _has_contact_details(report.text)
    return not (current.concerns_home or _hides_place(report) or _has_personal_details(report.text))


def cannot_publish(current: CurrentReport, category: Category) -> str:
    """Return why nobody can approve the text: sensitive, silent, consent or reaching; "" when a person can."""
    if category.sensitive:
        return "sensitive"
    if not current.report.text:
        return "silent"
    if not current.report.consent.publish:
        return "consent"
    return "reaching" if _has_contact_details(current.report.text) else ""


def review_reasons(current: CurrentReport, category: Category, rules: PrivacyRules) -> tuple[str, ...]:
    """Return why the text needs review by a person; nothing when it does not.

    Either the rule withholds it (asks, offer, hide_place, numbers, dangerous), or it is public and doubtful (flagged,
    disputed), or it was changed after the decision (changed).
    """
    if cannot_publish(current, category) or current.quarantined:
        return ()
    report, dangerous = current.report, needs_verification(current, rules)
    if current.is_decided:
        return ("dangerous",) if dangerous and current.is_cleared else ()
    reasons = {
        "changed": bool(current.moderation.decision),
        "asks": current.asks,
        "offer": current.need is Need.OFFER,
        "hide_place": _hides_place(report),
        "numbers": _has_personal_details(report.text),
        "dangerous": dangerous,
        "flagged": not _NO_WARNING.issuperset(report.flags),
        "disputed": current.standing.verdict == "disputed",
    }
    return tuple(name for name, holds in reasons.items() if holds)


def moderation_status(current: CurrentReport, category: Category, rules: PrivacyRules) -> ModerationStatus:
    """Return whether the text waits for review, or the decision."""
    if current.asks and not current.moderation.decision and not current.quarantined:  # the most common case first
        return ModerationStatus.NOTHING if cannot_publish(current, category) else ModerationStatus.PENDING
    if review_reasons(current, category, rules):
        return ModerationStatus.PENDING
    return ModerationStatus(current.moderation.decision or ModerationStatus.NOTHING)


def known_since(report: Report) -> int:
    """Return when a report became known: at its arrival, or at the time that a row of an imported file gives."""
    if report.channel == FILE and not WRONG_TIME.intersection(report.flags):
        return min(report.observed_at, report.received_at)
    return report.received_at


def reported_status(report: Report) -> str:
    """Return the status that the report claims for something, folded."""
    status = report.fields.get("status")
    return status.strip().casefold() if isinstance(status, str) else ""


def needs_verification(current: CurrentReport, rules: PrivacyRules) -> bool:
    """Return whether the report makes a dangerous claim that no person has verified."""
    report = current.report
    if not report.fields or current.standing.verdict == "verified":
        return False
    return any(claim.fits(report.category, report.fields) for claim in rules.dangerous)


def _has_personal_details(text: str) -> bool:
    return _has_contact_details(text) or _DIGITS_IN_A_ROW.search(text) is not None


def _has_contact_details(text: str) -> bool:
    folded = text.casefold()
    return "@" in folded or "://" in folded or "www." in folded or "wa.me" in folded or _has_many_digits(text)


def _has_many_digits(text: str) -> bool:
    if text.isascii():  # many times faster, and the most common case
        return len(_ASCII_DIGIT.findall(text)) >= MANY_DIGITS
    return sum(map(str.isdigit, text)) >= MANY_DIGITS


def privacy_rules_from(data: Mapping[str, Any], name: str) -> PrivacyRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    resolutions = {"cell_resolution": data.get("cell_resolution", 7), **data.get("by_category", {})}
    for key, value in resolutions.items():
        if not isinstance(value, int) or not 0 <= value <= 9:
            raise Misconfigured("not_a_resolution", file=name, key=key, given=repr(value))
    least = data.get("small_count", 5)
    if not isinstance(least, int) or least < 1:
        raise Misconfigured("not_a_count", key=f"{name}: small_count", given=repr(least))
    return PrivacyRules(resolutions["cell_resolution"], data.get("by_category", {}), least, dangerous_from(data, name))


def _unredacted(current: CurrentReport, status: ModerationStatus) -> RedactedReport:
    report, point = current.report, current.point()
    return RedactedReport(
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        place_kind=PlaceKind.EXACT if point else PlaceKind.NONE,
        accuracy_m=_accuracy(current) if point else None,
        text=current.full_text(),
        place_text=report.place_text,
        lang=report.lang,
        channel=report.channel,
        flags=_flags(current),
        people=report.people,
        fields=report.fields,
        photos=current.photos,
        source=report.source if report.channel == FILE else None,
        reported_status=reported_status(report),
        observed_at=report.observed_at,
        received_at=report.received_at,
        known_at=known_since(report),
        answered_at=_answered_at(current),
        confirmed_at=_confirmed_at(current),
        due_from=_due_from(current),
        reconfirmed_at=current.standing.reconfirmed_at or 0,
        status=current.standing.status,
        tells_reporters=True,
        tells_reasons=True,
        tells_raise=True,
        need=current.need,
        moderation_status=status,
    )


def _flags(current: CurrentReport) -> tuple[str, ...]:
    if not current.quarantined and not current.places:  # the most common case first
        return current.report.flags
    statuses = {each.status for each in current.places}
    added = {
        QUARANTINED: current.quarantined,
        MOVED_FAR: PlacementStatus.FAR in statuses,
        MOVE_PROPOSED: PlacementStatus.PROPOSED in statuses,
    }
    return (*current.report.flags, *(flag for flag, holds in added.items() if holds))


def _public_place(
    current: CurrentReport, rules: PrivacyRules
) -> tuple[float | None, float | None, PlaceKind, float | None]:
    point = current.point()
    if point is None:
        return None, None, PlaceKind.NONE, None
    if not _has_cell(current):
        return *point, PlaceKind.EXACT, _accuracy(current)
    lon, lat, radius = cell_place(*point, rules.resolution(current.report.category))
    return lon, lat, PlaceKind.CELL, radius


def published_place(current: CurrentReport, place: Placement, rules: PrivacyRules) -> Placement:
    """Return a place of the report as the public may know it: the centre of the cell, and its radius as accuracy."""
    if not _has_cell(current):
        return place
    lon, lat, radius = cell_place(place.lon, place.lat, rules.resolution(current.report.category))
    return replace(place, lon=lon, lat=lat, accuracy_m=radius)


def _has_cell(current: CurrentReport) -> bool:
    return current.concerns_home or _hides_place(current.report)


def _hides_place(report: Report) -> bool:
    # Forms and files have different values for yes; only a clear no counts as no.
    hide = report.fields.get(HIDE_PLACE)
    return (hide.strip().casefold() if isinstance(hide, str) else hide) not in (None, False, 0, "", "false", "no", "0")


def _accuracy(current: CurrentReport) -> float | None:
    place = current.place()
    return place.accuracy_m if place is not None else None


def _answered_at(current: CurrentReport) -> int:
    request = current.request
    return request.answer.at_ms if request is not None and request.answer is not None else 0


def _confirmed_at(current: CurrentReport) -> int:
    request = current.request
    return request.confirmed_at if request is not None and request.confirmed_at else 0


def _due_from(current: CurrentReport) -> int:
    request = current.request
    return request.due_from if request is not None and request.due_from else current.report.received_at


def rounded_moment(ms: int, audience: Audience) -> int:
    """Return a time in the precision that an audience may know."""
    return _rounded_to_step(ms) if audience is Audience.PUBLIC else ms


def _rounded_to_step(ms: int) -> int:
    return ms - ms % PUBLIC_TIME_STEP_MS
