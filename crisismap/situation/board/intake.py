"""Taking reports in: each is redacted for the audience first, then written as columns and merged at the place
that the audience sees, so that no fact from the merge can tell more than the published place does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import Role
from crisismap.core.people.fingerprint import BY
from crisismap.core.people.identity import code_number, id_bytes
from crisismap.core.privacy import Audience, RedactedReport, view
from crisismap.core.report.report import WRONG_TIME, CurrentReport
from crisismap.core.report.request import Request, effective_priority
from crisismap.situation.board.assessment import Assessor
from crisismap.situation.board.columns import (
    EYES,
    LAYOUT,
    NEVER,
    NO_STATE,
    NONE,
    PLACE_KINDS,
    STATES,
    VERIFICATIONS,
    Board,
    Heap,
)
from crisismap.situation.board.interned import Interned
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.layer_frame import plain_status
from crisismap.situation.merge.layer_index import WORD
from crisismap.situation.merge.merge import MergeBatch, Merger
from crisismap.situation.rules import Rules

_Named = tuple[str, Role]  # a layer's id, and what it means
_MERGED = ("area", "hazards", "shelter", "shelter_m", "disagrees")
_COPIED = tuple(name for name in LAYOUT if name not in _MERGED)
_MAX_INT16, _MAX_INT32 = 2**15 - 1, 2**31 - 1


class Vocabularies:
    """Values that many rows share, kept once and numbered for ever."""

    def __init__(self) -> None:
        self.flags: Interned[tuple[str, ...]] = Interned()
        self.reasons: Interned[tuple[str, ...]] = Interned()
        self.lang: Interned[str] = Interned()
        self.channel: Interned[str] = Interned()
        self.told: Interned[str] = Interned()
        self.person: Interned[str] = Interned()
        self.sender: Interned[str] = Interned()  # and networks: who has sent no more than an address is one


class Intake:
    """Makes columns of reports for one audience. Used by one thread."""

    def __init__(
        self, audience: Audience, rules: Rules, judge: Assessor, vocabularies: Vocabularies, heap: Heap, code_key: bytes
    ) -> None:
        self.audience = audience
        self._rules = rules
        self._judge = judge
        self._words = vocabularies
        self._heap = heap
        self._code_key = code_key
        self._categories = tuple(rules.categories)

    def columns(self, reports: Sequence[CurrentReport], merger: Merger) -> dict[str, NDArray[Any]]:
        """All columns of those reports that the audience may know of, in their order."""
        rows = []
        for current in reports:
            seen = view(current, self.audience, self._rules.categories[current.report.category], self._rules.privacy)
            if seen is not None:
                rows.append(self._row(current, seen))
        made = {
            name: np.array([row[at] for row in rows], LAYOUT[name]) if rows else np.empty(0, LAYOUT[name])
            for at, name in enumerate(_COPIED)
        }
        return made | self.merged(made, merger)

    def merged(self, made: dict[str, NDArray[Any]], merger: Merger) -> dict[str, NDArray[Any]]:
        """The merge's columns for rows whose other columns are given."""
        found = merger.merge(self._asked(made))
        return {name: getattr(found, name) for name in _MERGED}

    def again(
        self, board: Board, rows: NDArray[np.int64], places: Places, merger: Merger, changed: Collection[_Named]
    ) -> dict[str, NDArray[Any]]:
        """Those of the merge's columns that a change of these layers can alter, for rows that are already here."""
        asked = self._asked({name: board[name][rows] for name in ("lon", "lat", "category", "at", "told")})
        return merger.again(asked, board["hazards"][rows], changed, places)

    def _asked(self, made: dict[str, NDArray[Any]]) -> MergeBatch:
        told = self._words.told.items
        return MergeBatch(
            lon=made["lon"],
            lat=made["lat"],
            category=made["category"],
            at_ms=made["at"],
            status=[told[number] for number in made["told"].tolist()],
            categories=self._categories,
        )

    def _row(self, current: CurrentReport, seen: RedactedReport) -> tuple[Any, ...]:
        report, request, words = current.report, current.request, self._words
        raw = id_bytes(report.id) or bytes(16)
        agency = self.audience is Audience.AGENCY
        dry, dry_reasons, wet, wet_reasons = self._priorities(current, seen)
        standing = current.standing
        sender = f"{BY}{report.source}" if report.source is not None else report.sender
        text = self._heap.add(msgspec.json.encode(seen.text)) if agency or seen.text else (0, 2)
        place = self._heap.add(msgspec.json.encode(seen.words)) if seen.words else (0, 2)
        return (
            current.seq,
            int.from_bytes(raw[:8], "big"),
            int.from_bytes(raw[8:], "big"),
            code_number(self._code_key, report.id) if agency else 0,
            self._categories.index(report.category),
            current.asks,
            STATES.index(request.state) if request else NO_STATE,
            VERIFICATIONS.index(seen.status),
            np.nan if seen.lon is None else seen.lon,
            np.nan if seen.lat is None else seen.lat,
            np.nan if seen.accuracy_m is None else seen.accuracy_m,
            PLACE_KINDS.index(seen.place_kind),
            seen.observed_at,
            seen.received_at if WRONG_TIME.intersection(report.flags) else seen.observed_at,
            seen.received_at,
            seen.known_at,
            seen.answered_at,
            seen.confirmed_at,
            seen.due_from,
            seen.reconfirmed_at,
            min(standing.reporters, _MAX_INT16) if seen.tells_reporters else NONE,
            seen.tells_reasons and request is not None and request.overruling is not None,
            request.escalated if request and seen.tells_reasons else 0,
            current.updated_revision,
            current.version,
            NONE if seen.people is None else min(seen.people, _MAX_INT32),
            request.asking if request and seen.tells_reasons else 1,
            words.person.number(request.claimed_by) if request and request.claimed_by and seen.tells_reasons else NONE,
            request.claim_until or NEVER if request and seen.tells_reasons else NEVER,
            request.reopened if request else 0,
            words.flags.number(seen.flags),
            words.lang.number(seen.lang or ""),
            words.channel.number(seen.channel or ""),
            words.told.number(_known(seen.claim)),
            *text,
            *place,
            *self._own(request, tell=seen.tells_reasons),
            dry,
            wet,
            words.reasons.number(dry_reasons),
            words.reasons.number(wet_reasons),
            words.sender.number(sender) if sender else NONE,
            words.sender.number(report.network) if report.network else NONE,
            report.source is not None,
            current.quarantined,
            EYES.index(seen.eye),
        )

    def _priorities(
        self, current: CurrentReport, seen: RedactedReport
    ) -> tuple[int, tuple[str, ...], int, tuple[str, ...]]:
        request, tell = current.request, seen.tells_reasons
        if request is None:
            return 0, (), 0, ()
        if not seen.tells_raise:
            request = msgspec.structs.replace(request, aged=0)
        (dry, dry_reasons), (wet, wet_reasons) = self._judge.of(current)
        return (
            effective_priority(request, dry),
            (*self._aged(request), *dry_reasons) if tell else (),
            effective_priority(request, wet),
            (*self._aged(request), *wet_reasons) if tell else (),
        )

    def _aged(self, request: Request) -> tuple[str, ...]:
        if request.overruling is not None or not request.aged:
            return ()
        return tuple(r.reason for r in self._rules.clocks.raises if r.to == request.aged)[:1]

    def _own(self, request: Request | None, *, tell: bool) -> tuple[int, int]:
        """The reason that a person gave, in the heap: it is somebody's words, and may have to be forgotten."""
        if request is None or request.overruling is None or not tell:
            return 0, 2
        said = f"set to P{request.overruling.priority} by a person: {request.overruling.reason}"
        return self._heap.add(msgspec.json.encode(said))


def _known(status: str) -> str:
    """The words for a thing's status that the merge knows; others are somebody's own words, and are not kept here."""
    plain = plain_status(status)
    return plain if plain in WORD else ""
