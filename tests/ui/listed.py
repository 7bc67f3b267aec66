"""What the list of requests was sent, and the detail as a page opens it; shared by the desk's tests."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from crisismap.ui.frame.side_panel import LIST, Pane


def listed(test: AppTest) -> dict[str, Any]:
    """The one list on the page."""
    told: list[dict[str, Any]] = [json.loads(each.proto.bytes) for each in test.get("bidi_component")]
    [found] = [each for each in told if "cards" in each]
    return found


def ids(test: AppTest) -> list[str]:
    """The ids of the cards that were sent."""
    return [card["id"] for card in listed(test)["cards"]]


def open_detail(test: AppTest, page: str, report_id: str) -> AppTest:
    """Open a report, as a click in the list does. `page`: map or requests."""
    test.session_state[f"pane-{page}"] = [LIST, Pane("detail", id=report_id)]
    return rerun(test)


def rerun(test: AppTest) -> AppTest:
    test.run()
    assert not test.exception, test.exception
    return test


def press(test: AppTest, label: str) -> AppTest:
    """Press the one button of that name."""
    [button] = [each for each in test.button if each.label == label]
    button.click().run()
    assert not test.exception, test.exception
    return test


def buttons(test: AppTest) -> list[str]:
    return [each.label for each in test.button]
