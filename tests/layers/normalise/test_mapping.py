"""Mapping files: read by name, refused with file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.layers.normalise.mapping import LayerMapping, load_layer_mapping, parse_layer_mapping


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
