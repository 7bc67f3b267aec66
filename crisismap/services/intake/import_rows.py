"""Importing a file's rows as reports, with the extra values of its mapping, and a changed row as an update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from crisismap.core.category import Category
from crisismap.core.channel import Message
from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError, KeyReused, Stale
from crisismap.core.own_channels import FILE
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent
from crisismap.core.ports import Store
from crisismap.core.report.change import Rectification
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.row_update import NewerRow, RowUpdate, update_from_row
from crisismap.core.text.folding import fold
from crisismap.i18n import languages
from crisismap.problems import sentence
from crisismap.services.intake.receive import Answer, Intake
from crisismap.services.requests.duplicates import similar
from crisismap.services.runtime.context import require
from crisismap.services.runtime.views import Views

MOST_COMPARED = 200  # new rows of a part of a file that are compared with earlier reports


class ImportRow(msgspec.Struct, frozen=True):
    """A body as POST /api/v1/reports takes it, and the values that the mapping adds."""

    body: dict[str, Any]
    lang: str | None = None
    source: str | None = None
    asks: bool | None = None
    extent: Extent | None = None


class RowOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of a row: stored, updated or repeated, with its flags, or the error's code and sentence.

    `updated` names what changed in the report, `left` what differs from it and was left, and why.
    """

    id: str = ""
    repeated: bool = False
    flags: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    likely_repeat_of: str = ""  # the id of a report that this one may repeat
    problem: str = ""
    code: str = ""


def keep_rows(
    intake: Intake, store: Store, views: Views, person: Person, rows: Sequence[ImportRow]
) -> list[RowOutcome]:
    """Store the valid rows in one commit and return the outcome of each row in order.

    A row whose key an earlier import used for other content updates the report of that import. Where other rows were
    imported before, a new one that is much like an earlier report is stored, and names that report.
    """
    require(person, "report.import")
    labels = _categories_by_label(intake.rules.categories)
    messages = [_message(person, row, labels) for row in rows]
    answers = intake.receive_all(messages)
    changed = [
        item
        for item, answer in zip(messages, answers, strict=True)
        if isinstance(item, Message) and isinstance(answer, KeyReused)
    ]
    updates = iter(_update(intake, store, person, changed))
    outcomes = [next(updates) if isinstance(answer, KeyReused) else _outcome(answer) for answer in answers]
    if any(outcome.updated for outcome in outcomes):
        views.situation.wait(store.events.revision())
        views.forget_words()
    return _with_likely_repeats(intake, store, views, person, outcomes)


def _with_likely_repeats(
    intake: Intake, store: Store, views: Views, person: Person, outcomes: list[RowOutcome]
) -> list[RowOutcome]:
    """Name the earlier report that a new row may repeat, if the rows seem to come from a list that came before."""
    new = {each.id for each in outcomes if each.id and not each.repeated and not each.updated}
    if not new or not any(each.repeated or each.updated for each in outcomes):
        return outcomes
    views.situation.wait(store.events.revision())
    repeats: dict[str, str] = {}
    for id_ in sorted(new)[:MOST_COMPARED]:
        found = similar(store, views, intake.rules, intake.clock(), person, id_)
        earlier = [each.id for each in found if each.id not in new and each.record.channel == FILE]
        if earlier:
            repeats[id_] = earlier[0]
    return [
        msgspec.structs.replace(each, likely_repeat_of=repeats[each.id]) if each.id in repeats else each
        for each in outcomes
    ]


def _outcome(answer: Answer) -> RowOutcome:
    if isinstance(answer, CrisismapError):
        return RowOutcome(problem=sentence(answer), code=answer.code)
    return RowOutcome(answer.id, answer.repeated, answer.flags)


def _message(person: Person, row: ImportRow, labels: Mapping[str, str]) -> Message | CrisismapError:
    category = row.body.get("category")
    known = labels.get(fold(category)) if isinstance(category, str) else None
    try:
        draft = draft_from(row.body if known is None else {**row.body, "category": known})
    except CrisismapError as refusal:
        return refusal
    return Message(draft, FILE, person=person, source=row.source, lang=row.lang, asks=row.asks, extent=row.extent)


def _categories_by_label(categories: Mapping[str, Category]) -> dict[str, str]:
    """Return the id of a category by its folded label in every language, and by its folded id."""
    labels = {fold(language.category(id_)): id_ for language in languages().values() for id_ in categories}
    return labels | {fold(id_): id_ for id_ in categories}


def _update(intake: Intake, store: Store, person: Person, messages: Sequence[Message]) -> Iterator[RowOutcome]:
    """Update the reports that earlier imports made of these rows; yield the outcome of each row in order."""
    keys = {message.draft.client_id for message in messages if message.draft.client_id is not None}
    earlier = {now.report.client_id: now for now in store.reports.by_client_ids(sorted(keys))}
    pending: list[RowOutcome | tuple[str, RowUpdate, Future[Done[None]] | None]] = []
    for message in messages:
        new, now = intake.new_report(message), earlier.get(message.draft.client_id)
        if isinstance(new, CrisismapError):
            pending.append(_outcome(new))
        elif now is None or now.report.channel != FILE:
            pending.append(_outcome(KeyReused("key_reused", key=repr(message.draft.client_id), field="client_id")))
        else:
            pending.append(_begin(intake, store, person, now, new))
    for each in pending:
        yield each if isinstance(each, RowOutcome) else _finished(*each)


def _begin(
    intake: Intake, store: Store, person: Person, now: CurrentReport, new: NewReport
) -> tuple[str, RowUpdate, Future[Done[None]] | None]:
    rules, extent = intake.rules, intake.situation.extent
    corrected = any(event.verb == "report.correct" for event in store.events.of_report(now.seq))
    row = NewerRow(new.report, new.contact, store.reports.contact(now.report.id), corrected, rules.moves, extent)
    update = update_from_row(now, row, person.id, intake.clock())
    if update.change is None:
        return now.report.id, update, None

    def decide(current: CurrentReport) -> Rectification:
        again = update_from_row(current, row, person.id, intake.clock())
        if again.change is None:
            raise Stale("changed_meanwhile")
        return again.change

    return now.report.id, update, store.reports.rectify(now.report.id, decide)


def _finished(report_id: str, update: RowUpdate, writing: Future[Done[None]] | None) -> RowOutcome:
    if writing is not None:
        try:
            writing.result()
        except Stale as refusal:
            return _outcome(refusal)
    return RowOutcome(
        report_id, repeated=writing is None, updated=tuple(update.updated) if writing else (), left=tuple(update.left)
    )
