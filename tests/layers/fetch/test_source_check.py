"""Sources as people describe them: refused with the field that is wrong."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.layers.fetch.source_check import check_source


@pytest.mark.parametrize(
    ("form", "url", "more", "field"),
    [
        ("xyz", "https://a.example/{z}/{x}", {}, "url"),
        ("xyz", "https://a.example/{z}/{x}/{y}/{s}", {}, "url"),
        ("xyz", "https://{x}.example/{z}/{y}", {}, "url"),
        ("xyz", "file:///{z}/{x}/{y}", {}, "url"),
        ("wms", "https://a.example/{z}", {"name": "a"}, "url"),
        ("wms", "https://a.example/", {}, "name"),
        ("wmts", "https://a.example/{TileMatrix}", {}, "url"),
        ("xyz", "https://a.example/{z}/{x}/{y}", {"role": "hazard"}, "role"),
        ("xyz", "https://a.example/{z}/{x}/{y}", {"min_zoom": 9, "max_zoom": 3}, "max_zoom"),
        ("xyz", "https://a.example/{z}/{x}/{y}", {"bbox": (9.0, 1.0, 3.0, 2.0)}, "bbox"),
        ("xyz", "https://a.example/{z}/{x}/{y}", {"bbox": (float("nan"), 1.0, 3.0, 2.0)}, "bbox"),
        ("xyz", "https://a.example/{z}/{x}/{y}", {"mapping": {"layer": {}}}, "mapping"),
        ("kml", "https://a.example/{z}/{x}/{y}", {}, "format"),
    ],
)
def test_refuses_what_describes_no_picture(form: str, url: str, more: dict[str, object], field: str) -> None:
    said = {"role": "context"} | more
    with pytest.raises(Invalid) as refusal:
        check_source(LayerSource("pic", "Picture", kind=SourceKind.PICTURE, url=url, format=form, **said))
    assert refusal.value.field == field
