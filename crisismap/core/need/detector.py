"""The detector of need in free text: concepts by words, what takes them back, and the rules over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, chain

from crisismap.core.need.model import Heard, NeedModel, agreed
from crisismap.core.need.need import NOTHING_HEARD, Detection, Need
from crisismap.core.need.plain import END, plain
from crisismap.core.need.rules import BITS, CONCEPTS, NO_RULES, NeedRule, NeedRules
from crisismap.core.need.sentences import BIT, MODIFIERS, counted, is_foreign, masks_of, union
from crisismap.core.need.words import Words

MAX_LETTERS = 20_000  # a report has no more
_CALM = BITS["calm"]
_OFFER = BITS["offer"]
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
_TAKES_BACK = sum(BITS[name] for name in MODIFIERS)
_MUCH = 3
_SURE = 3  # rules that fit, so that one word of the past elsewhere in the text does not count
_HINT = Detection(Need.MAY, 2, ("a word points to somebody in need, and nothing says that all is well",))
_SHORT = 6  # words of a text such as "water on our street", which names people and tells nothing of them
_ONE_WORD = 2  # spaces around it, on which the model has no opinion: nor has it on an exercise
_PEOPLE = Detection(Need.MAY, 2, ("it is about people, and nothing says that they are safe",))
_MARKS = "?!\u061f"
_SHOWN = 40  # phrases
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
        self._words, self.rules, self.fingerprint = words, rules, fingerprint
        self._model = model
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
        return self.detect_all((text,))[0]

    def detect_all(self, texts: Sequence[str]) -> list[Detection]:
        """Return what is heard in each of some texts, the same as in it alone: together they cost less."""
        return self._agreed([self.by_rules(text) for text in texts])

    def _agreed(self, some: Sequence[Heard]) -> list[Detection]:
        """Return what is heard in texts of which the rules know this."""
        model = self.model
        if model is None:
            return [heard.found for heard in some]
        found = [self._knowing(heard, model) for heard in some]
        asked = [number for number, heard in enumerate(some) if self._is_asked_about(heard, found[number])]
        opinions = model.opinions([some[number] for number in asked])
        for number, opinion in zip(asked, opinions, strict=True):
            words = some[number].plain.count(" ")
            found[number] = agreed(found[number], opinion, words, self.rules.thresholds)
        return found

    def _knowing(self, heard: Heard, model: NeedModel) -> Detection:
        """Return what the rules hear; nothing in a language that the model knows, of whose common words they do not."""
        return NOTHING_HEARD if heard.found is _FOREIGN and model.knows(heard.plain) else heard.found

    def _is_asked_about(self, heard: Heard, found: Detection) -> bool:
        """Return whether the model has an opinion on a text."""
        unreal = heard.concepts & self.rules.back["unreal"]
        return not unreal and found is not _FOREIGN and heard.plain.count(" ") > _ONE_WORD

    def by_rules(self, text: str) -> Heard:
        """Return what the rules alone know of a text."""
        text = text[:MAX_LETTERS]
        ready = plain(text)
        hits = self.words.find(ready)
        parts = counted(hits, self.words.english)
        sentences, denied = masks_of(ready, parts)
        found = self._decide(sentences, denied)
        if found is _PEOPLE and ready.count(" ") <= _SHORT:
            found = NOTHING_HEARD
        if found.need is Need.INFORMATION and not found.denied and self.words.languages and is_foreign(ready, hits):
            found = _FOREIGN
        marks = "".join(mark for mark in _MARKS if mark in text)
        return Heard(ready, union(sentences), marks, found, parts[0] if len(parts) == 1 else [*chain(*parts)])

    def evidence(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that the rules go by, as they were written, in their order.

        Where only the model hears a request: those that weigh most with it, too.
        """
        text = text[:MAX_LETTERS]
        heard = self.by_rules(text)
        ready = heard.plain
        spans: list[tuple[int, int]] = []
        for hit in sorted(heard.hits):
            if spans and hit.start < spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], hit.end)
            elif BIT[hit.concept] & (_SERIOUS | _TAKES_BACK):
                spans.append((hit.start, hit.end))
        places = [_words_at(ready, *span) for span in spans[:_SHOWN]]
        by_rules, agreed_on = heard.found.need, self._agreed((heard,))[0].need
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
        everything = union(sentences)
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
        whole = union(sentences)
        found = [
            rule
            for rule in self.rules.rules
            if (any(rule.fits(mask) for mask in sentences) if rule.near else rule.fits(whole))
        ]
        found.sort(key=lambda rule: (rule.need is not Need.ASKS, rule.priority))
        return found


def _words_at(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the numbers of the first word in a part of a plain text and of that behind its last."""
    first = len(text[:start].split())
    return first, first + max(1, len(text[start:end].split()))


def _is_surely_over(mask: int, back: Mapping[str, int]) -> bool:
    """Return whether nothing in a sentence makes it present again: it is a song, or two words take it back."""
    return bool(mask & back["made_up"]) or (mask & back["over"]).bit_count() > 1


def _weighs(mask: int, over: int) -> bool:
    """Return whether a sentence says so much of need that one word of the past is no reason to leave it."""
    return (mask & over).bit_count() == 1 and (mask & _SERIOUS).bit_count() >= _MUCH


def _detection(need: Need, rules: Sequence[NeedRule], denied: bool) -> Detection:
    return Detection(need, rules[0].priority, tuple(dict.fromkeys(rule.reason for rule in rules)), denied)
