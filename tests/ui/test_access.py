"""Who is let in to which page of the desk; a new page that is not in the table fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.ui.open_desk import MAIN, opened, page

PEOPLE = {"stranger": STRANGER, "volunteer": VOLUNTEER, "responder": RESPONDER, "agency": AGENCY, "admin": ADMIN}
EVERYBODY = set(PEOPLE)
PAGES = {
    "live_map": EVERYBODY,
    "report": EVERYBODY,
    "requests": EVERYBODY,
    "situation": EVERYBODY,
    "layers": EVERYBODY - {"stranger"},
    "call": {"volunteer", "responder"},
    "profile": {"volunteer", "responder"},
    "export": {"agency", "admin"},
    "admin": {"admin"},
}
CLOSED = {"Please sign in", "Your role has no access"}


def missing(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py") if path.stem != "__init__"} ^ set(PAGES)


def test_knows_every_page() -> None:
    assert missing(MAIN.parent / "pages") == set()


def test_notices_a_page_that_nobody_has_named(tmp_path: Path) -> None:
    for name in (*PAGES, "secrets"):
        (tmp_path / f"{name}.py").touch()
    assert missing(tmp_path) == {"secrets"}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", PAGES)
def test_lets_in_those_who_may(name: str, who: str, tmp_path: Path, clock: FakeClock, monkeypatch) -> None:
    with opened(tmp_path / "data", clock):
        said = {each.value for each in page(name, PEOPLE[who], monkeypatch).subheader}
    assert (not said & CLOSED) == (who in PAGES[name])
    if who == "stranger" and who not in PAGES[name]:
        assert "Please sign in" in said
