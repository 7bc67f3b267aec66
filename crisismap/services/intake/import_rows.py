"""import: rows of a file become reports; what a mapping says beyond a body (asks, language, bounds) is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.report.report import draft_from
from crisismap.problems import sentence
from crisismap.services.intake.submit import Way, keep, prepare
from crisismap.services.runtime.context import Context, require
from crisismap.store.reports import NewReport


class ImportRow(msgspec.Struct, frozen=True):
    """A body as POST /api/v1/reports takes it, and what the mapping adds."""

    body: dict[str, Any]
    lang: str | None = None
    source: str | None = None
    asks: bool | None = None
    extent: Extent | None = None


class RowOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a row: stored or repeated (with its flags), or the code of why not, and its sentence."""

    id: str = ""
    repeated: bool = False
    flags: tuple[str, ...] = ()
    problem: str = ""
    code: str = ""


def keep_rows(context: Context, person: Person, rows: Sequence[ImportRow]) -> list[RowOutcome]:
    """Keep the good rows in one commit; for each row, in order, what became of it."""
    require(person, "report.import")
    prepared = [_prepared(context, person, row) for row in rows]
    news = [item for item in prepared if isinstance(item, NewReport)]
    outcomes = iter(keep(context, news).result() if news else [])
    found = []
    for item in prepared:
        if isinstance(item, CrisismapError):
            found.append(_refused(item))
            continue
        outcome = next(outcomes)
        if isinstance(outcome, CrisismapError):
            found.append(_refused(outcome))
        else:
            found.append(RowOutcome(outcome.id, outcome.repeated, item.report.flags))
    return found


def _refused(why: CrisismapError) -> RowOutcome:
    return RowOutcome(problem=sentence(why), code=why.code)


def _prepared(context: Context, person: Person, row: ImportRow) -> NewReport | CrisismapError:
    way = Way("file", person, source=row.source, lang=row.lang, asks=row.asks, extent=row.extent)
    try:
        return prepare(context, draft_from(row.body), way)
    except CrisismapError as refusal:
        return refusal
