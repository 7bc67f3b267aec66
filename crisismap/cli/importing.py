"""The import reports command: a file's rows in parts of a thousand; refused rows are written beside the file."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import click

from crisismap.channels.file.columns import MAPPED, FileColumns
from crisismap.channels.file.mapping import ReportMapping, load_mapping, mapping_text
from crisismap.channels.file.read import Sheets, read_reports
from crisismap.channels.file.rejects import write_rejects
from crisismap.channels.file.rows import Row
from crisismap.cli.deployment import Deployment
from crisismap.core.errors import Invalid, TooLarge, shorten
from crisismap.layers.read import MAX_BYTES
from crisismap.layers.sandbox import sandbox
from crisismap.services.intake.import_rows import ImportRow, RowOutcome

AT_ONCE = 1000
MOST_NAMED = 100  # rows that are named one by one
_REMARK = """How the columns of {file} were read. Guessed from their names; correct it and import with --mapping.
A line id = ["NAME"] with the column that numbers the rows makes a changed row an update of its report."""


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row that was not simply stored, by its number in the file: what differs, and the report it is about."""

    row: int
    report: str
    what: str


@dataclass(slots=True)
class ImportResult:
    """The result of an import. Each row is stored, updated, repeated or refused."""

    read: int = 0
    stored: int = 0
    updated: int = 0
    repeated: int = 0
    refused: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    rejects_file: str | None = None
    notes: list[str] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)  # by name: what it is read as, and why
    unused_columns: dict[str, int] = field(default_factory=dict)  # cells with a value
    warnings: list[str] = field(default_factory=list)
    updates: list[NamedRow] = field(default_factory=list)
    left: list[NamedRow] = field(default_factory=list)  # rows that differ from their reports, unchanged
    likely_repeats: list[NamedRow] = field(default_factory=list)
    mapping_file: str | None = None


def import_reports(
    deployment: Deployment,
    file: Path,
    mapping_file: Path | None,
    *,
    progress: bool,
    save_mapping: Path | None = None,
    encoding: str = "",
) -> ImportResult:
    """Import a file. Raises Invalid, Malformed, TooLarge for a file that cannot be read at all."""
    mapping = load_mapping(mapping_file) if mapping_file else None
    rows = read_reports(file, mapping, salvage=True, read_workbook=read_workbook, encoding=encoding)
    result = ImportResult()
    if save_mapping is not None:
        result.mapping_file = _save(rows.columns, file, save_mapping)
    flags, rejects = Counter[str](), list[Row]()
    while part := list(islice(rows, AT_ONCE)):
        good = [_import_row(row, rows.columns.mapping, file) for row in part if row.problem is None]
        outcomes = iter(deployment.import_rows(good) if good else [])
        for row in part:
            outcome = next(outcomes) if row.problem is None else None
            if outcome is None:
                rejects.append(row)
            elif outcome.problem:
                rejects.append(replace(row, problem=outcome.problem, code=outcome.code))
            else:
                _count(result, row, outcome)
                flags.update(outcome.flags if not outcome.repeated else ())
        result.read += len(part)
        if progress and result.read % (AT_ONCE * 10) == 0:
            click.echo(f"{result.read} read ...", err=True)
    result.refused, result.flagged = len(rejects), dict(sorted(flags.items()))
    result.rejects_file = str(write_rejects(file, rejects)) if rejects else None
    result.notes = rows.notes
    result.columns = {each.column: {"as": each.member, "because": each.reason} for each in rows.columns.used}
    result.unused_columns, result.warnings = rows.columns.unused(), rows.columns.warnings()
    return result


def summary(result: ImportResult) -> list[str]:
    """Return what became of a file, in lines for people."""
    lines = [
        f"{result.read} read, {result.stored} stored, {result.updated} updated, {result.repeated} repeated, "
        f"{result.refused} refused"
    ]
    guesses = {name: used for name, used in result.columns.items() if used["because"] != MAPPED}
    lines += [f"{shorten(name)!r} was read as {used['as']}: {used['because']}" for name, used in guesses.items()]
    lines += [f"warning: {sentence}" for sentence in result.warnings]
    if result.unused_columns:
        counted = ", ".join(f"{shorten(name)!r} ({count} cells)" for name, count in result.unused_columns.items())
        lines.append(f"columns that were not used: {counted}")
    lines += [f"{count} flagged {flag}" for flag, count in result.flagged.items()]
    lines += [f"row {each.row} updated {each.report}: {each.what}" for each in result.updates]
    lines += [f"row {each.row} differs from {each.report} and was left: {each.what}" for each in result.left]
    lines += [f"row {each.row} may repeat {each.report}: {each.what}" for each in result.likely_repeats]
    lines += result.notes
    if result.rejects_file:
        lines.append(f"The refused rows and the reasons are in {result.rejects_file}")
    if result.mapping_file:
        lines.append(f"How the columns were read is in {result.mapping_file}; use it with --mapping next time")
    return lines


def read_workbook(path: Path) -> Sheets:
    """Return the cells of each sheet of a workbook, read in the sandbox. Raises Malformed, TooLarge."""
    if (size := path.stat().st_size) > MAX_BYTES:
        raise TooLarge("data_too_large", what=path.name, size=size, most=MAX_BYTES)
    return sandbox.parse_one("sheet", path.read_bytes(), dict[str, list[list[str]]], path.name)


def _count(result: ImportResult, row: Row, outcome: RowOutcome) -> None:
    if outcome.updated:
        result.updated += 1
        _name(result.updates, row, outcome.id, ", ".join(outcome.updated))
    elif outcome.repeated:
        result.repeated += 1
    else:
        result.stored += 1
    if outcome.left:
        _name(result.left, row, outcome.id, ", ".join(outcome.left))
    if outcome.likely_repeat_of:
        _name(result.likely_repeats, row, outcome.likely_repeat_of, "nearly the same was imported before")


def _name(rows: list[NamedRow], row: Row, report: str, what: str) -> None:
    if len(rows) < MOST_NAMED:
        rows.append(NamedRow(row.number, report, what))


def _save(columns: FileColumns, file: Path, target: Path) -> str:
    """Write the mapping; an existing file is not replaced."""
    text = mapping_text(columns.mapping, _REMARK.format(file=file.name))
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with open(handle, "w", encoding="utf-8") as sink:
            sink.write(text)
    except OSError as problem:
        raise Invalid("save-mapping", str(target), "file_not_written", problem=problem.strerror) from None
    return str(target)


def _import_row(row: Row, mapping: ReportMapping, file: Path) -> ImportRow:
    return ImportRow(body=row.body, lang=row.lang, source=row.source or file.name, asks=row.asks, extent=mapping.bbox)
