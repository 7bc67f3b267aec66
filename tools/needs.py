"""Prints how need is heard in the labelled texts, as the tables of docs/needs.md.

python -m tools.needs [--later | --real FOLDER] [--half untouched|tuned] [--misses N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from crisismap.core.need.need import Detection
from crisismap.rule_files import read_rule_files
from tests.needs.labelled import LABELS, TUNED, UNTOUCHED, Labelled, Score, more_texts, real_texts, score, texts

COLUMNS = (
    *("texts", "life at risk: asks or may", "life at risk: asks P1, P2", "asks: asks or may"),
    *("information: may", "information: asks", "denied or past: right", "offers: offer"),
)


def main() -> None:
    """Print the tables of one half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=(UNTOUCHED, TUNED), default=UNTOUCHED)
    parser.add_argument("--misses", type=int, default=0, help="how many of the worst misses to quote")
    parser.add_argument(
        "--later", action="store_true", help="the texts written to train on, and their quarter kept back"
    )
    parser.add_argument("--real", type=Path, metavar="FOLDER", help="what people wrote, from the folder of real data")
    options = parser.parse_args()
    some = list(real_texts(options.real) if options.real else (more_texts if options.later else texts)(options.half))
    print("\n".join(report(some, options.misses)))


def report(some: list[Labelled], misses: int) -> Iterator[str]:
    """Yield the lines of the tables for some texts."""
    detect = cache(read_rule_files().detector.detect)
    yield f"{len(some)} texts.\n"
    yield from _table("language", {text.language for text in some}, detect, some, lambda text: text.language)
    yield ""
    if boxes := {text.box for text in some} - {""}:
        yield from _table("box", boxes, detect, some, lambda text: text.box)
    whole = score(some, detect)
    yield "\n| label | " + " | ".join(LABELS) + " |\n|---|" + "---|" * len(LABELS)
    for label in LABELS:
        yield f"| {label} | " + " | ".join(str(whole.confusion[label, answer]) for answer in LABELS) + " |"
    worst = [(text, detect(text.words)) for text in some]
    lost = [(text, found) for text, found in worst if text.at_risk and not found.need.is_request]
    for text, found in lost[:misses]:
        yield f"- {text.id} ({text.why}), heard as {found.need}: “{text.words}”" + f" ({text.english})" * bool(
            text.english
        )


def _table(
    name: str,
    keys: Iterable[str],
    detect: Callable[[str], Detection],
    some: list[Labelled],
    key: Callable[[Labelled], str],
) -> Iterator[str]:
    yield f"| {name} | " + " | ".join(COLUMNS) + " |"
    yield "|---" * (1 + len(COLUMNS)) + "|"
    for each in [*sorted(keys), ""]:
        part = [text for text in some if not each or key(text) == each]
        yield _row(each or "**all**", score(part, detect))


def _row(name: str, found: Score) -> str:
    asks, may = found.share("asks", "asks"), found.share("asks", "may")
    shares = (
        found.risk_heard,
        found.risk_urgent,
        None if asks is None or may is None else asks + may,
        found.share("information", "may"),
        found.share("information", "asks"),
        found.taken_back,
        found.share("offer", "offer"),
    )
    return f"| {name} | {found.texts} | " + " | ".join("" if s is None else f"{s:.1%}" for s in shares) + " |"


if __name__ == "__main__":
    main()
