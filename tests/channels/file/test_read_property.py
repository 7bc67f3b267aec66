"""Any table that a spreadsheet program can write comes in whole, or what was not used is named; no row vanishes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap import i18n
from crisismap.channels.file.columns import member_of
from crisismap.channels.file.read import ReportRows, read_reports
from crisismap.channels.file.rows import Row
from crisismap.cli.deployment import LocalDeployment
from crisismap.cli.importing import import_reports
from crisismap.core.text.table_names import fold_name
from crisismap.layers.formats import workbook
from crisismap.services.runtime.context import Context
from tests.layers.formats.test_workbook import ods
from tests.layers.formats.test_workbook import workbook as xlsx

CATEGORIES = ("rescue", "flooding", "water_food", "Medical", "OTHER")
EXTRAS = ("Boat", "Status", "No", "Team", "Ref", "Sector code")
DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PEOPLE = (str, lambda n: f"{n:,}", lambda n: f"{n:,}".replace(",", " "), lambda n: str(n).translate(DIGITS))
WRITTEN = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip)
WESTERN = st.text("abc xyz,;\t\"'éüñ", min_size=1, max_size=30).filter(str.strip)
ASCII = st.text("abc xyz,;|\"'=#-", min_size=1, max_size=30).filter(str.strip)


@cache
def names(member: str) -> tuple[str, ...]:
    """The names of a column that mean this member, as people write them."""
    known = [name for name in i18n.column_names()[member] if member_of(name) == member]
    return (*known, *(name.upper() for name in known if fold_name(name.upper()) == fold_name(name)))


@dataclass(frozen=True)
class Sheet:
    """A table as a spreadsheet program holds it, and how it writes it."""

    head: dict[str, str]  # name by member
    extras: list[str]
    rows: list[dict[str, Any]]
    encoding: str
    separator: str
    decimal: str
    end: str
    title: bool
    mark: bool

    def cells(self) -> list[list[Any]]:
        """The names, and the rows below them."""
        columns = [*self.head, *self.extras]
        return [[*self.head.values(), *self.extras], *([row[name] for name in columns] for row in self.rows)]

    def csv(self) -> bytes:
        """The file as pandas writes it."""
        names_, *rows = self.cells()
        text = pd.DataFrame(rows, columns=names_).to_csv(
            index=False,
            sep=self.separator,
            decimal=self.decimal,
            lineterminator=self.end,
            quoting=csv.QUOTE_NONNUMERIC if self.decimal == "," else csv.QUOTE_MINIMAL,
        )
        if self.title:
            text = f"Calls of Friday{self.end}{self.end}" + text
        if self.mark:
            text = f"sep={self.separator}{self.end}" + text
        return text.encode(self.encoding)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]))
    western = encoding == "cp1252"
    words = {"cp1252": WESTERN, "utf-16-le": ASCII, "utf-16-be": ASCII}.get(encoding, WRITTEN)
    plain = encoding in ("cp1252", "utf-16-le", "utf-16-be")
    head = {}
    for member in ("category", "text", "lat", "lon", "people", "phone"):
        usable = [name for name in names(member) if not plain or name.isascii()]
        head[member] = draw(st.sampled_from(usable))
    extras = draw(st.lists(st.sampled_from(EXTRAS), unique=True, max_size=3))
    written = draw(st.sampled_from([each for each in PEOPLE if not plain or each is not PEOPLE[3]]))
    row = st.fixed_dictionaries(
        {
            "category": st.sampled_from(CATEGORIES),
            "text": words,
            "lat": st.floats(-89, 89).map(lambda number: round(number, 5)),
            "lon": st.floats(-179, 179).map(lambda number: round(number, 5)),
            "people": st.integers(0, 99_999).map(written),
            "phone": st.integers(10**7, 10**10).map(lambda number: f"+{number}"),
            **dict.fromkeys(extras, words),
        }
    )
    separator = draw(st.sampled_from(",;\t|"))
    return Sheet(
        head=head,
        extras=extras,
        rows=draw(st.lists(row, min_size=1, max_size=5)),
        encoding=encoding,
        separator=separator,
        decimal="." if separator == "," else draw(st.sampled_from(".,")),
        end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        title=draw(st.booleans()) and not western,
        mark=draw(st.booleans()),
    )


def count_of(text: str) -> int:
    return int("".join(digit for digit in text if digit.isdigit()))


def expect_whole(sheet: Sheet, reader: ReportRows) -> None:
    found: list[Row] = list(reader)
    assert [row.problem for row in found] == [None] * len(sheet.rows)
    assert [row.number for row in found] == [*range(1, len(sheet.rows) + 1)]
    for row, given_ in zip(found, sheet.rows, strict=True):
        assert row.body["category"] == given_["category"]
        assert row.body["text"].split() == given_["text"].split()
        assert (row.body["lat"], row.body["lon"]) == pytest.approx((given_["lat"], given_["lon"]))
        assert row.body["people"] == count_of(given_["people"])
        assert row.body["contact"]["phone"] == given_["phone"]
    assert set(reader.columns.unused()) == set(sheet.extras)
    assert {each.column for each in reader.columns.used} == set(sheet.head.values())
    assert len({row.body["client_id"] for row in found}) == len(found)


@settings(max_examples=150, deadline=None)
@given(sheets())
def test_reads_every_table_that_pandas_writes(sheet: Sheet) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(sheet.csv())
        expect_whole(sheet, read_reports(path))


@settings(max_examples=60, deadline=None)
@given(sheets(), st.sampled_from([xlsx, ods]))
def test_reads_every_workbook(sheet: Sheet, write: Any) -> None:
    rows = [[escape(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.cells()]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.xlsx"
        path.write_bytes(write([["Calls of Friday"], [], *rows] if sheet.title else rows))
        expect_whole(sheet, read_reports(path, read_workbook=lambda file: workbook.parse(file.read_bytes())))


# Files that nobody wrote well: a row is stored, updated, repeated or refused, and none is lost.
CELL = st.sampled_from(
    ["", "unknown", "N/A", "about 6", "27/11/2026", "13.01", "80,21", "rescue", "Rescue", "fire", "\ufffd"]
)
RUINS = st.lists(st.lists(CELL | WRITTEN, min_size=1, max_size=7), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=RUINS)
def test_loses_no_row_of_any_table(context: Context, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["category", "text", "lat", "lon", "people", "observed_at"], *rows])
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        for _ in range(2):
            done = import_reports(LocalDeployment(context), path, None, progress=False)
            assert done.read == len(filled)
            assert done.read == done.stored + done.updated + done.repeated + done.refused
            assert bool(done.refused) is (done.rejects_file is not None)
        kept = "\n".join(everything(context))
        for row in filled:
            if row[0].strip().casefold() == "rescue" and any(cell.strip() for cell in row[1:]):
                assert all(" ".join(cell.split()) in kept for cell in row[1:] if cell.strip() not in NUMBERS)


NUMBERS = frozenset({"13.01", "80,21"})  # read as coordinates, where they are


def everything(context: Context) -> Iterator[str]:
    """All that the reports say, with single spaces."""
    for part in context.store.events.everything():
        for now in part.reports:
            values = (now.report.text, now.report.place_text, now.report.people, *now.report.fields.values())
            yield " ".join(" ".join(str(value) for value in values).split())
