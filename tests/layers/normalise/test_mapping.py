"""Mapping files: read by name, refused with file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.layers.normalise.mapping import LayerMapping, find, load_layer_mapping, parse_layer_mapping
from tests.layers.samples import collection, feature, point, read


def test_reads_names_and_folds_the_words_of_a_status(tmp_path: Path) -> None:
    path = tmp_path / "camps.toml"
    path.write_text('[layer]\nid_field = "NR"\ncrs = "EPSG:32644"\n[status]\n" Full Up " = "full"\n[other]\nx = 1\n')
    mapping = load_layer_mapping(path)
    assert mapping == LayerMapping(id_field="NR", crs="EPSG:32644", status={"full up": "full"})


def test_guesses_everything_where_nothing_is_said() -> None:
    assert parse_layer_mapping({}, "x") == LayerMapping()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"layer": {"id_feild": "NR"}}, "id_feild"),
        ({"layer": {"status": "NR"}}, "status"),
        ({"layer": {"id_field": 7}}, "id_field"),
        ({"status": {"full": True}}, "full"),
        ({"layer": "NR"}, "x.toml"),
        ({"status": ["full"]}, "x.toml"),
    ],
)
def test_refuses_what_it_does_not_understand_and_says_where(table: dict[str, Any], key: str) -> None:
    with pytest.raises(Misconfigured, match=key) as caught:
        parse_layer_mapping(table, "x.toml")
    assert "x.toml" in str(caught.value)


@pytest.mark.parametrize("body", [None, b"[layer", b'[layer]\nid_field = "\xff"'])
def test_refuses_a_file_that_cannot_be_read(tmp_path: Path, body: bytes | None) -> None:
    path = tmp_path / "broken.toml"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(Misconfigured, match=r"broken\.toml") as caught:
        load_layer_mapping(path)
    assert str(tmp_path) not in str(caught.value).partition("broken.toml")[0]


def test_refuses_a_mapping_that_names_an_absent_field() -> None:
    with pytest.raises(Invalid, match="it has code, name.*NAME_9"):
        read(collection(feature(point(80, 13), code="1", name="x")), LayerMapping(name_field="NAME_9"))


NAMES = ["NAME", "Code ", "name"]


def test_prefers_the_exact_spelling_to_one_in_another_case() -> None:
    assert find(NAMES, "name") == "name"
    assert find(NAMES, "Name") == "NAME", "the first of several"
    assert find(NAMES, " code") == "Code ", "the file's own spelling is what is given back"


def test_tries_guesses_in_their_order_and_only_without_a_mapping() -> None:
    assert find(NAMES, "", ("title", "code", "name")) == "Code "
    assert find(NAMES, "", ("title",)) is None
    assert find(NAMES, "name", ("code",)) == "name"


def test_says_which_fields_there_are_when_the_one_named_is_not() -> None:
    with pytest.raises(Invalid, match="none"):
        find([], "NR")


@pytest.mark.parametrize(
    "tables",
    [{}, {"layer": {"id_field": "NR", "crs": "EPSG:32644"}, "status": {"full up": "full"}}, {"status": {"x": "open"}}],
)
def test_gives_back_the_tables_it_was_read_from(tables: dict[str, Any]) -> None:
    assert parse_layer_mapping(tables, "x").tables() == tables


@pytest.mark.parametrize("value", ["true", "1", "lat-lon", "Yes"])
def test_refuses_to_guess_what_axes_means(value: str) -> None:
    with pytest.raises(Misconfigured, match="axes"):
        parse_layer_mapping({"layer": {"axes": value}}, "x.toml")


def test_swaps_only_when_told() -> None:
    assert [parse_layer_mapping({"layer": {"axes": each}}, "x").swaps for each in ("swapped", "")] == [True, False]
    assert not LayerMapping().swaps
