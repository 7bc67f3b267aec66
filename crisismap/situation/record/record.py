"""Record: all facts about one report that leave the situation, member by member.

One entry defines a fact completely: its type, its sentence for the API's document, its JSON, and the columns that only
it needs. Lists and single requests have every member, in this order; GeoJSON features and CSV have those that are a
`feature`, those for the public without the ones for `staff`. The API's document, the CSV header and docs/reference.md
are derived from here. The entries are read from the annotations, which therefore must not be strings: this module omits
`from __future__ import annotations`. Long because every fact has its entry here.
"""

from typing import Annotated, Any

import msgspec
import numpy as np

from crisismap.core.need.need import NEEDS
from crisismap.situation.board.column import (
    NEVER,
    NO_NEED,
    NO_STATE,
    NONE,
    PLACE_KINDS,
    STATES,
    VERIFICATIONS,
    Column,
    IntakeRow,
    TextColumn,
    or_nan,
)
from crisismap.situation.record import derived
from crisismap.situation.record import encoding as json
from crisismap.situation.record.encoding import JsonList
from crisismap.situation.record.fact import Cell, Fact
from crisismap.situation.record.record_types import (
    Count,
    Lat,
    Lon,
    Need,
    PlaceKind,
    Priority,
    RecordArea,
    RecordDisagreement,
    RecordHazard,
    RecordShelter,
    State,
    Verification,
)

_LOW = 2**64 - 1
_MAX_INT16, _MAX_INT32 = 2**15 - 1, 2**31 - 1
_STATES = (*STATES, *[None] * (NO_STATE - len(STATES)), None)
_NEEDS = (*NEEDS, *[None] * (NO_NEED - len(NEEDS)), None)
_VERIFICATION = json.list_json("verification", lambda _: JsonList(VERIFICATIONS))


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A report, and the request in it."""

    id: Annotated[
        str,
        Fact(
            "The id of the report and of its request.",
            json.ids,
            Column("id_high", np.uint64, lambda row: row.id_number >> 64, in_past=True),
            Column("id_low", np.uint64, lambda row: row.id_number & _LOW, in_past=True),
            feature=False,
            csv=True,
        ),
    ]
    category: Annotated[
        str,
        Fact(
            "The id of its category.",
            json.list_json("category", lambda m: JsonList(m.categories)),
            Column("category", np.uint8, lambda row: row.setting.categories[row.report.category], in_past=True),
        ),
    ]
    text: Annotated[
        str | None,
        Fact(
            "The text, where the audience may read it.",
            json.text("text"),
            TextColumn("text", lambda row: row.redacted.text),
        ),
    ]
    lang: Annotated[
        str | None,
        Fact(
            "The language of the text, as the sender named it.",
            json.list_json("lang", lambda m: JsonList(m.vocabularies.lang.items, json.or_null)),
            Column("lang", np.int32, lambda row: row.vocabularies.lang.number(row.redacted.lang or "")),
        ),
    ]
    status: Annotated[Verification, Fact("The same as `verification`.", _VERIFICATION)]
    observed_at: Annotated[
        str,
        Fact(
            "When it was observed.",
            json.moment("observed_at", never=None),
            Column("observed_at", np.int64, lambda row: row.redacted.observed_at, in_past=True),
        ),
    ]
    received_at: Annotated[
        str,
        Fact(
            "When it was received.",
            json.moment("received_at", never=None),
            Column("received_at", np.int64, lambda row: row.redacted.received_at, in_past=True),
        ),
    ]
    updated_revision: Annotated[
        Count,
        Fact(
            "The revision of its last change.",
            json.number("updated_revision"),
            Column("updated_revision", np.int64, lambda row: row.current.updated_revision),
        ),
    ]
    place_kind: Annotated[
        PlaceKind,
        Fact(
            "The precision of the published place: exact, the centre of a cell, only its area, or none yet.",
            json.list_json("place_kind", lambda _: JsonList(PLACE_KINDS)),
            Column(
                "place_kind",
                np.uint8,
                lambda row: PLACE_KINDS.index(row.redacted.place_kind),
                in_past=True,
                unplaced=PLACE_KINDS.index("none"),
            ),
        ),
    ]
    accuracy_m: Annotated[
        float | None,
        Fact(
            "The accuracy of the place, in metres.",
            json.decimal("accuracy_m", 1),
            Column(
                "accuracy_m", np.float32, lambda row: or_nan(row.redacted.accuracy_m), in_past=True, unplaced=np.nan
            ),
        ),
    ]
    area: Annotated[
        RecordArea | None,
        Fact(
            "The official area in which the place lies.",
            json.list_json(
                "area", lambda m: JsonList(m.facts.areas.items, lambda a: {"code": a.code or None, "name": a.name})
            ),
            Column("area", np.int32, in_past=True, unplaced=NONE),
            csv=(
                Cell("area_code", lambda area: area and area.code),
                Cell("area_name", lambda area: area and area.name),
            ),
        ),
    ]
    hazards: Annotated[
        list[RecordHazard],
        Fact(
            "The official hazards in which the place lies.",
            json.list_json("hazards", lambda m: JsonList(m.facts.hazards.sets, derived.as_dicts, b"[]")),
            Column("hazards", np.int32, in_past=True, unplaced=NONE),
            csv=(Cell("hazards", lambda refs: "; ".join(f"{each.layer}/{each.feature}" for each in refs)),),
        ),
    ]
    nearest_shelter: Annotated[
        RecordShelter | None,
        Fact(
            "The nearest open official shelter.",
            derived.nearest_shelter,
            Column("shelter", np.int32),
            Column("shelter_m", np.float32),
            csv=(
                Cell("nearest_shelter_id", lambda shelter: shelter and shelter.id),
                Cell("nearest_shelter_name", lambda shelter: shelter and shelter.name),
                Cell("nearest_shelter_m", lambda shelter: shelter and shelter.distance_m),
            ),
        ),
    ]
    disagrees: Annotated[
        list[RecordDisagreement],
        Fact(
            "The official features that it contradicts.",
            json.list_json("disagrees", lambda m: JsonList(m.facts.disagreements.sets, derived.as_dicts, b"[]")),
            Column("disagrees", np.int32, in_past=True, unplaced=NONE),
            csv=(Cell("disagrees", lambda refs: "; ".join(f"{d.layer}/{d.feature}: {d.why}" for d in refs)),),
        ),
    ]
    flags: Annotated[
        list[str],
        Fact(
            "Doubts about the report, as codes.",
            json.list_json("flags", lambda m: JsonList(m.vocabularies.flags.items, list)),
            Column("flags", np.int32, lambda row: row.vocabularies.flags.number(row.redacted.flags)),
            csv=(Cell("flags", " ".join),),
        ),
    ]
    asks: Annotated[
        bool,
        Fact(
            "Whether it asks for help, and so is a request.",
            json.truth("asks"),
            Column("asks", np.bool_, lambda row: row.request is not None, in_past=True),
        ),
    ]
    need: Annotated[
        Need | None,
        Fact(
            "What it is to staff: `asks`, `may` need help (nobody has looked yet), `information`, or an `offer`.",
            json.list_json("need", lambda _: JsonList(_NEEDS)),
            Column(
                "need",
                np.uint8,
                lambda row: NO_NEED if row.redacted.need is None else NEEDS.index(row.redacted.need),
                in_past=True,
            ),
        ),
    ]
    state: Annotated[
        State | None,
        Fact(
            "The state of the request.",
            json.list_json("state", lambda _: JsonList(_STATES)),
            Column(
                "state",
                np.uint8,
                lambda row: STATES.index(row.request.state) if row.request else NO_STATE,
                in_past=True,
            ),
        ),
    ]
    priority: Annotated[
        Priority | None,
        Fact(
            "P1 life at risk, P2 hours, P3 days, P4 information.",
            derived.priorities,
            # Outside and inside an official hazard, so that a changed layer needs no new assessment.
            Column("priority_dry", np.uint8, lambda row: row.dry[0], in_past=True),
            Column("priority_wet", np.uint8, lambda row: row.wet[0], in_past=True),
        ),
    ]
    reasons: Annotated[
        list[str],
        Fact(
            "Why it has this priority.",
            derived.reasons,
            Column("reasons_dry", np.int32, lambda row: row.vocabularies.reasons.number(row.dry[1])),
            Column("reasons_wet", np.int32, lambda row: row.vocabularies.reasons.number(row.wet[1])),
            TextColumn("override", IntakeRow.overruling),
            csv=(Cell("reasons", "; ".join),),
        ),
    ]
    due_at: Annotated[
        str | None,
        Fact("When an answer is due.", lambda b: json.moments_json(b.board.due_at(b.meanings.clocks.due))),
    ]
    overdue: Annotated[
        bool,
        Fact(
            "Whether it is unanswered and past its due time.",
            lambda b: json.truths_json(b.board.overdue(b.meanings.clocks.due, b.now_ms)),
        ),
    ]
    channel: Annotated[
        str | None,
        Fact(
            "The channel by which it was received.",
            json.list_json("channel", lambda m: JsonList(m.vocabularies.channel.items, json.or_null)),
            Column("channel", np.int32, lambda row: row.vocabularies.channel.number(row.redacted.channel or "")),
        ),
    ]
    verification: Annotated[
        Verification,
        Fact(
            "The verification status.",
            _VERIFICATION,
            Column("verification", np.uint8, lambda row: VERIFICATIONS.index(row.redacted.status), in_past=True),
        ),
    ]
    lon: Annotated[
        Lon | None,
        Fact(
            "Longitude of the place, WGS 84.",
            json.decimal("lon"),
            Column("lon", np.float64, lambda row: or_nan(row.redacted.lon), in_past=True, unplaced=np.nan),
            feature=False,
            csv=True,
        ),
    ]
    lat: Annotated[
        Lat | None,
        Fact(
            "Latitude of the place, WGS 84.",
            json.decimal("lat"),
            Column("lat", np.float64, lambda row: or_nan(row.redacted.lat), in_past=True, unplaced=np.nan),
            feature=False,
            csv=True,
        ),
    ]
    waiting_s: Annotated[Count, Fact("Seconds since it was received.", derived.waiting_s, feature=False)]
    claimed_by: Annotated[
        str | None,
        Fact(
            "Who has claimed the request.",
            derived.claimed_by,
            Column(
                "claimed_by",
                np.int32,
                lambda row: (
                    row.vocabularies.person.number(row.detail.claimed_by)
                    if row.detail and row.detail.claimed_by
                    else NONE
                ),
            ),
            staff=True,
        ),
    ]
    claim_until: Annotated[
        str | None,
        Fact(
            "When the claim expires.",
            json.moment("claim_until"),
            Column("claim_until", np.int64, lambda row: (row.detail and row.detail.claim_until) or NEVER),
            staff=True,
        ),
    ]
    asking: Annotated[
        int,
        msgspec.Meta(ge=1),
        Fact(
            "The number of requests for this: itself and those joined to it.",
            json.number("asking"),
            Column("asking", np.int32, lambda row: row.detail.asking if row.detail else 1),
            staff=True,
        ),
    ]
    etag: Annotated[
        str,
        Fact(
            "The version that `If-Match` is compared with; it differs after each change.",
            lambda batch: [b'"\\"%d\\""' % version for version in batch["version"].tolist()],
            Column("version", np.int32, lambda row: row.current.version),
            feature=False,
        ),
    ]
    reopened: Annotated[
        Count,
        Fact(
            "How often it was reopened.",
            json.number("reopened"),
            Column("reopened", np.int16, lambda row: row.request.reopened if row.request else 0),
            staff=True,
        ),
    ]
    place: Annotated[
        str | None,
        Fact(
            "The place as text, as the sender gave it.",
            json.text("place_text"),
            TextColumn("place_text", lambda row: row.redacted.place_text),
            staff=True,
        ),
    ]
    people: Annotated[
        Count | None,
        Fact(
            "How many people need help, as the sender gave it.",
            json.count("people"),
            Column(
                "people",
                np.int32,
                lambda row: NONE if row.redacted.people is None else min(row.redacted.people, _MAX_INT32),
                in_past=True,
            ),
            staff=True,
        ),
    ]
    reporters: Annotated[
        Count | None,
        Fact(
            "How many independent people report the same; null where that is not shown.",
            json.count("reporters"),
            Column(
                "reporters",
                np.int16,
                lambda row: min(row.current.standing.reporters, _MAX_INT16) if row.redacted.tells_reporters else NONE,
            ),
            staff=True,
        ),
    ]
    stale: Annotated[
        bool,
        Fact(
            "Whether it is information only that was not confirmed for too long.",
            lambda batch: json.truths_json(batch.board.stale(batch.meanings.clocks.stale_ms, batch.now_ms)),
            staff=True,
        ),
    ]
    escalated_to: Annotated[
        str | None,
        Fact(
            "The role to which it was last escalated.",
            json.list_json("escalated", lambda m: JsonList((None, *(step.to for step in m.clocks.escalations)))),
            Column("escalated", np.uint8, lambda row: row.detail.escalated if row.detail else 0),
            staff=True,
        ),
    ]
    fields: Annotated[
        dict[str, Any],
        Fact(
            "What else was said, by field of the category or of the file it came from.",
            json.text("fields", absent=b"{}"),
            TextColumn("fields", lambda row: row.redacted.fields),
            staff=True,
            csv=False,  # one column a field: `field_columns`
        ),
    ]
    photos: Annotated[
        Count | None,
        Fact(
            "The number of its photos.",
            json.count("photos"),
            Column("photos", np.int16, lambda row: NONE if row.redacted.photos is None else row.redacted.photos),
            staff=True,
        ),
    ]
    source: Annotated[
        str | None,
        Fact(
            "The file that it was imported from.",
            json.list_json("source", lambda m: JsonList(m.vocabularies.source.items, json.or_null)),
            Column("source", np.int32, lambda row: row.vocabularies.source.number(row.redacted.source or "")),
            staff=True,
        ),
    ]
    joined_to: Annotated[
        str | None,
        Fact(
            "The id of the request that it was joined to.",
            derived.joined_to,
            Column("joined_to", np.int64, lambda row: (row.detail and row.detail.joined_to) or NONE),
            staff=True,
        ),
    ]
    answered_at: Annotated[str | None, Fact("When it was last answered.", json.moment("answered_at"), staff=True)]
    answer_note: Annotated[
        str | None,
        Fact(
            "What the team that answered it wrote.",
            json.text("answer_note"),
            TextColumn("answer_note", IntakeRow.answer_note),
            staff=True,
        ),
    ]
    confirmed_at: Annotated[
        str | None,
        Fact("When the requester confirmed the answer.", json.moment("confirmed_at"), staff=True),
    ]
    cannot_meet_reason: Annotated[
        str | None,
        Fact(
            "Why nobody can help.",
            json.text("cannot_meet_reason"),
            TextColumn("cannot_meet_reason", lambda row: row.detail.why if row.detail else ""),
            staff=True,
        ),
    ]

    @property
    def point(self) -> tuple[float, float] | None:
        """Return longitude and latitude, None without a place."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)
