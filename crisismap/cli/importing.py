"""The import reports command: a file's rows in parts of a thousand; refused rows are written beside the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import click

from crisismap.channels.file.mapping import ReportMapping, load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.channels.file.rejects import write_rejects
from crisismap.channels.file.rows import Row
from crisismap.cli.deployment import Deployment
from crisismap.services.intake.import_rows import ImportRow

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import."""

    read: int
    stored: int
    repeated: int
    refused: int
    flagged: dict[str, int]
    rejects_file: str | None
    notes: list[str]


def import_reports(deployment: Deployment, file: Path, mapping_file: Path | None, *, progress: bool) -> ImportResult:
    """Import a file. Raises Invalid, Malformed, TooLarge for a file that cannot be read at all."""
    mapping = load_mapping(mapping_file) if mapping_file else None
    rows = read_reports(file, mapping, salvage=True)
    read = stored = repeated = 0
    flags, rejects = Counter[str](), list[Row]()
    while part := list(islice(rows, AT_ONCE)):
        good = [_import_row(row, mapping, file) for row in part if row.problem is None]
        outcomes = iter(deployment.import_rows(good) if good else [])
        for row in part:
            outcome = next(outcomes) if row.problem is None else None
            if outcome is None:
                rejects.append(row)
            elif outcome.repeated or outcome.code == "key_reused":
                # Or a newer state of the same thing: the first report stays, and later states are not new reports.
                repeated += 1
            elif outcome.problem:
                rejects.append(replace(row, problem=outcome.problem, code=outcome.code))
            else:
                stored += 1
                flags.update(outcome.flags)
        read += len(part)
        if progress and read % (AT_ONCE * 10) == 0:
            click.echo(f"{read} read ...", err=True)
    path = str(write_rejects(file, rejects)) if rejects else None
    return ImportResult(read, stored, repeated, len(rejects), dict(sorted(flags.items())), path, rows.notes)


def _import_row(row: Row, mapping: ReportMapping | None, file: Path) -> ImportRow:
    return ImportRow(
        body=row.body,
        lang=row.lang,
        source=row.source or file.name,
        asks=row.asks,
        extent=mapping.bbox if mapping else None,
    )
