"""Trains the model of need on the labelled texts that may be tuned to, and writes data/needs/model.npz.

python -m tools.need_model            # train on all of them and write the file
python -m tools.need_model --folds    # train on four fifths in turn, and print what each threshold would cost
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.model import (
    BUCKETS,
    CLASSES,
    FEATURE_WEIGHT,
    LETTERS_READ,
    LEVELS,
    features_of,
    groups_of,
    known_of,
)
from crisismap.rule_files import read_rule_files
from tests.needs.labelled import TUNED, Labelled, class_of, digest_of, more_texts, texts

FILE = Path("data/needs/model.npz")
OTHER = "information"
_KEPT = 250_000  # buckets: those that change most in the texts; half of them hear less, and all are six times as large
_STRICT = 0.3  # C of the model of those buckets: they were chosen by the same texts
_LEAST_TEXTS = 4  # that a group of letters stands in; the rarer ones add size, not hearing
_RARE = 0.03  # of the square of how rare a group is: without it names and endings outweigh what is told
_FOLDS = 5


def main() -> None:
    """Train, or compare thresholds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", action="store_true", help="print what each threshold would cost; write nothing")
    options = parser.parse_args()
    some = [*texts(TUNED), *more_texts(TUNED)]
    material = prepare(some)
    if options.folds:
        print(thresholds(material, some))
        return
    FILE.write_bytes(train(material, some))
    print(f"{FILE}: {len(some)} texts, {FILE.stat().st_size / 1000:.0f} kB")


@dataclass(frozen=True)
class Material:
    """What is trained on: a row for each text."""

    rows: Any  # sparse, letters first
    rarity: npt.NDArray[np.float64]  # by which the letters are multiplied
    names: Sequence[str]  # of the columns behind the letters
    classes: npt.NDArray[np.str_]


def prepare(some: Sequence[Labelled]) -> Material:
    """Return the rows of some texts, as the rules alone know them."""
    whole = read_rule_files().detector
    detector = NeedDetector(whole.words, whole.rules)
    heard = [detector.by_rules(text.words) for text in some]
    columns, values, ends = [], [], [0]
    for each in heard:
        groups = groups_of(each.plain[:LETTERS_READ])
        columns.append(groups.buckets)
        values.append(groups.values)
        ends.append(ends[-1] + len(groups.buckets))
    letters = sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), ends), (len(some), BUCKETS))
    letters.sum_duplicates()
    counts = np.bincount(letters.indices, minlength=BUCKETS)
    rarity = (np.log((1 + len(some)) / (1 + counts)) + 1) ** 2 * _RARE
    rarity[counts < _LEAST_TEXTS] = 0
    weighted = sparse.csr_matrix(letters.multiply(rarity[np.newaxis, :]))
    names = DictVectorizer()
    features = names.fit_transform([dict.fromkeys(features_of(known_of(each)), FEATURE_WEIGHT) for each in heard])
    classes = np.array([class_of(text) for text in some])
    rows = sparse.hstack([weighted, features]).tocsr()
    return Material(rows, rarity, list(names.get_feature_names_out()), classes)


def train(material: Material, some: Sequence[Labelled]) -> bytes:
    """Return the file of the model that was trained on all rows."""
    kept = _weightiest(material)
    columns = np.concatenate((kept, np.arange(BUCKETS, material.rows.shape[1])))
    model = _new_model(_STRICT).fit(material.rows[:, columns], material.classes)
    order = [list(model.classes_).index(name) for name in (*CLASSES, OTHER)]
    weights, bias = model.coef_[order], model.intercept_[order]
    weights, bias = (weights[:-1] - weights[-1]).T, bias[:-1] - bias[-1]
    letters = weights[: len(kept)] * material.rarity[kept, np.newaxis]
    features = weights[len(kept) :] * FEATURE_WEIGHT
    scale = np.quantile(np.abs(letters), 0.999, axis=0) / LEVELS
    steps = np.clip(np.rint(letters / scale), -LEVELS, LEVELS).astype(np.int8)
    kept, steps = kept[steps.any(axis=1)], steps[steps.any(axis=1)]
    about = {
        "texts": len(some),
        "languages": dict(sorted(Counter(text.language for text in some).items())),
        "classes": dict(sorted(Counter(material.classes.tolist()).items())),
        "digest": digest_of(some),
    }
    named = {name: [round(float(each), 4) for each in row] for name, row in zip(material.names, features, strict=True)}
    figures = {"scale": [float(f"{each:.6g}") for each in scale], "bias": [round(float(each), 4) for each in bias]}
    text = json.dumps({**about, **figures, "features": named})
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        gaps=np.diff(kept, prepend=0).astype(np.uint32),
        weights=np.ascontiguousarray(steps.T),
        about=np.frombuffer(text.encode(), dtype=np.uint8),
    )
    return buffer.getvalue()


def _weightiest(material: Material) -> npt.NDArray[np.int64]:
    """Return the buckets that change most in the texts in a model of all, in their order."""
    letters = material.rows[:, :BUCKETS]
    weights = _new_model().fit(material.rows, material.classes).coef_[:, :BUCKETS]
    change = ((weights - weights.mean(axis=0)) ** 2).sum(axis=0) * np.asarray(letters.power(2).sum(axis=0)).ravel()
    return np.sort(np.argsort(-change, kind="stable")[:_KEPT])


def _new_model(strength: float = 1.0) -> LogisticRegression:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=200, tol=1e-4)


def thresholds(material: Material, some: Sequence[Labelled]) -> str:
    """Return a table of what thresholds would cost, each text judged by a model that has not seen it."""
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=1)
    shares = cross_val_predict(
        _new_model(), material.rows, material.classes, cv=folds, method="predict_proba", n_jobs=1
    )
    names = sorted(set(material.classes.tolist()))
    column = {name: shares[:, number] for number, name in enumerate(names)}
    risk, other = material.classes == "risk", material.classes == OTHER
    back = np.array([text.taken_back for text in some])
    asks = column["risk"] + column["asks"]
    heard = asks + column["may"]
    lines = ["| at least | life at risk: over it as may | information over it as may | denied or past over it as may |"]
    lines[0] += " life at risk: over it as asks | information over it as asks |"
    lines.append("|---" * 6 + "|")
    for least in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8):
        cells = [
            *((heard[rows] >= least).mean() for rows in (risk, other, back)),
            *((asks[rows] >= least).mean() for rows in (risk, other)),
        ]
        lines.append(f"| {least} | " + " | ".join(f"{cell:.1%}" for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
