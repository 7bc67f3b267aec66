"""Mappings: it names what is wrong with one, and with a file that lacks what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.channels.file.mapping import load_mapping
from crisismap.core.errors import Invalid, Misconfigured
from tests.channels.samples import FULL, mapping, put, rows


def test_refuses_a_file_without_a_column_the_mapping_needs(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="has no such field, it has x, y, kind; the mapping sample needs it .got key"):
        rows(put(tmp_path, "a.csv", "x,y,kind\n80,13,flood\n"), mapping(tmp_path, FULL))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("category = ", "not a readable mapping"),
        ("lang = 'x'\n", "category is missing"),
        ("category = 'a'\nfoo = 1\n", "unknown key foo"),
        ("category = 'a'\nformat = 'xml'\n", "format must be one of"),
        ("category = 'a'\nencoding = 'klingon'\n", "klingon"),
        ("category = 'a'\nkey = 'cells'\n", "key must be one of"),
        ("category = 'a'\nposition = [1]\n", "position must name"),
        ("category = 'a'\nobjects = ['boats']\n", "there is no boats"),
        ("category = 'a'\n[contact]\nfax = 'Fax'\n", "contact.fax"),
        ("category = 'a'\nutc_offset = 'IST'\n", "utc_offset"),
        ("category = 'a'\ntimezone = 'Mars/Base'\n", "no timezone Mars/Base"),
        ("category = 'a'\nlon = 'x'\n", "lon and lat come together"),
        ("category = 'a'\nbbox = [1, 2, 3]\n", "not enough values"),
        ("category = 'a'\nbbox = [1, 50, 3, 2]\n", "bbox must be"),
        ("category = {}\n", "category names neither"),
        ("category = { feld = 'a' }\n", "unknown key feld"),
        ("category = 'a'\nid = [1]\n", "id must name fields"),
        ("category = 'a'\n[consent]\npublish = 'yes'\n", "consent.publish"),
    ],
)
def test_names_what_is_wrong_with_a_mapping(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=f"^m.toml: .*{named}"):
        mapping(tmp_path, text)


def test_ships_readable_mappings() -> None:
    folder = Path(__file__).parents[3] / "data" / "mappings"
    names = {load_mapping(path).name for path in folder.glob("*.toml")}
    assert names >= {"petabencana", "nyc311", "chennai_streets", "nepal_camps"}
