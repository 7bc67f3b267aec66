"""The detector of need in free text: concepts by words, what takes them back, and the rules over them."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, reduce
from itertools import accumulate
from operator import or_

from crisismap.core.need.model import Heard, NeedModel, agreed
from crisismap.core.need.need import NOTHING_HEARD, Detection, Need
from crisismap.core.need.plain import END, plain
from crisismap.core.need.rules import BITS, CONCEPTS, NO_RULES, NeedRule, NeedRules
from crisismap.core.need.words import COMMON, Hit, Words

MAX_LETTERS = 20_000  # a report has no more
_NEAR = 3  # words between a denial and what it denies
_MODIFIERS = frozenset(
    {
        "nobody",
        "denial",
        "safe",
        "past",
        "recent",
        "hearsay",
        "question",
        "offer",
        "thanks",
        "exercise",
        "news",
        "art",
        "advice",
    }
)
_MODIFIER = [name in _MODIFIERS for name in CONCEPTS]
_BIT = [BITS[name] for name in CONCEPTS]
_CALM = BITS["calm"]
_NOBODY, _DENIAL, _OFFER, _BUT = BITS["nobody"], BITS["denial"], BITS["offer"], BITS["but"]
_COMMON = CONCEPTS.index(COMMON)
_COMMON_WEIGHT = 6  # as a concept of so many letters
_ENGLISH_LETTERS, _OTHER_LETTERS = 4, 7  # of a word of another language than the text's, which people mix in
_BODY = CONCEPTS.index("nobody")
_WEAK = (_BODY, CONCEPTS.index("cry"), CONCEPTS.index("help"))  # the "help" of "first aid post" is no cry
_LACK, _PERSON = CONCEPTS.index("lack"), CONCEPTS.index("person")
_OF_PEOPLE = {CONCEPTS.index(name) for name in ("trapped", "drowning", "injury", "bleeding", "missing", "homeless")}


_NO_WORDS = Words((), CONCEPTS)


_SERIOUS = sum(
    BITS[name]
    for name in (
        *("child", "elderly", "disabled", "pregnant", "patient", "trapped", "drowning", "collapse_person", "bleeding"),
        *("injury", "labour", "bite", "electric", "fire", "ill", "treatment", "medicine", "missing", "scream"),
        *("hungry", "thirsty", "cold", "homeless", "building", "milk", "height", "vehicle", "cut_off", "deep"),
        *("rising", "fading", "help", "cry", "need", "urgent", "unanswered", "lack"),
    )
)
_TAKES_BACK = sum(BITS[name] for name in _MODIFIERS)
_MUCH = 3
_SURE = 3  # rules that fit, so that one word of the past elsewhere in the text does not count
_HINT = Detection(Need.MAY, 2, ("a word points to somebody in need, and nothing says that all is well",))
_SHORT = 6  # words of a text such as "water on our street", which names people and tells nothing of them
_ONE_WORD = 2  # spaces around it, on which the model has no opinion: nor has it on an exercise
_PEOPLE = Detection(Need.MAY, 2, ("it is about people, and nothing says that they are safe",))
_MARKS = "?!\u061f"
# Letters in which no language with a file is written: Greek, Bengali to Gujarati, Telugu to Khmer, East Asia.
_FOREIGN_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0530-\u05ff\u0980-\u0b7f\u0c00-\u0eff\u0f00-\u17ff\u3040-\u9fff\uac00-\ud7af]{2}"
)
_SHOWN = 40  # phrases
_MANY = 120  # hits
_FOREIGN_WORDS = 6  # of a text from which its language can be told
_WORDS_A_COMMON = 20  # in a language with a file there are more common words than one in so many
_KNOWN_SHARE = 0.25  # of the letters
_FOREIGN = Detection(Need.MAY, 3, ("in a language that the rules do not know",))


class NeedDetector:
    """Detects need in texts of any language by the rules and words of the deployment. Immutable and thread-safe."""

    def __init__(
        self,
        words: Words | Callable[[], Words] = _NO_WORDS,
        rules: NeedRules = NO_RULES,
        fingerprint: str = "",
        model: Callable[[], NeedModel] | None = None,
    ) -> None:
        """`words` may be a function that reads them when they are first needed, as `model`: commands hear no text.

        `fingerprint` is that of all rules, words and the model: a stored detection of another one is made anew.

        Without words and rules it hears nothing; without a model the rules decide alone.
        """
        self._words, self.rules, self.fingerprint, self._model = words, rules, fingerprint, model
        self._decide = lru_cache(4096)(self._decide_masks)

    @cached_property
    def words(self) -> Words:
        """The words of all languages. Raises Misconfigured naming the file that is wrong, if they are read now."""
        return self._words if isinstance(self._words, Words) else self._words()

    @cached_property
    def model(self) -> NeedModel | None:
        """The model, or None where the rules decide alone. Raises Misconfigured, if it is read now."""
        return self._model() if self._model is not None else None

    def read(self) -> None:
        """Read words and model now. Raises Misconfigured naming the file that is wrong."""
        _ = self.words, self.model

    def detect(self, text: str) -> Detection:
        """Return what is heard in a text: by the rules, and by the model as the second opinion on them."""
        return self._agreed(self.by_rules(text))

    def _agreed(self, heard: Heard) -> Detection:
        """Return what is heard in a text of which the rules know this."""
        found, words = heard.found, heard.plain.count(" ")
        if self.model is None or heard.concepts & self.rules.back["unreal"] or words <= _ONE_WORD:
            return found
        if found is _FOREIGN:
            if not self.model.knows(heard.plain):
                return found
            found = NOTHING_HEARD  # the model knows the language, of which the rules missed the common words
        return agreed(found, self.model.opinion(heard), words, self.rules.thresholds)

    def by_rules(self, text: str) -> Heard:
        """Return what the rules alone know of a text."""
        text = text[:MAX_LETTERS]
        ready = plain(text)
        hits = self.words.find(ready)
        sentences, denied = _masks_of(ready, hits, self.words.english)
        found = self._decide(sentences, denied)
        if found is _PEOPLE and ready.count(" ") <= _SHORT:
            found = NOTHING_HEARD
        if found.need is Need.INFORMATION and not found.denied and self.words.languages and _is_foreign(ready, hits):
            found = _FOREIGN
        marks = "".join(mark for mark in _MARKS if mark in text)
        return Heard(ready, _union(sentences), marks, found)

    def evidence(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that the rules go by, as they were written, in their order.

        Where only the model hears a request: those that weigh most with it, too.
        """
        text = text[:MAX_LETTERS]
        heard = self.by_rules(text)
        ready = heard.plain
        hits = self.words.find(ready)
        spans: list[tuple[int, int]] = []
        kept = _of_languages(hits, self.words.english)[:_MANY] if hits else []
        for hit in sorted(_without_contained(kept)):
            if spans and hit.start < spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], hit.end)
            elif _BIT[hit.concept] & (_SERIOUS | _TAKES_BACK):
                spans.append((hit.start, hit.end))
        places = [_words_at(ready, *span) for span in spans[:_SHOWN]]
        by_rules, agreed_on = heard.found.need, self._agreed(heard).need
        if self.model is not None and agreed_on.is_request and not by_rules.is_request:
            ends = [0, *accumulate(word == END for word in ready.split(" ")[1:-1])]  # the marks of ends are no words
            weighty = [number - ends[number] for number in self.model.weighty_words(ready)]
            places = sorted({*places, *((number, number + 1) for number in weighty)})
        written = text.split()
        # Each written word becomes one plain word or several: the numbers of their written words, in order.
        numbers = [number for number, word in enumerate(written) for _ in plain(word).split()]
        found = [
            " ".join(written[numbers[first] : numbers[min(last, len(numbers)) - 1] + 1])
            for first, last in places
            if first < len(numbers)
        ]
        return tuple(dict.fromkeys(found))

    def _decide_masks(self, sentences: tuple[int, ...], denied: bool) -> Detection:
        everything = _union(sentences)
        live, doubtful, over = self._weighed(sentences, everything)
        denied = denied or over
        offered = everything & _OFFER
        found = self._fitting(live)
        asking = [rule for rule in found if rule.need is Need.ASKS]
        if asking and not (offered and asking[0].priority > 1):
            taken_back = denied or everything & self.rules.back["doubt"]
            return _detection(Need.MAY if taken_back and len(asking) < _SURE else Need.ASKS, asking, denied)
        if offered and not everything & self.rules.back["unreal"]:
            return Detection(Need.OFFER, denied=denied)
        if found:
            return _detection(Need.MAY, found, denied)
        if doubtful:
            found = self._fitting([*live, *doubtful])
            told = any(mask & self.rules.back["told"] for mask in doubtful)
            if found and (told or found[0].need is Need.ASKS or found[0].priority == 1):
                return _detection(Need.MAY, found, denied)
        if denied or doubtful:
            return Detection(Need.INFORMATION, denied=True)
        if everything & (_TAKES_BACK | _CALM):
            return NOTHING_HEARD
        if everything & self.rules.back["people"]:
            return _PEOPLE
        return _HINT if everything & self.rules.back["hint"] else NOTHING_HEARD

    def _weighed(self, sentences: tuple[int, ...], everything: int) -> tuple[list[int], list[int], bool]:
        """Return the sentences about now, those that leave doubt, and whether one is about what is over or made up."""
        back = self.rules.back
        news = everything & back["news"] and not everything & back["news_unless"]
        live: list[int] = []
        doubtful: list[int] = []  # told by others, asked, or perhaps over
        over = unreal = bool(everything & back["unreal"])
        for mask in () if unreal else sentences:
            if mask & back["over"] and (not mask & back["over_unless"] or _is_surely_over(mask, back)):
                over = True
                if _weighs(mask, back["over"]):
                    doubtful.append(mask)
            elif news or (mask & back["perhaps"] and not mask & back["perhaps_unless"]):
                doubtful.append(mask)
            else:
                live.append(mask)
        return live, doubtful, over

    def _fitting(self, sentences: Sequence[int]) -> list[NeedRule]:
        whole = _union(sentences)
        found = [
            rule
            for rule in self.rules.rules
            if (any(rule.fits(mask) for mask in sentences) if rule.near else rule.fits(whole))
        ]
        found.sort(key=lambda rule: (rule.need is not Need.ASKS, rule.priority))
        return found


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _words_at(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the numbers of the first word in a part of a plain text and of that behind its last."""
    first = len(text[:start].split())
    return first, first + max(1, len(text[start:end].split()))


def _masks_of(text: str, hits: list[Hit], english: int) -> tuple[tuple[int, ...], bool]:
    if not hits:
        return (), False
    kept = _of_languages(hits, english)
    if len(kept) <= _MANY:
        return _by_sentence(text, _without_contained(kept))
    # Hits are compared with each other, so those of a very long text are taken part by part.
    kept.sort()
    parts = [_by_sentence(text, _without_contained(kept[at : at + _MANY])) for at in range(0, len(kept), _MANY)]
    return tuple(sorted({mask for masks, _ in parts for mask in masks})), any(denied for _, denied in parts)


def _is_foreign(text: str, hits: list[Hit]) -> bool:
    """Return whether a text is probably in a language without a file: hardly any of its words are known."""
    if _FOREIGN_SCRIPT.search(text) is not None:
        return True
    words = [word for word in text.split() if not word.isdecimal()]  # an address is in every language
    if len(words) < _FOREIGN_WORDS:
        return False
    if sum(hit.concept == _COMMON for hit in hits) * _WORDS_A_COMMON >= len(words):
        return False
    known = {at for hit in hits for at in range(hit.start, hit.end)}
    return len(known) < sum(map(len, words)) * _KNOWN_SHARE


def _is_surely_over(mask: int, back: Mapping[str, int]) -> bool:
    """Return whether nothing in a sentence makes it present again: it is a song, or two words take it back."""
    return bool(mask & back["made_up"]) or (mask & back["over"]).bit_count() > 1


def _weighs(mask: int, over: int) -> bool:
    """Return whether a sentence says so much of need that one word of the past is no reason to leave it."""
    return (mask & over).bit_count() == 1 and (mask & _SERIOUS).bit_count() >= _MUCH


def _detection(need: Need, rules: Sequence[NeedRule], denied: bool) -> Detection:
    return Detection(need, rules[0].priority, tuple(dict.fromkeys(rule.reason for rule in rules)), denied)


def _of_languages(hits: list[Hit], english: int) -> list[Hit]:
    """Return the hits of the languages that the text is in, and those of others that are too long for a chance.

    Fourteen languages share one search, and "la" means now in one and nothing in four.
    """
    scores: dict[int, int] = {}
    for hit in hits:
        length, languages = hit.end - hit.start, hit.languages
        weight = _COMMON_WEIGHT if hit.concept == _COMMON else length
        while languages:
            bit = languages & -languages
            scores[bit] = scores.get(bit, 0) + weight
            languages ^= bit
    best = max(scores.values())
    first = next(bit for bit, score in scores.items() if score == best)
    chosen = sum(bit for bit, score in scores.items() if 2 * score > best)
    kept = []
    for hit in hits:
        if hit.concept == _COMMON:
            continue
        if not hit.languages & chosen:
            least = _ENGLISH_LETTERS if hit.languages & english else _OTHER_LETTERS
            if hit.end - hit.start <= least or _MODIFIER[hit.concept]:
                continue
        elif not hit.languages & first and hit.end - hit.start <= _ENGLISH_LETTERS:
            continue
        kept.append(hit)
    return kept


def _without_contained(hits: list[Hit]) -> list[Hit]:
    """Return the hits without those that a longer phrase of the other kind contains.

    The "no" of "no way out" denies nothing, and the "evacuate" of "were evacuated" asks for nothing.
    """
    kinds = [_MODIFIER[hit.concept] for hit in hits]
    if True not in kinds and not any(hit.concept in _WEAK for hit in hits):
        return hits
    kept = []
    for hit, modifier in zip(hits, kinds, strict=True):
        length = hit.end - hit.start
        for other, kind in zip(hits, kinds, strict=True):
            if (
                (kind != modifier or hit.concept in _WEAK)
                and other.end - other.start > length
                and (
                    (other.start <= hit.start and hit.end <= other.end)
                    or (hit.concept == _BODY and not kind and other.start < hit.end and hit.start < other.end)
                )
            ):
                break
        else:
            kept.append(hit)
    return kept


def _by_sentence(text: str, hits: list[Hit]) -> tuple[tuple[int, ...], bool]:
    ends = [at for at, letter in enumerate(text) if letter == END] if END in text else []
    ends += [hit.start for hit in hits if _BIT[hit.concept] == _BUT]
    ends.sort()
    masks: dict[int, int] = {}
    denials = [hit for hit in hits if hit.concept == _BODY]
    denied = False
    lacks = [hit for hit in hits if hit.concept == _LACK]
    # "No people trapped" lacks people: it denies as nobody does.
    nobodies = [p for p in hits if lacks and p.concept == _PERSON and any(_near(text, lack, p, 0) for lack in lacks)]
    for hit in hits:
        sentence = bisect.bisect_right(ends, hit.start)
        if denials and not _MODIFIER[hit.concept] and any(_denies(text, denial, hit) for denial in denials):
            denied = True
            continue
        if nobodies and hit.concept in _OF_PEOPLE and any(_near(text, each, hit, 1) for each in nobodies):
            denied = True
            continue
        masks[sentence] = masks.get(sentence, 0) | _BIT[hit.concept]
    kept = []
    for mask in masks.values():
        if mask & _DENIAL:
            denied = True
            mask &= ~_NEEDY
        kept.append(mask & ~_NOBODY)
    return tuple(sorted(set(kept))), denied


_NEEDY = sum(BITS[name] for name in CONCEPTS if name not in _MODIFIERS)


def _denies(text: str, denial: Hit, hit: Hit) -> bool:
    return _near(text, denial, hit, _NEAR) if denial.start < hit.start else _near(text, hit, denial, _NEAR)


def _near(text: str, first: Hit, second: Hit, words: int) -> bool:
    """Return whether one hit follows another in the same sentence with at most so many words between."""
    if first.end > second.start + 1 and first.start < second.end:
        return False
    between = text[first.end : second.start]
    return first.start <= second.start and END not in between and between.count(" ") <= words
