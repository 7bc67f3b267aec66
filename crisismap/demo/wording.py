"""Text of demo reports: a template in one of four languages, filled in, with typical haste."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.demo.city.places import NamedPoint
from crisismap.demo.dice import Dice, weighted
from crisismap.demo.inputs import inputs

SHORT = {"please": "pls", "people": "ppl", "water": "watr", "and": "n", "you": "u", "are": "r", "because": "bcoz"}
TAILS = ("!", "!!", "...", " 🙏", " ..")
PRESSING = ("!!", " pls help", " urgent", " 🙏🙏", " fast", "!!!!")
REQUEST_CATEGORIES = frozenset({"rescue", "medical", "water_food"})


@dataclass(frozen=True, slots=True)
class TextScene:
    """The facts a text can mention; the same for all neighbours of an incident, except for what each sees."""

    hood: NamedPoint
    mark: NamedPoint
    street: str
    depth_cm: int
    people: int
    children: int = 0
    elderly: int = 0
    shelter: str = ""
    road: str = ""
    free: int = 0
    condition: str = ""
    phone: str = ""


def language(rng: Dice) -> str:
    """Return en, ta, mix or hi, weighted by the inputs."""
    return weighted(rng, inputs("texts")["languages"])


def phrase(rng: Dice, category: str, status: str, lang: str, scene: TextScene) -> str:
    """Return one text of a category (and, for shelters and roads, of the reported status)."""
    table: Mapping[str, Any] = inputs("texts")[category]
    templates = table[status][lang] if status else table[lang]
    usable = [t for t in templates if (scene.children or "{kids}" not in t) and (scene.elderly or "{old}" not in t)]
    text = add_haste(rng, _fill(rng, rng.choice(usable), lang, scene), lang)
    if rng.random() < 0.16:
        text = text.rstrip(".!") + rng.choice(PRESSING if category in REQUEST_CATEGORIES else TAILS)
    return text


def needs(text: str) -> dict[str, bool]:
    """Return which of water, food and baby food a text asks for: the three fields of its category."""
    lower_text = text.lower()
    table = inputs("texts")["needs"]
    needed = {kind: any(word in lower_text for word in terms) for kind, terms in table.items()}
    return needed if any(needed.values()) else needed | {"food": True}


def whereabouts(rng: Dice, lang: str, scene: TextScene) -> str:
    """Return a description of a place, for somebody without coordinates."""
    return _fill(rng, rng.choice(inputs("texts")["words"][lang]), lang, scene)


def depth_steps() -> list[int]:
    """Return the depths (cm) for which the language tables have words, in ascending order."""
    return [row["cm"] for row in inputs("texts")["depths"]]


def conditions() -> list[str]:
    """Return the medical conditions for which there are words."""
    return [ill["condition"] for ill in inputs("texts")["medical"]["ills"]]


def _fill(rng: Dice, template: str, lang: str, scene: TextScene) -> str:
    texts = inputs("texts")
    kinds = {kind["kind"]: kind["words"] for kind in inputs("names")["landmarks"]}
    tamil = lang == "ta"
    if rng.random() < 0.55:
        mark = kinds[scene.mark.kind][lang]
    else:
        mark = scene.mark.name_ta if tamil else scene.mark.name
    depth = min(texts["depths"], key=lambda row: abs(row["cm"] - scene.depth_cm))
    ill = next((i for i in texts["medical"]["ills"] if i["condition"] == scene.condition), None)
    return template.format(
        place=scene.hood.name_ta if tamil else scene.hood.name,
        mark=mark,
        street=scene.street,
        depth=rng.choice(depth[lang]),
        n=scene.people,
        kids=scene.children,
        old=scene.elderly,
        shelter=scene.shelter,
        road=scene.road,
        free=scene.free,
        floor=rng.choice(texts["floors"][lang]),
        ill=ill[lang] if ill else "",
        phone=scene.phone,
    )


def add_haste(rng: Dice, text: str, lang: str) -> str:
    """Return the text as some people type: in capitals, abbreviated, without punctuation; mostly unchanged."""
    if lang in ("en", "mix"):
        style = rng.random()
        if style < 0.28:
            text = text.lower()
        elif style < 0.34:
            text = text.upper()
        elif style < 0.46:
            text = " ".join(SHORT.get(word.lower(), word) for word in text.split(" "))
    if rng.random() < 0.12:
        text = text.replace(",", "").replace(". ", " ")
    return text
