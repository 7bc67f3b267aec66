"""Importing a file's rows as reports, with the extra values of its mapping (asks, language, bounds)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crisismap.core.channel import Message
from crisismap.core.errors import CrisismapError
from crisismap.core.own_channels import FILE
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.report.read_draft import draft_from
from crisismap.problems import sentence
from crisismap.services.intake.receive import Intake
from crisismap.services.runtime.context import require


class ImportRow(msgspec.Struct, frozen=True):
    """A body as POST /api/v1/reports takes it, and the values that the mapping adds."""

    body: dict[str, Any]
    lang: str | None = None
    source: str | None = None
    asks: bool | None = None
    extent: Extent | None = None


class RowOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of a row: stored or repeated, with its flags, or the error's code and sentence."""

    id: str = ""
    repeated: bool = False
    flags: tuple[str, ...] = ()
    problem: str = ""
    code: str = ""


def keep_rows(intake: Intake, person: Person, rows: Sequence[ImportRow]) -> list[RowOutcome]:
    """Store the valid rows in one commit and return the outcome of each row in order."""
    require(person, "report.import")
    return [
        RowOutcome(problem=sentence(answer), code=answer.code)
        if isinstance(answer, CrisismapError)
        else RowOutcome(answer.id, answer.repeated, answer.flags)
        for answer in intake.receive_all([_message(person, row) for row in rows])
    ]


def _message(person: Person, row: ImportRow) -> Message | CrisismapError:
    try:
        draft = draft_from(row.body)
    except CrisismapError as refusal:
        return refusal
    return Message(draft, FILE, person=person, source=row.source, lang=row.lang, asks=row.asks, extent=row.extent)
