"""The labelled texts, and how well a detector hears them: counts by language and by the box that was ticked."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crisismap.core.need.need import Detection

FOLDER = Path(__file__).parent / "texts"
TRAINING = Path(__file__).parent / "training"
REAL = Path(__file__).parent / "real"
LABELS = ("asks", "may", "information", "offer")
TUNED, UNTOUCHED = "tuned", "untouched"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text with its label. `priority` is 0 for what asks nothing."""

    id: str
    language: str
    box: str
    words: str
    label: str
    priority: int
    why: str
    traits: frozenset[str]
    english: str

    @property
    def half(self) -> str:
        """The half it belongs to, by a hash of its id; no word list was tuned on the untouched one."""
        return UNTOUCHED if hashlib.sha256(self.id.encode()).digest()[0] & 1 else TUNED

    @property
    def at_risk(self) -> bool:
        """Whether it asks with a life at risk."""
        return self.label == "asks" and self.priority == 1

    @property
    def taken_back(self) -> bool:
        """Whether words of need stand there and are denied or over."""
        return self.label == "information" and bool(self.traits & {"negation", "past"})


def texts(half: str | None = None) -> Iterator[Labelled]:
    """Yield the texts of one half, or all."""
    for path in sorted(FOLDER.glob("*.toml")):
        for table in tomllib.loads(path.read_text("utf-8"))["text"]:
            text = Labelled(
                id=table["id"],
                language=table.get("lang", path.stem) if path.stem != "odd" else "odd",
                box=table["box"],
                words=table["words"],
                label=table["is"],
                priority=table.get("priority", 0),
                why=table["why"],
                traits=frozenset(table["traits"]),
                english=table.get("english", ""),
            )
            if half in (None, text.half):
                yield text


def more_texts(half: str | None = None) -> Iterator[Labelled]:
    """Yield the texts that were written to train on, and the quarter of them that was kept back, or all."""
    for path in sorted(TRAINING.glob("*.tsv")):
        lines = path.read_text("utf-8").splitlines()[1:]
        for identity, label, priority, why, trait, words in (line.split("\t") for line in lines):
            kept_back = hashlib.sha256(identity.encode()).digest()[0] % 4 == 0
            if half in (None, UNTOUCHED if kept_back else TUNED):
                traits = frozenset({trait} if trait else ())
                yield Labelled(identity, path.stem, "", words, label, int(priority), why, traits, "")


def real_texts(shared_data: Path) -> Iterator[Labelled]:
    """Yield what people of Jakarta wrote in 2017 (PetaBencana.id, CC BY 4.0), each text once; nothing is tuned to it.

    Only ids, made of the text, and labels are here; the texts are read from the folder of real data.
    """
    lines = (REAL / "jakarta_2017.tsv").read_text("utf-8").splitlines()[1:]
    labels = {identity: (label, int(priority)) for identity, label, priority in (line.split("\t") for line in lines)}
    for path in sorted((shared_data / "petabencana_jakarta_2017").glob("reports_*.geojson")):
        for feature in json.loads(path.read_text("utf-8"))["features"]:
            words = " ".join((feature["properties"]["text"] or "").split())
            identity = hashlib.sha256(words.encode()).hexdigest()[:12]
            label, priority = labels.pop(identity, ("", 0))
            if label:
                yield Labelled(identity, "id", "", words, label, priority, "", frozenset(), "")


def class_of(text: Labelled) -> str:
    """Return the class of a labelled text: a life at risk is one of its own."""
    return "risk" if text.at_risk else text.label


def digest_of(some: Sequence[Labelled]) -> str:
    """Return what tells whether a model was trained on these texts and labels."""
    digest = hashlib.sha256()
    for text in some:
        digest.update(f"{text.id}\t{class_of(text)}\t{text.words}\n".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Score:
    """How a detector hears some texts. Shares are None where there is no such text."""

    texts: int
    confusion: Counter[tuple[str, str]]  # label, answer
    risk_heard: float | None  # of life at risk: asks or may
    risk_urgent: float | None  # of life at risk: asks with P1 or P2
    taken_back: float | None  # of negation and past: no request

    def share(self, label: str, answer: str) -> float | None:
        """The share of the texts with a label that get an answer."""
        return _share(self.confusion[label, answer], sum(self.confusion[label, each] for each in LABELS))


def score(some: Iterable[Labelled], detect: Callable[[str], Detection]) -> Score:
    """Return how a detector hears some texts."""
    heard: Sequence[tuple[Labelled, Detection]] = [(text, detect(text.words)) for text in some]
    risk = [found for text, found in heard if text.at_risk]
    back = [found for text, found in heard if text.taken_back]
    return Score(
        texts=len(heard),
        confusion=Counter((text.label, str(found.need)) for text, found in heard),
        risk_heard=_share(sum(found.need.is_request for found in risk), len(risk)),
        risk_urgent=_share(sum(found.need == "asks" and found.priority <= 2 for found in risk), len(risk)),
        taken_back=_share(sum(not found.need.is_request for found in back), len(back)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
