"""import: rows of a file become reports; what a mapping says beyond a body (asks, language, bounds) is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crisismap.core.channel import FILE, Message, Receipt
from crisismap.core.errors import CrisismapError
from crisismap.core.person import Person
from crisismap.core.place import Extent
from crisismap.core.report import draft_from
from crisismap.services.context import Context, require
from crisismap.services.intake.receive import receive_all


class ImportRow(msgspec.Struct, frozen=True):
    """A body as POST /api/v1/reports takes it, and what the mapping adds."""

    body: dict[str, Any]
    lang: str | None = None
    source: str | None = None
    asks: bool | None = None
    extent: Extent | None = None


class Imported(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a row: stored or repeated (with its flags), or why not."""

    id: str = ""
    repeated: bool = False
    flags: tuple[str, ...] = ()
    problem: str = ""


def keep_rows(context: Context, person: Person, rows: Sequence[ImportRow]) -> list[Imported]:
    """Keep the good rows in one commit; for each row, in order, what became of it."""
    require(person, "report.import")
    return [_imported(answer) for answer in receive_all(context, [_message(person, row) for row in rows])]


def _message(person: Person, row: ImportRow) -> Message | CrisismapError:
    try:
        draft = draft_from(row.body)
    except CrisismapError as refusal:
        return refusal
    return Message(
        draft,
        FILE,
        person=person,
        source=row.source,
        lang=row.lang,
        asks=row.asks,
        extent=row.extent,
        forgiving=False,
    )


def _imported(answer: Receipt | CrisismapError) -> Imported:
    if isinstance(answer, CrisismapError):
        return Imported(problem=answer.detail)
    return Imported(answer.id, answer.repeated, answer.flags)
