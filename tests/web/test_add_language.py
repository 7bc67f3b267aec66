"""The recipe "Add a language" of CONTRIBUTING.md, done step by step: one new file, and the pages are offered in it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crisismap import bootstrap, i18n
from crisismap.api.app import make_api
from crisismap.core.errors import Misconfigured
from crisismap.rule_files import read_rule_files
from crisismap.settings import read_settings
from crisismap.web.routes import routes
from tests.catalogues import lacking, other_gaps, unlabelled
from tests.conftest import FakeClock

TRANSLATED = {
    'name = "English"': 'name = "Plattdüütsch"',
    'title = "Report what you see, or ask for help"': 'title = "Segg, wat du sühst, oder bidd üm Hülp"',
    'label = "Rescue"': 'label = "Redden"',
    'hint = "People who cannot get out by themselves"': 'hint = "Lüüd, de nich rutkamen köönt"',
    'boat_needed = "Is a boat needed?"': 'boat_needed = "Mutt dor en Boot her?"',
    "injury = [": 'injury = [ "Wunn",',
}


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of languages of our own, with those that ship in it."""
    folder = tmp_path / "locale"
    shutil.copytree(i18n.FOLDER, folder)
    monkeypatch.setattr(i18n, "FOLDER", folder)
    i18n.languages.cache_clear()
    yield folder
    i18n.languages.cache_clear()


def translate(folder: Path) -> None:
    """Steps 1 and 2: copy en.toml to the language's code, and translate."""
    text = (folder / "en.toml").read_text("utf-8")
    for english, ours in TRANSLATED.items():
        assert english in text
        text = text.replace(english, ours, 1)
    (folder / "nds.toml").write_text(text, "utf-8")


def asked(path: str, header: str) -> str:
    """A page of this process's application, as a browser of that language gets it."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_api(routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return await client.get(path, headers={"accept-language": header})

    answer = asyncio.run(ask())
    assert answer.status_code == 200
    return answer.text


def test_offers_the_report_page_in_a_language_by_its_file_alone(locale: Path, tmp_path: Path, clock: FakeClock) -> None:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    for added in (False, True):
        if added:
            translate(locale)
            i18n.languages.cache_clear()  # the server is started again
        with bootstrap.opened(settings, clock=clock) as context:
            bootstrap.install(context)
            try:
                english, ours = asked("/report", "en"), asked("/report", "nds, en;q=0.5")
            finally:
                bootstrap.install(None)
        assert ('lang="nds"' in ours) is added
        for words in ("Segg, wat du sühst", "Redden", "Lüüd, de nich rutkamen köönt", "Mutt dor en Boot her?"):
            assert (words in ours) is added, words
        assert ("Plattdüütsch" in english) is added, "the other pages offer it"


def test_is_a_whole_language_for_the_checks(locale: Path) -> None:
    translate(locale)
    english, ours = i18n.read_language(locale / "en.toml"), i18n.read_language(locale / "nds.toml")
    assert lacking(ours, english) == other_gaps(ours, english) == []
    assert unlabelled(ours, read_rule_files().categories.values()) == []


def test_refuses_to_start_with_a_category_that_english_does_not_name(locale: Path, tmp_path: Path) -> None:
    path = locale / "en.toml"
    path.write_text(path.read_text("utf-8").replace('label = "Rescue"\n', ""), "utf-8")
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    wanted = "en.toml: lacks category.rescue.label"
    assert wanted in bootstrap.problems(settings), "crisismap check says so"
    with pytest.raises(Misconfigured, match=re.escape(wanted)), bootstrap.opened(settings):
        pytest.fail("it started")
