"""Hearing need in texts: the detector over the labelled texts, beside a linear model over character n-grams."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, interleave
from benchmarks.worker import Numbers

SIZES = {"full": 5, "quick": 2, "tiny": 1}  # times over all texts
BATCH = 50  # texts
LIMIT_US = 30.0  # a text, in batches: the goal


def _words() -> list[str]:
    from tests.needs.labelled import texts

    return [text.words for text in texts()]


def ours(times: int) -> Iterator[Numbers]:
    """Measure the detector as it ships: texts in batches, and one after the other."""
    from crisismap.rule_files import read_rule_files

    detector = read_rule_files().detector
    some = _words()
    batches = [some[begin : begin + BATCH] for begin in range(0, len(some), BATCH)]
    yield {}
    while True:
        together = _cpu_us(lambda: [detector.detect_all(batch) for batch in batches], len(some), times)
        alone = _cpu_us(lambda: [detector.detect(text) for text in some], len(some), times)
        yield {"us": together, "alone": alone, "texts": len(some)}


def linear_model(times: int) -> Iterator[Numbers]:
    """Measure scikit-learn: character n-grams of 2 to 5 letters, hashed, and a logistic regression over them."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    from tests.needs.labelled import TUNED, texts

    trained = list(texts(TUNED))
    vectors = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=2**17, alternate_sign=False)
    model = LogisticRegression(max_iter=200).fit(
        vectors.transform([text.words for text in trained]), [text.label for text in trained]
    )
    some = _words()
    yield {}
    while True:
        yield {"us": _cpu_us(lambda: model.predict(vectors.transform(some)), len(some), times)}


def letters(times: int) -> Iterator[Numbers]:
    """Measure making the letters plain alone, which every way needs first."""
    from crisismap.core.need.plain import plain

    some = _words()
    yield {}
    while True:
        yield {"us": _cpu_us(lambda: [plain(text) for text in some], len(some), times)}


def _cpu_us(call: Callable[[], object], texts: int, times: int) -> float:
    """Return the fewest microseconds of CPU time for one text, over some times."""
    spent = []
    for _ in range(times):
        began = time.thread_time()
        call()
        spent.append(time.thread_time() - began)
    return 1e6 * min(spent) / texts


class NeedInTexts:
    """The need job; see docs/needs.md."""

    name = "need"
    title = "Hearing need in texts"

    def run(self, size: Size) -> list[Figure]:
        """Measure all three on the same texts."""
        times, here = SIZES[size.name], "benchmarks.jobs.need"
        found = interleave(
            [Piece(label, f"{here}:{label}", {"times": times}) for label in ("ours", "linear_model", "letters")],
            size.rounds,
        )
        group = f"one of {found['ours'].rounds[0]['texts']:,.0f} labelled texts, in a batch"
        return [
            figure(group, "rules over concepts", found["ours"].values("us"), "us CPU", Side.OURS),
            figure(
                group, "rules over concepts, one text at a time", found["ours"].values("alone"), "us CPU", Side.OURS
            ),
            figure(group, "scikit-learn, n-grams", found["linear_model"].values("us"), "us CPU", Side.PEER),
            figure(group, "plain letters alone", found["letters"].values("us"), "us CPU", Side.NOTE),
            figure(group, "goal", [LIMIT_US], "us CPU", Side.GOAL),
        ]
