"""What people agree to has a version, and a sentence that changes without a new version fails here."""

from __future__ import annotations

import hashlib
import re

import httpx
import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.report.consent import PLAIN, consents_from
from crisismap.i18n import languages
from crisismap.rule_files import read_rule_files
from crisismap.settings import ROOT, read_toml
from crisismap.ui.report.report_draft import CONSENT_VERSION as DESK
from tests.server import Server

VERSIONS = read_toml(ROOT / "data" / "rules" / "consent.toml")


def mark(sentences: list[str]) -> str:
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16]


def shown_on_the_plain_page() -> list[str]:
    keys = ("report.consent_contact", "report.consent_publish")
    return [words(key) for _, words in sorted(languages().items()) for key in keys]


def shown_on_the_desk() -> list[str]:
    source = (ROOT / "crisismap" / "ui" / "report" / "report_form.py").read_text()
    return [
        re.findall(rf'st\.checkbox\("([^"]+)", key=_key\("{name}"\)\)', source)[0]
        for name in ("may_contact", "publish")
    ]


def test_keeps_the_versions_and_the_sentences_together() -> None:
    assert VERSIONS[PLAIN]["mark"] == mark(shown_on_the_plain_page()), "a new sentence is a new version"
    assert VERSIONS[DESK]["mark"] == mark(shown_on_the_desk()), "a new sentence is a new version"
    english = languages()["en"]
    assert VERSIONS[PLAIN]["contact"] == english("report.consent_contact")
    assert VERSIONS[PLAIN]["publish"] == english("report.consent_publish")
    assert [VERSIONS[DESK]["contact"], VERSIONS[DESK]["publish"]] == shown_on_the_desk()


def test_would_notice_a_word_that_was_changed() -> None:
    """The negative control."""
    changed = [sentence.replace("me", "us") for sentence in shown_on_the_plain_page()]
    assert VERSIONS[PLAIN]["mark"] != mark(changed)


def test_gives_the_texts_of_a_version_and_nothing_for_one_not_ours() -> None:
    consent = read_rule_files().consent
    assert set(consent.texts(PLAIN)) == {"contact", "publish"}
    assert consent.texts("somebody's") == consent.texts(None) == {}
    with pytest.raises(Misconfigured, match=r"consent\.toml: \[x\]"):
        consents_from({"x": {"since": "2026"}}, "consent.toml")


def test_tells_programs_what_to_show(site: Server) -> None:
    found = httpx.get(f"{site.url}/api/v1/consent", trust_env=False).json()
    assert found["version"] == PLAIN
    assert found["texts"]["ta"]["publish"] == languages()["ta"]("report.consent_publish")
    assert set(found["texts"]) == set(languages())
