"""Any table that a spreadsheet program can write comes in whole, or what was not used is named; no row vanishes.

The programs are pandas (CSV, and XLSX by openpyxl), the smallest writers of ODS and XLSB there can be, and LibreOffice
(XLS, XLSX and ODS) on machines that have it; elsewhere it is not among them.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crisismap import i18n
from crisismap.channels.file.columns import member_of
from crisismap.channels.file.read import ReportRows, read_reports
from crisismap.channels.file.rows import Row
from crisismap.cli.deployment import LocalDeployment
from crisismap.cli.importing import import_reports
from crisismap.core.text.encoding import python_encoding
from crisismap.core.text.table_names import fold_name
from crisismap.layers.formats import workbook
from crisismap.services.runtime.context import Context
from tests.core.text.test_encoding import EVERY_PAGE, SENTENCES
from tests.layers.formats.test_workbook import ods, xlsb
from tests.layers.formats.test_workbook import workbook as xlsx

CATEGORIES = ("rescue", "flooding", "water_food", "Medical", "OTHER")
OF_DOS_AND_OLD_MACS = ("cp850", "mac-roman")  # a single sentence in these is too little
EXTRAS = ("Boat", "Status", "No", "Team", "Ref", "Sector code")
DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PEOPLE = (
    *(str, lambda n: f"{n:,}", lambda n: f"{n:,}".replace(",", " "), lambda n: f"{n:,}".replace(",", "'")),
    *(lambda n: f"{n} people", lambda n: f"{n}.0", lambda n: f"{n:,}".replace(",", ".") if n % 1000 else str(n)),
    lambda n: str(n).translate(DIGITS),
)
ANGLES = (
    *(lambda n, _: n, lambda n, _: f"{n:.5f}°", lambda n, sides: f"{abs(n):.5f}° {sides[n < 0]}"),
    lambda n, sides: f"{int(abs(n))}° {abs(n) % 1 * 60:.6f}' {sides[n < 0]}",
)
# Code pages that are declared, and a text of each that any program of its country would write.
DECLARED = {
    **dict.fromkeys(("gb18030", "GBK", "936"), "水已经淹到一楼老人孩子困屋顶"),
    **dict.fromkeys(("Big5", "cp950"), "水已經淹到一樓老人孩子困屋頂"),
    **dict.fromkeys(("SJIS", "cp932", "EUC-JP"), "水が一階まで来ています助けて"),
    "EUC-KR": "물이일층까지찼어요구조해주세요",
    **dict.fromkeys(("ANSI 1251", "koi8-r", "cp866", "ISO-8859-5"), "Водадошлакрыши"),
    **dict.fromkeys(("windows-1256", "ISO-8859-6"), "وصلتالمياهإلىالطابق"),
    **dict.fromkeys(("1254", "ISO-8859-9"), "Suçıkatçatıdağşöü"),
    **dict.fromkeys(("latin1", "8859_15", "cp850", "macintosh", "cp500"), "aguallegóniñoéàü"),
    **dict.fromkeys(("utf-32", "utf-16", "UTF-8"), "水Воданиñوصல"),
}
# A workbook takes what begins with = for a formula, and this writer of them reckons none.
WRITTEN = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(
    lambda text: text.strip() and not text.startswith("=")
)
# Words, since letters of one alone may be those of another code page.
FRENCH = [
    "l'été,",
    "maison",
    "inondée;",
    "très",
    "élevée",
    "près",
    "forêt",
    "école",
    "fenêtre",
    "bébé",
    "malade",
    "là-bas",
    "où",
    "évacués",
    "père",
    "âgé",
]
WESTERN = st.lists(st.sampled_from(FRENCH), min_size=4, max_size=8, unique=True).map(" ".join)
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
    declared: str = ""

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


def can_write(text: str, encoding: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeEncodeError:
        return False


@st.composite
def sheets(draw: st.DrawFn, declared: str = "") -> Sheet:
    guessable = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le"]
    encoding = python_encoding(declared) or draw(st.sampled_from(guessable))
    western = encoding == "cp1252" and not declared
    letters = "".join(char for char in DECLARED[declared] if can_write(char, encoding)) if declared else ""
    words = st.text(f"{letters} ,;|'=#-", min_size=1, max_size=30).filter(str.strip) if declared else WRITTEN
    words = {"cp1252": WESTERN, "utf-16-le": ASCII, "utf-16-be": ASCII}.get(encoding, words) if not declared else words
    plain = encoding in ("cp1252", "utf-16-le", "utf-16-be")
    head: dict[str, str] = {}
    for member in ("category", "text", "lat", "lon", "people", "phone"):
        usable = [name for name in names(member) if can_write(name, encoding) and (not western or name.isascii())]
        head[member] = draw(st.sampled_from([name for name in usable if name not in head.values()]))
    extras = draw(st.lists(st.sampled_from(EXTRAS), unique=True, max_size=3))
    written = draw(st.sampled_from(PEOPLE if can_write("١", encoding) and not plain else PEOPLE[:-1]))
    angle = draw(st.sampled_from(ANGLES if can_write("°", encoding) and not plain else ANGLES[:1]))
    row = st.fixed_dictionaries(
        {
            "category": st.sampled_from(CATEGORIES),
            "text": words,
            "lat": st.floats(-89, 89).map(lambda number: angle(round(number, 5), "NS")),
            "lon": st.floats(-179, 179).map(lambda number: angle(round(number, 5), "EW")),
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
        declared=declared,
    )


def count_of(text: str) -> int:
    return int("".join(digit for digit in text.removesuffix(".0") if digit.isdigit()))


def degrees_of(written: str | float) -> float:
    if isinstance(written, float):
        return written
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", written)]
    angle = sum(number / 60**place for place, number in enumerate(numbers))
    return -angle if written[-1] in "SW" else angle


def expect_whole(sheet: Sheet, reader: ReportRows) -> None:
    found: list[Row] = list(reader)
    assert [row.problem for row in found] == [None] * len(sheet.rows)
    assert [row.number for row in found] == [*range(1, len(sheet.rows) + 1)]
    for row, given_ in zip(found, sheet.rows, strict=True):
        assert row.body["category"] == given_["category"]
        assert row.body["text"].split() == given_["text"].split()
        assert (row.body["lat"], row.body["lon"]) == pytest.approx(
            (degrees_of(given_["lat"]), degrees_of(given_["lon"])), abs=1e-6
        )
        assert row.body["people"] == count_of(given_["people"])
        assert row.body["contact"]["phone"] == given_["phone"]
    assert set(reader.columns.unused()) == set(sheet.extras)
    assert {each.column for each in reader.columns.used} == set(sheet.head.values())
    assert len({row.body["client_id"] for row in found}) == len(found)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(sheets())
def test_reads_every_table_that_pandas_writes(sheet: Sheet) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(sheet.csv())
        expect_whole(sheet, read_reports(path))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DECLARED)).flatmap(sheets))
def test_reads_every_table_in_the_encoding_that_is_declared(sheet: Sheet) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(sheet.csv())
        reader = read_reports(path, encoding=sheet.declared)
        expect_whole(sheet, reader)
        assert not any("guess" in note for note in reader.notes)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.data())
def test_reads_what_people_write_in_the_code_page_of_their_country(data: st.DataObject) -> None:
    language, page = data.draw(st.sampled_from([each for each in EVERY_PAGE if each[1] not in OF_DOS_AND_OLD_MACS]))
    texts = data.draw(st.lists(st.sampled_from(SENTENCES[language]), min_size=1, max_size=20))
    separator, end = data.draw(st.sampled_from(",;\t")), data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows([["category", "text", "lat", "lon"], *(["rescue", text, 13.05, 80.25] for text in texts)])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(out.getvalue().encode(page))
        reader = read_reports(path)
        assert [row.body["text"] for row in reader] == texts
        assert "was guessed" in reader.notes[0]


def openpyxl(rows: list[list[Any]]) -> bytes:
    """The workbook that pandas writes with openpyxl."""
    packed = io.BytesIO()
    width = max(map(len, rows))
    pd.DataFrame([[*row, *[None] * (width - len(row))] for row in rows]).to_excel(
        packed, index=False, header=False, engine="openpyxl"
    )
    return packed.getvalue()


def workbooks(path: Path) -> Any:
    return read_reports(path, read_workbook=lambda file: workbook.parse(file.read_bytes()))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(sheets(), st.sampled_from([xlsx, ods, xlsb, openpyxl]))
def test_reads_every_workbook(sheet: Sheet, write: Any) -> None:
    assume(not any(str(cell).startswith("=") for row in sheet.rows for cell in row.values()))  # a formula
    rows = sheet.cells()
    if write is not openpyxl:
        rows = [[escape(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.xlsx"
        path.write_bytes(write([["Calls of Friday"], [], *rows] if sheet.title else rows))
        expect_whole(sheet, workbooks(path))


OFFICE = shutil.which("soffice") or shutil.which("libreoffice") or ""
OF_OFFICE = ("xls", "xlsx", "ods") if OFFICE else ()


@pytest.mark.parametrize("suffix", ["xlsx by openpyxl", *OF_OFFICE])
def test_reads_a_workbook_that_another_program_saved_again(tmp_path: Path, suffix: str) -> None:
    rows = [["category", "text", "Latitude", "Longitude", "people"], ["rescue", "roof — வெள்ளம்", 13.05, 80.25, 4]]
    path = tmp_path / "calls.xlsx"
    path.write_bytes(openpyxl(rows))
    if suffix in OF_OFFICE:
        command = [OFFICE, "--headless", "--convert-to", suffix, "--outdir", str(tmp_path / "out"), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - the program of this machine
        path = tmp_path / "out" / f"calls.{suffix}"
    [row] = workbooks(path)
    assert (row.body["text"], row.body["lat"], row.body["people"]) == ("roof — வெள்ளம்", 13.05, 4)


# Files that nobody wrote well: a row is stored, updated, repeated or refused, and none is lost.
CELL = st.sampled_from(
    ["", "unknown", "N/A", "about 6", "27/11/2026", "13.01", "80,21", "rescue", "Rescue", "fire", "\ufffd"]
)
RUINS = st.lists(st.lists(CELL | WRITTEN, min_size=1, max_size=7), min_size=1, max_size=8)


@settings(derandomize=True, max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_counts_every_row_of_a_sheet_that_was_edited(context: Context, encoding: str) -> None:
    """Rows with an id that changed are updates, the others repeats; the sum is what was read."""
    with TemporaryDirectory() as folder:
        path, mapping = Path(folder) / "calls.csv", Path(folder) / "calls.toml"
        mapping.write_text(f'name = "{encoding}"\nid = ["No"]\ncategory = "category"\ntext = "text"\nplace = "place"\n')
        for edited in (["Вода дошла до крыши"] * 5, ["", "N/A", "about 6", "a,b;c", "Вода дошла до крыши", "new"]):
            rows = [
                ["No", "category", "text", "place"],
                *([n, "rescue", text, "Школа"] for n, text in enumerate(edited)),
            ]
            out = io.StringIO(newline="")
            csv.writer(out).writerows(rows)
            path.write_bytes(out.getvalue().encode(encoding, "replace"))
            done = import_reports(LocalDeployment(context), path, mapping, progress=False, encoding=encoding)
            assert done.read == len(edited) == done.stored + done.updated + done.repeated + done.refused
            assert (done.stored, done.refused) == (5 if len(edited) == 5 else 1, 0)


NUMBERS = frozenset({"13.01", "80,21"})  # read as coordinates, where they are


def everything(context: Context) -> Iterator[str]:
    """All that the reports say, with single spaces."""
    for part in context.store.events.everything():
        for now in part.reports:
            values = (now.report.text, now.report.place_text, now.report.people, *now.report.fields.values())
            yield " ".join(" ".join(str(value) for value in values).split())
