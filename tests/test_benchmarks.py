"""The benchmarks run, each with tiny sizes, and judge their own figures; no time is asserted here."""

from __future__ import annotations

import importlib
import json
import math
import os
from pathlib import Path

import pytest
from defusedxml import ElementTree

from benchmarks import __main__ as command
from benchmarks import data, document, load, machine, plot, results_file, rounds, table
from benchmarks.ceilings import Ceilings, share
from benchmarks.figure import Figure, Side, Size, figure, groups, impossible_figures, missed_goals, ratio, skipped
from benchmarks.jobs import JOBS
from benchmarks.results_file import JobResult
from benchmarks.rounds import Piece, interleave
from crisismap.core.report.request import State
from crisismap.rule_files import read_rule_files

ROOT = Path(__file__).resolve().parent.parent


class Inline:
    """In place of `rounds.Worker`: a piece in this process, which has imported everything already."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        module, _, name = piece.function.partition(":")
        self._steps = getattr(importlib.import_module(module), name)(**piece.arguments)

    def answer(self) -> dict[str, float]:
        found: dict[str, float] = json.loads(json.dumps(next(self._steps)))
        return found

    go = answer

    def close(self) -> None:
        self._steps.close()


# Sessions of the desk and servers of several sizes take as long as all other jobs together.
SLOW = ("breaking", "desk", "live", "memory", "million", "screen", "tasks", "together", "visit")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name in SLOW else name for name in JOBS]
)
@pytest.mark.timeout(300)
def test_runs_a_job_beside_its_peers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rots is the code of the jobs; a process for each piece, which only figures need, is what takes long."""
    if name not in (
        "desk",
        "screen",
        "together",
        "breaking",
    ):  # their viewers end with their process, and leave connections or a loop to it
        monkeypatch.setattr(rounds, "Worker", Inline)
    monkeypatch.setattr(machine, "others", lambda *_: 0.0)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    figures = JOBS[name].run(Size("tiny", 1))
    taken = [one for one in figures if one.rounds]
    assert all(math.isfinite(one.value) and one.low <= one.value <= one.high for one in taken)
    sides = {one.side for one in taken}
    assert Side.OURS in sides
    assert sides & {Side.PEER, Side.GOAL}, "what people do with the desk has a goal and no peer"
    # Every peer, floor and ceiling stands beside a figure of ours that it can be compared with.
    for members in groups(taken).values():
        if any(one.side in (Side.PEER, Side.FLOOR, Side.CEILING) for one in members):
            assert any(one.side is Side.OURS for one in members), members
    assert table.plain(name, figures)


def one(value: float, side: Side, unit: str = "ms", group: str = "g") -> Figure:
    return figure(group, str(side), [value], unit, side)


def test_takes_the_median_and_keeps_the_spread() -> None:
    found = figure("g", "n", [3.0, 1.0, 20.0], "ms", Side.OURS)
    assert (found.value, found.low, found.high, found.rounds) == (3.0, 1.0, 20.0, 3)


def test_refuses_a_figure_without_a_round() -> None:
    with pytest.raises(ValueError, match="no round"):
        figure("g", "n", [], "ms", Side.OURS)


@pytest.mark.parametrize(("unit", "times"), [("ms", 4.0), ("reports/s", 0.25)])
def test_compares_times_and_rates_the_right_way_round(unit: str, times: float) -> None:
    group = [one(10, Side.OURS, unit), one(40, Side.PEER, unit)]
    assert ratio(group, group[1]) == times
    assert ratio(group, group[0]) is None


@pytest.mark.parametrize(
    ("ours", "bound", "unit", "side", "wrong"),
    [
        (5, 10, "ms", Side.FLOOR, True),
        (10, 5, "ms", Side.FLOOR, False),
        (9.5, 10, "ms", Side.FLOOR, False),  # within what noise does to medians
        (20, 10, "reports/s", Side.CEILING, True),
        (5, 10, "reports/s", Side.CEILING, False),
    ],
)
def test_names_a_figure_that_beats_its_own_bound(ours: float, bound: float, unit: str, side: Side, wrong: bool) -> None:
    assert bool(impossible_figures([one(ours, Side.OURS, unit), one(bound, side, unit)])) is wrong


def test_names_a_peer_too_that_beats_a_bound() -> None:
    assert "peer" in impossible_figures([one(9, Side.OURS), one(1, Side.PEER), one(5, Side.FLOOR)])[0]


def test_names_a_missed_goal() -> None:
    assert missed_goals([one(20, Side.OURS), one(15, Side.GOAL)])
    assert not missed_goals([one(10, Side.OURS), one(15, Side.GOAL)])


def test_makes_the_same_reports_again_with_random_keys() -> None:
    first, again = (next(data.reports(50)) for _ in range(2))
    assert first == again
    keys = [current.report.client_id or "" for current in first]
    assert len(set(keys)) == 50
    assert keys != sorted(keys)


def test_makes_requests_that_leave_the_jobs_of_a_server_nothing_to_do() -> None:
    clocks = read_rule_files().clocks
    made = [current for part in data.reports(500) for current in part]
    assert all(data.NOW_MS - data.SPAN_MS <= current.report.received_at <= data.NOW_MS for current in made)
    assert all(step.waiting_ms > data.SPAN_MS for step in clocks.raises)
    waiting = [current.request for current in made if current.request and current.request.state is State.OPEN]
    assert waiting and {request.escalated for request in waiting} == {len(clocks.escalations)}


def test_gives_bodies_that_the_api_takes() -> None:
    from crisismap.core.report.read_draft import read_draft

    assert all(read_draft(body).category in data.CATEGORIES for body in data.bodies(20, seed=3))


def test_cuts_batches_and_keeps_their_number_right() -> None:
    warm, made = load.requests_of(load.Order("http://127.0.0.1:1", "batch", 1, count=2_000, per_request=1_000))
    assert (len(warm), len(made)) == (1, 2)
    assert all(request.split(b"\r\n\r\n", 1)[1].count(b"\n") == 999 for request in made)


def test_gives_every_piece_its_rounds() -> None:
    here = "tests.pieces:counting"
    found = interleave([Piece("a", here, {"start": 0}), Piece("b", here, {"start": 10})], 3)
    assert found["a"].setup == {"begin": 0}
    assert found["a"].values("n") == [1, 2, 3]
    assert found["b"].values("n") == [11, 12, 13]


def test_says_why_a_piece_broke() -> None:
    with pytest.raises(RuntimeError, match="broken on purpose"):
        interleave([Piece("a", "tests.pieces:failing", {})], 1)


def taken(figures: list[Figure]) -> JobResult:
    machine = {"cores": 2, "processor": "P", "memory_gb": 1, "python": "3", "sqlite": "3", "gdal": "3"}
    return JobResult("Title", "2026-01-01", "tiny", 1, 1.0, 0.0, 0.0, machine, figures)


def test_keeps_jobs_one_by_one_and_reads_them_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_file, "FOLDER", tmp_path)
    results_file.write("some", "first", taken([one(1, Side.OURS), one(2, Side.PEER)]))
    results_file.write("some", "second", taken([skipped("g", "n", "not here")]))
    found = results_file.read("some")
    assert list(found) == ["first", "second"]
    assert found["first"].figures == [one(1, Side.OURS), one(2, Side.PEER)]
    assert found["second"].figures[0].note == "left out: not here"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (50.0, "tiles/s", "5 % of bare HTTP"),
        (50.0, "reports/s", "5 % of bare HTTP, 0.5 % of executemany"),
        (20.0, "ms", "20 bare answers"),
        (0.5, "ms CPU", "0.5 bare answers"),
        (7.0, "bytes", ""),
        (0.0, "ms", ""),
        (math.nan, "", ""),
    ],
)
def test_gives_a_figure_as_a_share_of_what_the_machine_can_do(value: float, unit: str, expected: str) -> None:
    assert share(one(value, Side.OURS, unit), Ceilings(answers=1_000, rows=10_000)) == expected
    assert share(one(value, Side.OURS, unit), None) == ""


def test_draws_what_can_be_compared_for_both_themes() -> None:
    picture = plot.svg(
        "t", [one(2, Side.OURS), one(200, Side.PEER), one(1, Side.FLOOR), one(9, Side.OURS, group="<b>")]
    )
    drawn = ElementTree.fromstring(picture)
    marks = [
        (each.get("class"), float(each.get("cx") or each.get("x") or 0)) for each in drawn.iter() if each.get("class")
    ]
    place = {kind: at for kind, at in marks[-12:] if kind in ("ours", "peer", "floor")}
    assert place["floor"] < place["ours"] < place["peer"]
    assert "prefers-color-scheme: dark" in picture and "<b>" not in picture
    assert plot.svg("t", [one(2, Side.OURS), one(0, Side.GOAL), one(3, Side.PEER, "s")]) == ""


def test_renews_the_results_between_the_marks_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_file, "FOLDER", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    results_file.write("some", "first", taken([one(20, Side.OURS), one(40, Side.PEER), one(15, Side.GOAL)]))
    document.renew("some", page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "ours 2.00x better" in text and "**Missed:**" in text
    assert "](pictures/benchmark-first.svg)" in text and (tmp_path / "pictures" / "benchmark-first.svg").exists()
    page.write_text("no marks")
    with pytest.raises(ValueError, match="lacks the marks"):
        document.renew("some", page)


def test_documents_every_job() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert document.BEGIN in page and document.END in page
    assert [name for name in JOBS if f"| `{name}` |" not in page] == []


def test_keeps_no_name_of_a_machine_or_a_folder_in_results() -> None:
    import socket

    for path in (ROOT / "benchmarks" / "results").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text and socket.gethostname() not in json.dumps(json.loads(text)["jobs"])


@pytest.mark.parametrize("words", [["nosuch"], ["--rounds", "0"]])
def test_refuses_wrong_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.parse_arguments(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err
