"""require_content: what says something, and how it is named when nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.report.report import NothingSaid, require_content


@pytest.mark.parametrize(
    "content", [("x", None, None, ""), ("", {"a": 1}, None, ""), ("", None, 0.0, ""), ("", {}, None, "x")]
)
def test_is_content_with_text_or_fields_or_a_place(content: tuple[Any, ...]) -> None:
    require_content(*content)


@pytest.mark.parametrize("text", ["", None])
def test_names_what_says_nothing(text: str | None) -> None:
    with pytest.raises(NothingSaid, match=r"^text: say something: .* \(got None\)$"):
        require_content(text, {}, None, None)
