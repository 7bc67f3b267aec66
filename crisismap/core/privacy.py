"""Redaction, in one place: what an audience may know of a report.

`view` is applied when the situation takes a report in; everything that leaves (lists, tiles, counts, streams,
exports) is read from the columns of its audience and so cannot know more than what `view` let through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from crisismap.core.category import Category
from crisismap.core.errors import Misconfigured
from crisismap.core.moment import MINUTE_MS
from crisismap.core.own_channels import FILE
from crisismap.core.place.place import cell_place
from crisismap.core.report.report import AGED, COARSE, ERASED, WRONG_TIME, CurrentReport, Report
from crisismap.core.report.verification import VERIFICATIONS, Dangerous, Standing, dangerous_from


class Audience(StrEnum):
    """Who reads: everybody, or the people with a token or session of responder, agency or admin."""

    PUBLIC = "public"
    AGENCY = "agency"


class PlaceKind(StrEnum):
    """How the place shown stands to the place known."""

    EXACT = "exact"
    CELL = "cell"  # the centre of an H3 cell
    AREA = "area"  # only the area is told
    NONE = "none"  # nowhere yet


class ModerationStatus(StrEnum):
    """Whether the words of a report wait for a person's eye before, or while, the public reads them."""

    NOTHING = "nothing"  # nothing is to be decided
    PENDING = "waits"
    CLEARED = "cleared"  # by a person
    WITHHELD = "withheld"


PUBLIC_TIME_STEP_MS = 10 * MINUTE_MS
MANY_DIGITS = 7
QUARANTINED = "quarantined"  # a flag that only the desk sees
HIDE_PLACE = "hide_place"  # a member of `fields`: the reporter asked that the exact place is not published

# Anything that could reach or find a person: four digits in a row even when spaced (of any script), many digits
# in all, addresses, handles, links.
_TELLING = re.compile(r"\d(?:[\W_]{0,3}\d){3}|@|://|www\.|wa\.me", re.IGNORECASE)
# The part of it that no person can clear: what reaches somebody. Fewer digits may be a year or a road.
_REACHING = re.compile(r"@|://|www\.|wa\.me", re.IGNORECASE)
_NO_WARNING = frozenset({ERASED, AGED, COARSE})  # flags that say what we did


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """From data/rules/privacy.toml."""

    cell_resolution: int = 7
    by_category: Mapping[str, int] = field(default_factory=dict)
    small_count: int = 5
    dangerous: tuple[Dangerous, ...] = ()  # claims that wait for a person before the public sees them

    def resolution(self, category: str) -> int:
        """The H3 resolution for a category."""
        return self.by_category.get(category, self.cell_resolution)


class RedactedReport(msgspec.Struct, frozen=True, gc=False):
    """What one audience sees of a report, before the merge with layers at the place that it sees."""

    lon: float | None
    lat: float | None
    place_kind: PlaceKind
    accuracy_m: float | None
    text: str
    words: str
    lang: str | None
    channel: str | None
    flags: tuple[str, ...]
    people: int | None
    claim: str  # what it says of a thing's status (open, full, ...), "" for nothing
    observed_at: int
    received_at: int
    known_at: int  # since when it counts as known, for looks at a past moment
    answered_at: int  # 0: not answered, or nobody wrote down when
    confirmed_at: int  # 0: the requester has not said that it is solved
    due_from: int  # since when it has to be answered
    reconfirmed_at: int  # 0: nobody has said since that it still holds
    status: str  # of verification, one of VERIFICATIONS
    tells_reporters: bool  # whether it is told how many independent people say so
    tells_reasons: bool  # whether the reasons of the priority and the claimer are told
    tells_raise: bool  # whether waiting is seen to have made it more urgent
    eye: ModerationStatus = ModerationStatus.NOTHING  # only the desk sees that words wait, or what was decided


def view(current: CurrentReport, audience: Audience, category: Category, rules: PrivacyRules) -> RedactedReport | None:
    """What `audience` may know; None when it may not know of this report singly."""
    if audience is Audience.AGENCY:
        return _whole(current, eye(current, category, rules))
    if category.sensitive or current.quarantined:
        return None
    report = current.report
    lon, lat, kind, accuracy = _public_place(current, rules)
    return RedactedReport(
        lon=lon,
        lat=lat,
        place_kind=kind,
        accuracy_m=accuracy,
        text=report.text if text_is_cleared(current, rules) else "",
        words="",
        lang=report.lang,
        channel=None,
        flags=(),
        people=None,
        claim="" if needs_verification(current, rules) else claim_of(report),
        observed_at=_rounded(report.observed_at),
        received_at=_rounded(report.received_at),
        known_at=_rounded(known_since(report)),
        answered_at=_rounded(_answered_at(current)),
        confirmed_at=_rounded(_confirmed_at(current)),
        due_from=_rounded(_due_from(current)),
        reconfirmed_at=_rounded(current.standing.reconfirmed_at or 0),
        # Who says the same, and when waiting makes urgent, follows from the exact place: where that is not told,
        # somebody could send reports all about until one of them agrees.
        status=current.standing.status if kind is PlaceKind.EXACT else _alone(current.standing),
        tells_reporters=not current.asks and kind is not PlaceKind.CELL,
        tells_reasons=False,
        tells_raise=False,
    )


def text_is_cleared(current: CurrentReport, rules: PrivacyRules) -> bool:
    """A person's word, or the rule that stands in for one: asks nothing, and nothing in it that could find somebody.

    Never without consent, and never a claim that harms when it is wrong, until a person has verified it. The words of
    a request are never cleared by the rule, nor are those of somebody who wants the place hidden: they may name it.
    A person may let those through, but not what reaches somebody.
    """
    report = current.report
    if not report.consent.publish or current.withheld or needs_verification(current, rules):
        return False
    if current.cleared:
        return not _reaches_somebody(report.text)
    return not (current.asks or _hides(report) or _tells_of_somebody(report.text))


def cannot_publish(current: CurrentReport, category: Category) -> str:
    """Why nobody can let the words be published: sensitive, silent, consent or reaching; "" when a person can."""
    if category.sensitive:
        return "sensitive"
    if not current.report.text:
        return "silent"
    if not current.report.consent.publish:
        return "consent"
    return "reaching" if _reaches_somebody(current.report.text) else ""


def review_reasons(current: CurrentReport, category: Category, rules: PrivacyRules) -> tuple[str, ...]:
    """Why the words wait for a person; nothing when they do not.

    Either the rule holds them back (asks, hide_place, numbers, dangerous) or they are out and something warns
    (flagged, disputed); or they are others than those that were decided about (changed).
    """
    if cannot_publish(current, category) or current.quarantined:
        return ()
    report, dangerous = current.report, needs_verification(current, rules)
    if current.decided:
        return ("dangerous",) if dangerous and current.cleared else ()
    reasons = {
        "changed": bool(current.moderation.decision),
        "asks": current.asks,
        "hide_place": _hides(report),
        "numbers": _tells_of_somebody(report.text),
        "dangerous": dangerous,
        "flagged": not _NO_WARNING.issuperset(report.flags),
        "disputed": current.standing.verdict == "disputed",
    }
    return tuple(name for name, holds in reasons.items() if holds)


def eye(current: CurrentReport, category: Category, rules: PrivacyRules) -> ModerationStatus:
    """Whether the words wait for a person, or what a person decided."""
    if current.asks and not current.moderation.decision and not current.quarantined:  # the most common, told at once
        return ModerationStatus.NOTHING if cannot_publish(current, category) else ModerationStatus.PENDING
    if review_reasons(current, category, rules):
        return ModerationStatus.PENDING
    return ModerationStatus(current.moderation.decision or ModerationStatus.NOTHING)


def known_since(report: Report) -> int:
    """When it was known: at its arrival. A row of a file says itself when it was, as `as_of` of a layer does."""
    if report.channel == FILE and not WRONG_TIME.intersection(report.flags):
        return min(report.observed_at, report.received_at)
    return report.received_at


def claim_of(report: Report) -> str:
    """What the report says of a thing's status, folded."""
    status = report.fields.get("status")
    return status.strip().casefold() if isinstance(status, str) else ""


def needs_verification(current: CurrentReport, rules: PrivacyRules) -> bool:
    """Whether the report claims what harms when it is wrong, and no person has verified it."""
    report = current.report
    dangerous = any(claim.fits(report.category, report.fields) for claim in rules.dangerous)
    return dangerous and current.standing.verdict != "verified"


def _tells_of_somebody(text: str) -> bool:
    return bool(_TELLING.search(text)) or _has_many_digits(text)


def _reaches_somebody(text: str) -> bool:
    return bool(_REACHING.search(text)) or _has_many_digits(text)


def _has_many_digits(text: str) -> bool:
    if text.isascii():  # many times faster, and most texts are
        return sum(map(text.count, "0123456789")) >= MANY_DIGITS
    return sum(map(str.isdigit, text)) >= MANY_DIGITS


def privacy_rules_from(data: Mapping[str, Any], name: str) -> PrivacyRules:
    """Rules from their TOML table; `name` says in an error which file is wrong."""
    resolutions = {"cell_resolution": data.get("cell_resolution", 7), **data.get("by_category", {})}
    for key, value in resolutions.items():
        if not isinstance(value, int) or not 0 <= value <= 9:
            raise Misconfigured("not_a_resolution", file=name, key=key, given=repr(value))
    least = data.get("small_count", 5)
    if not isinstance(least, int) or least < 1:
        raise Misconfigured("not_a_count", key=f"{name}: small_count", given=repr(least))
    return PrivacyRules(resolutions["cell_resolution"], data.get("by_category", {}), least, dangerous_from(data, name))


def _whole(current: CurrentReport, watched: ModerationStatus) -> RedactedReport:
    report, point = current.report, current.point()
    return RedactedReport(
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        place_kind=PlaceKind.EXACT if point else PlaceKind.NONE,
        accuracy_m=_accuracy(current) if point else None,
        text=current.said(),
        words=report.words,
        lang=report.lang,
        channel=report.channel,
        flags=(*report.flags, QUARANTINED) if current.quarantined else report.flags,
        people=report.people,
        claim=claim_of(report),
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
        eye=watched,
    )


def _public_place(
    current: CurrentReport, rules: PrivacyRules
) -> tuple[float | None, float | None, PlaceKind, float | None]:
    point = current.point()
    if point is None:
        return None, None, PlaceKind.NONE, None
    report = current.report
    if not current.asks and not _hides(report):
        return *point, PlaceKind.EXACT, _accuracy(current)
    lon, lat, radius = cell_place(*point, rules.resolution(report.category))
    return lon, lat, PlaceKind.CELL, radius


def _alone(standing: Standing) -> str:
    """The status that is left of a standing when nothing counts but a person's word."""
    return standing.verdict or VERIFICATIONS[0]


def _hides(report: Report) -> bool:
    # Forms and files say yes in their own ways; only a clear no is one.
    wish = report.fields.get(HIDE_PLACE)
    return (wish.strip().casefold() if isinstance(wish, str) else wish) not in (None, False, 0, "", "false", "no", "0")


def _accuracy(current: CurrentReport) -> float | None:
    return current.placement.accuracy_m if current.placement is not None else current.report.accuracy_m


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
    """A moment as an audience may know it."""
    return _rounded(ms) if audience is Audience.PUBLIC else ms


def _rounded(ms: int) -> int:
    return ms - ms % PUBLIC_TIME_STEP_MS
