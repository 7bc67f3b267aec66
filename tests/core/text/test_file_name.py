"""Names of files carry what, where and when, and are safe to send in a header."""

from __future__ import annotations

import re
from datetime import UTC
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.file_name import ascii_name, dated_name, disposition, file_name

AT = 1_795_816_200_000  # 2026-11-27 21:50 UTC, the next morning in India
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("areas", "name"),
    [
        (["Velachery"], "requests-velachery-2026-11-28-0320.geojson"),
        ([], "requests-all-areas-2026-11-28-0320.geojson"),
        (["T. Nagar", "Adyar"], "requests-t-nagar-adyar-2026-11-28-0320.geojson"),
        (["a", "b", "c"], "requests-3-areas-2026-11-28-0320.geojson"),
        (["வேளச்சேரி"], "requests-வேளச்சேரி-2026-11-28-0320.geojson"),
        (["../../etc/passwd"], "requests-etc-passwd-2026-11-28-0320.geojson"),
        (["!!!"], "requests-area-2026-11-28-0320.geojson"),
    ],
)
def test_names_area_and_time(areas: list[str], name: str) -> None:
    assert file_name("requests", areas, AT, KOLKATA, "geojson") == name


def test_shortens_a_name_of_300_characters() -> None:
    assert len(file_name("requests", ["x" * 300], AT, UTC, "csv")) < 80


def test_dates_a_file_that_is_of_no_area() -> None:
    assert dated_name("audit", AT, UTC, "csv") == "audit-2026-11-27-2150.csv"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("requests-đông-hải-2026.csv", "requests-dong-hai-2026.csv"),
        ("requests-são-josé-2026.csv", "requests-sao-jose-2026.csv"),
        ("requests-வேளச்சேரி-2026.csv", "requests-2026.csv"),
        ("வேளச்சேரி.csv", "file.csv"),
    ],
)
def test_gives_old_programs_a_name_in_ascii(name: str, plain: str) -> None:
    assert ascii_name(name) == plain
    assert disposition("attachment", name).startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")


@given(st.lists(st.text(max_size=60), max_size=2))
def test_sends_a_header_that_programs_read_back(areas: list[str]) -> None:
    name = file_name("requests", areas, AT, KOLKATA, "geojson")
    header = disposition("attachment", name)
    assert header.isascii()
    assert header.isprintable()
    assert re.fullmatch(r'attachment; filename="[a-z0-9.-]+"(; filename\*=UTF-8\'\'[A-Za-z0-9._~%-]+)?', header)
    full = header.partition("filename*=UTF-8''")[2]
    assert name == (unquote(full) if full else header.split('"')[1])
    assert "/" not in name
    assert "\\" not in name
