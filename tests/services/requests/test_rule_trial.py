"""Changed rules on past reports: what would change, and who agrees with people."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from crisismap.core.verb import TriageBody
from crisismap.rule_files import read_rule_files
from crisismap.services.requests.rule_trial import try_rules
from crisismap.services.runtime.context import Context
from crisismap.settings import ROOT
from tests import acts
from tests.people import RESPONDER
from tests.services.deployment import ask


def without_trapped(folder: Path) -> Path:
    """A copy of the rules in which no language has words for trapped people."""
    copy = Path(shutil.copytree(ROOT / "data", folder / "rules-copy"))
    for file in (copy / "needs").glob("*.toml"):
        file.write_text(re.sub(r'(?ms)^trapped = """.*?"""$', "", file.read_text("utf-8")), "utf-8")
    return copy


def test_finds_a_removed_word(context: Context, tmp_path: Path) -> None:
    report, _ = ask(context, text="trapped", category="flooding")
    ask(context, text="the road is dry", category="flooding")
    acts.do(context, RESPONDER, report, None, "triage", TriageBody("asks")).result()
    seen: list[int] = []
    changed = read_rule_files(without_trapped(tmp_path))
    trial = try_rules(context.store.events, read_rule_files(), changed, 5, seen.append)
    assert (trial.reports, trial.changed, seen) == (2, 1, [2])
    [(id_, before, after)] = trial.shown
    assert (id_, after) == (report, "information")
    assert before.split()[0] in ("asks", "may")
    assert (trial.decisions, trial.live_agrees, trial.changed_agrees) == (1, 1, 0)


def test_the_same_rules_change_nothing(context: Context) -> None:
    ask(context)
    trial = try_rules(context.store.events, read_rule_files(), read_rule_files(), 5)
    assert (trial.reports, trial.changed, trial.shown) == (1, 0, [])
