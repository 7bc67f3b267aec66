"""The name of an export says for whom, of what, where and when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from shapely.geometry import box

from crisismap.core.layer.layer import Feature, Role
from crisismap.core.privacy import Audience
from crisismap.services.exports.download_name import area_file_name, report_file_name
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import Selection
from tests.services.deployment import ask
from tests.services.exports.test_print_sheet import put

AT = 1_449_037_800_000  # 2015-12-02 06:30 UTC
KOLKATA = ZoneInfo("Asia/Kolkata")


def test_names_area_audience_and_time(context: Context) -> None:
    put(context, Role.AREA, Feature("1", "Velachery", "W-178", box(80.2, 13.0, 80.3, 13.1), {}))
    ask(context)  # an area is known once a report lies in it
    requests = Selection(area=("W-178",), state=("open",))
    name = report_file_name(context.views, requests, Audience.AGENCY, AT, KOLKATA, "geojson")
    assert name == "requests-velachery-2015-12-02-1200.geojson"
    name = report_file_name(context.views, Selection(), Audience.PUBLIC, AT, KOLKATA, "csv")
    assert name == "public-reports-all-areas-2015-12-02-1200.csv"
    assert area_file_name(context.views, "map", ["No such"], AT, KOLKATA, "html") == "map-no-such-2015-12-02-1200.html"
