"""Formats: what may precede a file on request."""

from __future__ import annotations

import csv
import io

import pytest

from crisismap.core.errors import Invalid
from crisismap.exports import EXPORTS
from tests.exports.made import Made, feature

REPORTS = Made([feature(1, text="Café São João, நீர்")])


def test_begins_csv_with_a_byte_order_mark_only_on_request() -> None:
    plain, marked = (b"".join(EXPORTS["csv"].stream(REPORTS, bom=bom)) for bom in (False, True))
    assert plain == b"".join(EXPORTS["csv"].write(REPORTS))
    assert marked == b"\xef\xbb\xbf" + plain
    [row] = csv.DictReader(io.StringIO(marked.decode("utf-8-sig"), newline=""))
    assert (row["id"], row["text"]) == ("id-1", "Café São João, நீர்")


@pytest.mark.parametrize("form", ["geojson", "geojsonl"])
def test_refuses_a_mark_that_would_make_json_unreadable(form: str) -> None:
    with pytest.raises(Invalid) as refused:
        EXPORTS[form].stream(REPORTS, bom=True)
    assert (refused.value.field, refused.value.code) == ("bom", "bom_not_in_format")
    assert b"".join(EXPORTS[form].stream(REPORTS)) == b"".join(EXPORTS[form].write(REPORTS))
