"""Similar reports of one among very many: by place, time and text; and by text alone."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from benchmarks import data
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, interleave
from benchmarks.worker import Numbers
from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.report import CurrentReport, Draft
from crisismap.services.requests import duplicates
from crisismap.settings import read_settings

SIZES = {"full": 100_000, "quick": 20_000, "tiny": 600}
REPEATS = 60
SPAN_MS = 36 * 3_600_000
CITY = (80.25, 13.05, 0.05)  # centre and spread in degrees: all of them in one city, which is the hard case
STREETS = 4_000
_SYLLABLES = ("van", "mul", "kad", "tha", "per", "lai", "mur", "pon", "sel", "ven", "kum", "ara", "nil", "oor")


def reports(n: int) -> Iterator[list[CurrentReport]]:
    """Yield requests of a day and a half in one city, each with a street in its text; one in thirty has no place."""
    dice = random.Random(data.SEED)
    lon, lat, spread = CITY
    for part in data.reports(n, mix=data.Mix(asking=1.0, open=1.0)):
        requests = []
        for current in part:
            at = data.NOW_MS - dice.randrange(SPAN_MS)
            there = (dice.gauss(lon, spread), dice.gauss(lat, spread)) if dice.random() < 29 / 30 else (None, None)
            text = f"{current.report.text} at {_street(dice.randrange(STREETS))} street"
            changes = {"text": text, "lon": there[0], "lat": there[1], "observed_at": at, "received_at": at}
            requests.append(msgspec.structs.replace(current, report=msgspec.structs.replace(current.report, **changes)))
        yield requests


def _street(number: int) -> str:
    base = len(_SYLLABLES)
    return "".join(_SYLLABLES[number // base**place % base] for place in range(4))


def ours(n: int) -> Iterator[Numbers]:
    """Measure GET /api/v1/requests/{id}/similar, and the same for a report without a place."""
    person = Person("bench", "Bench", "", frozenset({"responder"}))
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"CRISISMAP_DATA_DIR": str(Path(folder) / "data")})
        with bootstrap.opened(settings, clock=lambda: data.NOW_MS) as context:
            ids: list[str] = []
            for part in reports(n):
                for start in range(0, len(part), 1000):
                    news = [NewReport(one.report, request=one.request) for one in part[start : start + 1000]]
                    context.store.reports.submit(news).result()
                ids += [one.report.id for one in part]
            context.views.situation.wait(context.store.events.revision(), 300)
            began = time.thread_time()
            context.views.word_index.follow(context.views.situation.boards()[Audience.AGENCY])
            index_us = (time.thread_time() - began) / n * 1e6
            dice = random.Random(1)
            sample_ids = [dice.choice(ids) for _ in range(REPEATS)]
            drafts = [Draft("rescue", f"on the roof at {_street(dice.randrange(STREETS))} street") for _ in sample_ids]
            unplaced_ids = [context.intake.receive(Message(draft, API, person=person)).id for draft in drafts]
            context.views.situation.wait(context.store.events.revision(), 300)
            yield {}
            while True:
                yield {
                    "placed_ms": _cpu_ms(
                        [
                            lambda i=i: duplicates.similar(
                                context.store, context.views, context.rules, context.clock(), person, i
                            )
                            for i in sample_ids
                        ]
                    ),  # type: ignore[misc]
                    "words_ms": _cpu_ms(
                        [
                            lambda i=i: duplicates.similar(
                                context.store, context.views, context.rules, context.clock(), person, i
                            )
                            for i in unplaced_ids
                        ]
                    ),  # type: ignore[misc]
                    "indexed_us": index_us,
                }


def every_text(n: int) -> Iterator[Numbers]:
    """Measure rapidfuzz over all texts, as in its own documentation."""
    from rapidfuzz import fuzz, process

    texts = [one.report.text for part in reports(n) for one in part]
    dice = random.Random(1)
    sample = [dice.choice(texts) for _ in range(5)]
    yield {}
    while True:
        calls = [
            lambda t=t: process.extract(t, texts, scorer=fuzz.token_set_ratio, limit=5)  # type: ignore[misc]
            for t in sample
        ]
        yield {"words_ms": _cpu_ms(calls)}


def box_and_texts(n: int) -> Iterator[Numbers]:
    """Measure a DataFrame: a box and two days, then rapidfuzz over the texts in it; no names, units or reasons."""
    import pandas as pd
    from rapidfuzz import fuzz, process

    rows = [msgspec.structs.asdict(one.report) for part in reports(n) for one in part]
    frame = pd.DataFrame(rows, columns=["id", "lon", "lat", "received_at", "text"])
    located = frame[frame["lon"].notna()]
    sample = located.sample(REPEATS, random_state=1)

    def run_query(one: pd.Series) -> None:
        near = frame[
            frame["lon"].between(one["lon"] - 0.0065, one["lon"] + 0.0065)
            & frame["lat"].between(one["lat"] - 0.0063, one["lat"] + 0.0063)
            & frame["received_at"].between(one["received_at"] - SPAN_MS, one["received_at"] + SPAN_MS)
        ]
        process.extract(one["text"], near["text"].tolist(), scorer=fuzz.token_set_ratio, limit=5)

    yield {}
    while True:
        yield {"placed_ms": _cpu_ms([lambda r=r: run_query(r) for _, r in sample.iterrows()])}  # type: ignore[misc]


def _cpu_ms(calls: list[Callable[[], object]]) -> float:
    """Return the median milliseconds of CPU time of this thread."""
    times = []
    for call in calls:
        began = time.thread_time()
        call()
        times.append(time.thread_time() - began)
    return 1000 * float(np.median(times))


class Similar:
    """The similar job; see docs/performance.md."""

    name = "similar"
    title = "Similar reports of one"

    def run(self, size: Size) -> list[Figure]:
        """Measure reports with and without a place, beside two ways with rapidfuzz alone."""
        n = SIZES[size.name]
        here = "benchmarks.jobs.similar"
        found = interleave(
            [
                Piece("ours", f"{here}:ours", {"n": n}),
                Piece("every", f"{here}:every_text", {"n": n}),
                Piece("box", f"{here}:box_and_texts", {"n": n}),
            ],
            size.rounds,
        )
        by_place, by_text = f"of one among {n:,} in one city", f"of words without a place among {n:,}"
        values = {label: found[label].values for label in ("ours", "every", "box")}
        note = "likeness of texts only"
        return [
            figure(by_place, "suggestions with reasons", values["ours"]("placed_ms"), "ms CPU", Side.OURS),
            figure(by_place, "pandas box + rapidfuzz", values["box"]("placed_ms"), "ms CPU", Side.PEER, note),
            figure(by_text, "suggestions with reasons", values["ours"]("words_ms"), "ms CPU", Side.OURS),
            figure(by_text, "rapidfuzz over all texts", values["every"]("words_ms"), "ms CPU", Side.PEER, note),
            figure("indexing words", "a report", values["ours"]("indexed_us"), "us CPU", Side.NOTE),
        ]
