"""The rules of a deployment, read from data/categories, data/rules and the languages' vocabulary."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crisismap import i18n
from crisismap.collector import nothing_collected
from crisismap.core.category import Category, category_from
from crisismap.core.deadlines import Deadlines, clocks_from
from crisismap.core.errors import Misconfigured
from crisismap.core.limits import LimitRules, limit_rules_from
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.model import NeedModel
from crisismap.core.need.rules import CONCEPTS, need_rules_from
from crisismap.core.need.words import Words
from crisismap.core.people.skills import SkillRules, matching_from
from crisismap.core.place.moves import MoveRules, move_rules_from
from crisismap.core.place.surroundings import SurroundingRules, surroundings_from
from crisismap.core.priority import Rule, rules_from
from crisismap.core.privacy import PrivacyRules, privacy_rules_from
from crisismap.core.report.consent import Consents, consents_from
from crisismap.core.report.duplicates import DuplicateRules, duplicate_rules_from
from crisismap.core.report.retention import Terms, terms_from
from crisismap.core.report.verification import VerificationRules, verification_rules_from
from crisismap.settings import ROOT, read_toml


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """The contents of data/categories, data/rules and the languages' vocabulary."""

    categories: dict[str, Category]
    priority: tuple[Rule, ...]
    detector: NeedDetector
    clocks: Deadlines
    privacy: PrivacyRules
    verification: VerificationRules
    matching: SkillRules
    duplicates: DuplicateRules
    retention: Terms
    consent: Consents
    limits: LimitRules
    surroundings: SurroundingRules
    moves: MoveRules


def read_rule_files(folder: Path = ROOT / "data") -> RuleFiles:
    """Read all rule files. Raises Misconfigured naming the file that is wrong."""
    categories = [category_from(read_toml(path), path.name) for path in sorted((folder / "categories").glob("*.toml"))]
    if not categories:
        raise Misconfigured("no_categories", folder=str(folder / "categories"))
    if len({c.id for c in categories}) < len(categories):
        raise Misconfigured("category_id_taken", folder=str(folder / "categories"))
    rules = folder / "rules"
    vocabulary = i18n.vocabulary()
    by_id = {c.id: c for c in sorted(categories, key=lambda c: c.order)}
    return RuleFiles(
        categories=by_id,
        priority=rules_from(read_toml(rules / "priority.toml"), "priority.toml", vocabulary),
        detector=_detector(folder),
        clocks=clocks_from(read_toml(rules / "clocks.toml"), by_id, "clocks.toml"),
        privacy=privacy_rules_from(read_toml(rules / "privacy.toml"), "privacy.toml"),
        verification=verification_rules_from(read_toml(rules / "verification.toml"), "verification.toml"),
        matching=matching_from(read_toml(rules / "matching.toml"), "matching.toml", vocabulary),
        duplicates=duplicate_rules_from(read_toml(rules / "duplicates.toml"), "duplicates.toml"),
        retention=terms_from(read_toml(rules / "retention.toml"), "retention.toml"),
        consent=consents_from(read_toml(rules / "consent.toml"), "consent.toml"),
        limits=limit_rules_from(read_toml(rules / "limits.toml"), "limits.toml"),
        surroundings=surroundings_from(read_toml(rules / "surroundings.toml"), "surroundings.toml"),
        moves=move_rules_from(read_toml(rules / "moves.toml"), "moves.toml"),
    )


def _detector(folder: Path) -> NeedDetector:
    """Return the detector of need, from data/needs and data/rules/need.toml."""
    paths = sorted((folder / "needs").glob("*.toml"))
    if not paths:
        raise Misconfigured("no_words_of_need", folder=str(folder / "needs"))
    rules = folder / "rules" / "need.toml"

    def words() -> Words:
        with nothing_collected():
            return Words(((path.name, read_toml(path)) for path in paths), CONCEPTS)

    trained = folder / "needs" / "model.npz"

    def model() -> NeedModel:
        return _read_model(trained)

    has_model = trained.is_file()
    digest = hashlib.blake2b(digest_size=6)
    for path in (rules, *paths, *([trained] if has_model else ())):
        digest.update(path.read_bytes())
    rules_of_need = need_rules_from(read_toml(rules), rules.name)
    return NeedDetector(words, rules_of_need, digest.hexdigest(), model if has_model else None)


def _read_model(path: Path) -> NeedModel:
    """Return the model that tools/need_model.py has written. Raises Misconfigured naming the file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            buckets = np.cumsum(file["gaps"], dtype=np.int64)
            weights = buckets, np.ascontiguousarray(file["weights"].T)
            return NeedModel(weights, about.pop("scale"), about.pop("features"), about.pop("bias"), about)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise Misconfigured("model_unreadable", file=path.name) from error
