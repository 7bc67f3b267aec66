"""Sources: hundreds of false reports bury no true one, and one source is set apart and taken back in one action.

Long because every kind of flood, each with its control, runs on the same deployment.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn, WrongState
from crisismap.core.limits import Ranking
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.priority import Rule
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.verification import VERIFICATIONS
from crisismap.jobs import corroboration
from crisismap.services.lists import read
from crisismap.services.operations import quarantine
from crisismap.services.runtime.context import Context
from crisismap.situation.board import unanswered
from crisismap.situation.board.board import Board
from crisismap.situation.board.selection import ALL
from crisismap.situation.board.word_index import texts as texts_in
from tests import acts
from tests.needs.labelled import UNTOUCHED, texts
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER, VOLUNTEER

TRUE, IDENTITIES, FALSE = 20, 500, 2000
BRIGADE_FLOOR = 14
Sender = Callable[..., Message]


def sent_by(channel: str, **who: Any) -> Sender:
    """What makes a message of a draft, as if one sender had sent it."""
    return partial(Message, channel=channel, **who)


def send(context: Context, news: list[tuple[dict[str, object], Sender]]) -> list[str]:
    """Reports in this order; all of them are on the boards."""
    messages = []
    for said, sender in news:
        body = {"category": "rescue", "text": "trapped on the roof, water rising", "lon": 80.25, "lat": 13.05, **said}
        messages.append(sender(draft_from(body), received_at=context.clock()))
        context.clock.advance(ms=1000)  # type: ignore[attr-defined]
    outcomes = context.intake.receive_all(messages)
    receipts = [each for each in outcomes if isinstance(each, Receipt)]
    assert len(receipts) == len(news)
    assert context.views.situation.wait(receipts[-1].revision, 60)
    return [each.id for each in receipts]


def first(context: Context, count: int, person: Person = RESPONDER) -> list[str]:
    """The ids on top of the unanswered list, as it is shown."""
    page = read.requests(context.views, context.clock(), person, ALL, limit=count)
    return [json.loads(item)["id"] for item in page.items]


def flood(context: Context, *, by: str, false_first: bool = True) -> list[str]:
    """FALSE reports by IDENTITIES around TRUE true ones; gives the ids of the true ones."""
    dice = random.Random(7)
    news: list[tuple[bool, dict[str, object], Sender]] = []
    for number in range(FALSE):
        who = number % IDENTITIES
        around = number % TRUE
        said: dict[str, object] = {
            "lon": 80.2 + around * 0.01 + dice.uniform(-0.001, 0.001),
            "lat": 13.0 + dice.uniform(-0.001, 0.001),
            "text": "trapped, help us now",
        }
        sender = sent_by("api", address=f"198.51.{who // 250}.{who % 250 + 1}")
        if by == "contact":
            said["contact"], sender = {"phone": f"+91 98000 {who:05d}"}, sent_by("api", address="203.0.113.9")
        elif by == "device":
            sender = sent_by("web", device=f"{who:032x}", address="203.0.113.9")
        elif by == "rotating":  # another phone for each report, from 500 addresses
            said["contact"] = {"phone": f"+91 97000 {number:05d}"}
        news.append((False, said, sender))
    if not false_first:
        dice.shuffle(news)
    for number in range(TRUE):
        said = {"lon": 80.2 + number * 0.01, "lat": 13.0, "text": "three of us trapped on the roof"}
        at = len(news) if false_first else dice.randrange(len(news))
        sender = sent_by("web", device=f"true{number}", address=f"192.0.2.{number + 1}")
        news.insert(at, (True, said, sender))
    ids = send(context, [(said, sender) for _, said, sender in news])
    return [id_ for id_, (true, _, _) in zip(ids, news, strict=True) if true]


@pytest.mark.parametrize("by", ["address", "contact", "device", "rotating"])
def test_keeps_20_true_requests_in_the_first_50_under_2000_false_ones(context: Context, by: str) -> None:
    true = flood(context, by=by)
    shown = first(context, 50)
    assert len(set(shown) & set(true)) == TRUE
    page = read.requests(context.views, context.clock(), RESPONDER, ALL, limit=1)
    assert page.total == TRUE + FALSE, "nothing is hidden"


def test_keeps_true_requests_that_nobody_tuned_to_in_the_first_50_of_a_brigade(context: Context) -> None:
    """500 identities send 2,000 false cries, half of them from the networks of the true ones, under *Flooding*.

    The true texts are of the half of the labelled texts that no word list was tuned to: the first twenty in English,
    Spanish and Indonesian with a life at risk. Of twenty, those that the rules hear as P1 are on top; docs/needs.md.
    """
    untold = [text for text in texts(UNTOUCHED) if text.language in {"en", "es", "id"} and text.at_risk][:TRUE]
    news: list[tuple[bool, dict[str, object], Sender]] = []
    for number in range(FALSE):
        who = number % IDENTITIES
        shared = number % 2 == 0
        address = f"192.0.2.{number // 2 % TRUE + 1}" if shared else f"198.51.{who // 250}.{who % 250 + 1}"
        said: dict[str, object] = {"text": "hundreds trapped, send all boats", "category": "flooding"}
        news.append((False, said, sent_by("web", device=f"{who:032x}", address=address)))
    for number, text in enumerate(untold):
        said = {"lon": 80.2 + number * 0.01, "lat": 13.0, "text": text.words, "category": "flooding"}
        news.append((True, said, sent_by("web", device=f"true{number}", address=f"192.0.2.{number + 1}")))
    ids = send(context, [(said, sender) for _, said, sender in news])
    true = [id_ for id_, (is_true, _, _) in zip(ids, news, strict=True) if is_true]
    shown = set(first(context, 50))
    assert len(shown & set(true)) >= BRIGADE_FLOOR
    page = read.requests(context.views, context.clock(), RESPONDER, ALL, limit=1)
    assert page.total >= FALSE, "nothing is hidden"


OWN_WORDS_TOLD = (
    "My mother and I are on the roof of the pharmacy, the water is at the windows",
    "Two children trapped in the attic at Gandhi Street, the stairs are gone",
    "Old man on oxygen, battery ends in an hour, second floor of the blue block",
    "We hang on a tree behind the temple, one of us is bleeding badly",
    "Car swept off the bridge, my brother is still inside and shouting",
    "Wall fell on our neighbour, he is alive under it, we cannot lift it",
    "Pregnant woman in labour, water up to the bed, nobody can reach the clinic",
    "Trapped in the lift of Marina Towers, water comes in from below",
    "Grandmother cannot move and the water is rising in her room",
    "Six workers trapped in the cellar of the press, one unconscious",
    "The baby does not breathe well, we are stuck on the school roof",
    "My father is drowning in the lane by the mosque, help him please",
    "Dialysis patient cut off since Monday, very weak, third house after the mill",
    "They are trapped inside the bus at the underpass, water to the neck",
    "Fire on the first floor and flood below, we cannot get out",
    "A boy holds on to the lamp post at Ritchie road, the current is strong",
    "House is collapsing, my wife and twins are still inside",
    "Snake bite, leg is swollen, the road to the hospital is under water",
    "Twelve of us on a roof without water since yesterday, two are fainting",
    "Electric wire in the water beside us, we are trapped on the stairs",
)
NAMES = ("ravi", "anita", "kumar", "devi", "mani", "selvi", "arun", "lata", "babu", "rani")


def brigade(context: Context, text: Callable[[int], str], **fields: bool) -> list[str]:
    """2,000 false rescues of 500 people each from 40 addresses, every one with another phone, then 20 true ones.

    Ten of the true ones come from the attackers' own networks. `text`: what the false ones say, by number. Gives the
    ids of the true ones.
    """
    news: list[tuple[dict[str, object], Sender]] = []
    for number in range(FALSE):
        said: dict[str, object] = {"people": 500, "text": text(number), "fields": fields}
        said["contact"] = {"phone": f"+91 97000 {number:05d}"}
        news.append((said, sent_by("web", address=f"198.51.100.{number % 40 + 1}")))
    for number, told in enumerate(OWN_WORDS_TOLD):
        address = f"198.51.100.{number + 1}" if number % 2 else f"192.0.2.{number + 1}"
        said = {"lon": 80.2 + number * 0.01, "lat": 13.0, "text": told}
        news.append((said, sent_by("web", device=f"true{number}", address=address)))
    return send(context, news)[-TRUE:]


def places_of(context: Context, ids: list[str]) -> list[int]:
    """The places in the unanswered list, from 1."""
    order = {id_: place for place, id_ in enumerate(first(context, 1000) + [""] * 1000, 1) if id_}
    return sorted(order.get(id_, 9999) for id_ in ids)


CRY = "hundreds trapped on the roof send all boats"
FALSE_TEXTS: dict[str, Callable[[int], str]] = {
    "only a number": lambda _: "send boats, send everybody",
    "cries": lambda _: "hundreds trapped on the roof, send all boats",
    "cries with numbers": lambda n: f"{n} trapped on roof {n * 7}, send all boats now ref{n}x",
    "cries with names": lambda n: f"trapped on the roof, water rising, send all boats, {NAMES[n % 10]}",
    "shuffled cries": lambda n: " ".join(random.Random(n).sample(CRY.split(), 8)),
    "another script": lambda n: f"பலர் சிக்கி உள்ளனர் படகு அனுப்பவும் {n}",
    "no spaces": lambda n: f"屋根の上に取り残されています助けてください{NAMES[n % 10]}",
}


@pytest.mark.parametrize("kind", FALSE_TEXTS)
def test_keeps_true_ones_first_among_2000_false_numbers_also_of_the_attackers_networks(
    context: Context, kind: str
) -> None:
    # All but the first kind also answer the question about life.
    places = places_of(context, brigade(context, FALSE_TEXTS[kind], trapped=kind != "only a number"))
    assert len(places) == TRUE
    assert places[-1] <= 50, "a life at risk is in the first 50, whatever network it shares"


@pytest.mark.parametrize("kind", ["only a number", "cries"])
def test_would_lose_those_of_the_attackers_networks_by_the_old_rules(
    context: Context, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The negative control: any number at its word, and a network that counts as one source whatever is said in it."""
    monkeypatch.setattr(Rule, "declared", lambda rule, base: min(rule.priority, base))
    monkeypatch.setattr(unanswered, "_with_same_words", lambda _board, busy, _most: busy)
    places = places_of(context, brigade(context, FALSE_TEXTS[kind]))
    assert (places[TRUE // 2 - 1] <= 50, places[TRUE // 2]) == (True, 9999), "ten of them come after 1,000 others"


def test_is_honest_about_false_ones_with_words_of_their_own(context: Context) -> None:
    """What no rule can tell: 2,000 texts without a common word. True ones of other networks still come first."""
    dice = random.Random(5)
    letters = "bcdfghklmnprst"
    words = ["".join(dice.choice(letters) + dice.choice("aeiou") for _ in range(3)) for _ in range(4000)]
    places = places_of(context, brigade(context, lambda _: " ".join(["trapped", *dice.sample(words, 8)])))
    assert places[TRUE // 2 - 1] <= 50, "those of no busy network"
    assert places[TRUE // 2] > 50, "documented in docs/reliability.md"


def test_vouches_for_nobody_because_a_crowd_agrees_with_itself(context: Context) -> None:
    """False reports without a request corroborate each other from 40 networks, and then all ask for help."""
    news = []
    for number in range(200):
        said: dict[str, object] = {"category": "flooding", "asks": False, "lon": 80.25, "lat": 13.0}
        said |= {"text": "water in the street", "contact": {"phone": f"+91 97000 {number:05d}"}}
        news.append((said, sent_by("web", address=f"198.{number % 40}.100.1")))
    ids = send(context, news)
    corroboration.count_reporters(context)
    for id_ in ids:
        acts.by_code(context, id_, "ask", None).result()
    true = send(
        context, [({"category": "flooding", "text": "please help", "asks": True}, sent_by("web", device="true"))]
    )
    context.views.situation.wait(context.store.events.revision())
    board = context.views.situation.board(Audience.AGENCY)
    assert np.count_nonzero(board["verification"] == VERIFICATIONS.index("corroborated")) > 100
    assert unanswered.VOUCHED not in unanswered.lanes(board, Ranking(calm=10))
    assert places_of(context, true)[0] <= 2


def test_keeps_one_with_own_words_in_a_quarantined_network(context: Context) -> None:
    attackers = [({"text": "trapped, send boats"}, sent_by("api", address="203.0.113.9"))] * 200
    own = [({"text": OWN_WORDS_TOLD[0]}, sent_by("web", device="true", address="203.0.113.9"))]
    ids = send(context, attackers + own)
    [name] = [each for each in names(context) if each.startswith("network:")]
    context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, name).revision)
    assert places_of(context, ids[-1:])[0] <= 3


def test_would_bury_them_without_the_rule(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: by time alone, all 20 come after 2,000 others."""
    true = flood(context, by="address")
    monkeypatch.setattr(unanswered, "lanes", lambda board, _: np.full(board.n, unanswered.ORDINARY, np.uint8))
    assert not set(first(context, 50)) & set(true)


def test_keeps_what_people_verified_or_sent_signed_in_on_top_even_of_a_crowd_without_marks(context: Context) -> None:
    nobody = sent_by("api")
    ids = send(context, [({}, nobody)] * FALSE + [({}, sent_by("api", person=VOLUNTEER))] * TRUE)
    shown = first(context, 50)
    assert set(ids[-TRUE:]) <= set(shown)
    assert len(set(shown) & set(ids[:FALSE])) == 30, "nor does the crowd vanish: every second place is theirs"


def test_still_shows_a_shelter_that_shares_one_network(context: Context) -> None:
    """200 people behind one address wait beside 60 others: they keep their share of the first places."""
    shelter = [({}, sent_by("web", device=f"phone{n}", address="203.0.113.9")) for n in range(200)]
    others = [({}, sent_by("web", device=f"other{n}", address=f"192.0.2.{n}")) for n in range(60)]
    ids = set(send(context, shelter + others)[:200])
    assert sum(each in ids for each in first(context, 30)) == 10


def test_heeds_time_alone_while_few_wait(context: Context) -> None:
    ids = send(
        context, [({}, sent_by("api", address="203.0.113.9"))] * 45 + [({}, sent_by("api", person=VOLUNTEER))] * 5
    )
    assert first(context, 50) == ids


def test_passes_no_priority(context: Context) -> None:
    low = send(
        context,
        [({"category": "other", "text": "please help, we need blankets"}, sent_by("api", person=VOLUNTEER))] * 60,
    )
    high = send(context, [({}, sent_by("api", address="203.0.113.9"))] * 60)
    shown = first(context, 120)
    assert set(shown[:60]) == set(high)
    assert set(shown[60:]) == set(low)


def test_gives_every_request_once_over_all_pages(context: Context) -> None:
    flood(context, by="address", false_first=False)
    found: list[bytes] = []
    cursor = None
    while True:
        page = read.requests(context.views, context.clock(), RESPONDER, ALL, limit=97, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert len(found) == len(set(found)) == TRUE + FALSE


def test_hides_a_quarantined_source_from_the_public_only_and_undoes_it(context: Context) -> None:
    mine, other = (
        sent_by("web", device="bad", address="203.0.113.9"),
        sent_by("web", device="good", address="203.0.113.9"),
    )
    bad = send(context, [({}, mine)] * 3)
    good = send(context, [({}, other)] * 2)
    shown = {each.name: each for each in quarantine.sources(context.store, context.views.situation, ADMIN)}
    [name] = [each.name for each in shown.values() if each.reports == 3 and each.name.startswith("sender:")]
    assert (shown[name].unconfirmed, shown[name].since_ms, set(shown[name].samples)) == (3, None, set(bad))
    before = read.table(context.views, context.clock(), Audience.PUBLIC, ALL).etag
    context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, name).revision)
    assert public_ids(context) == set(good)
    assert read.table(context.views, context.clock(), Audience.PUBLIC, ALL).etag != before, (
        "nobody keeps the file that had them"
    )
    with pytest.raises(NotFound):
        read.record(context.store, context.views, context.clock, STRANGER, bad[0])
    record = read.record(context.store, context.views, context.clock, AGENCY, bad[0])
    assert "quarantined" in record.flags
    assert set(first(context, 10)) == {*bad, *good}, "the desk still has all"
    later = send(context, [({}, mine), ({}, other)])
    assert public_ids(context) == {*good, later[1]}, "what it sends later too; others of the network are heard"
    assert quarantine.sources(context.store, context.views.situation, ADMIN)[0].since_ms is not None
    with pytest.raises(WrongState):
        quarantine.quarantine(context.store, context.clock(), ADMIN, name)
    context.views.situation.wait(quarantine.release(context.store, context.clock(), ADMIN, name).revision)
    assert public_ids(context) == {*bad, *good, *later}
    assert read.record(context.store, context.views, context.clock, AGENCY, bad[0]).flags == []
    assert [read.record(context.store, context.views, context.clock, STRANGER, each).id for each in bad] == bad
    seqs = context.views.situation.board(Audience.PUBLIC)["seq"]
    assert (np.diff(seqs) > 0).all(), "the rows are in order of arrival again"
    with pytest.raises(WrongState):
        quarantine.release(context.store, context.clock(), ADMIN, name)


def test_takes_what_is_set_apart_off_the_publics_map_and_out_of_its_texts(context: Context) -> None:
    said = {"category": "flooding", "text": "the road to Zarephath is wet", "consent": {"publish": True}}
    bad, good = sent_by("web", device="bad"), sent_by("web", device="good")
    first_id, _, last_id = send(
        context, [(said, bad), ({"category": "flooding", "text": "water on the road"}, good), (said, bad)]
    )
    assert drawn(context) == {0, 1, 2}
    board = context.views.situation.board(Audience.PUBLIC)
    assert [texts_of(context, board)[row] for row in (0, 2)] == [said["text"]] * 2
    [name] = [
        each.name for each in quarantine.sources(context.store, context.views.situation, ADMIN) if each.reports == 2
    ]
    context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, name).revision)
    assert drawn(context) == {0}
    assert said["text"] not in texts_of(context, board), "a board that is still held says it no more"
    assert read.record(context.store, context.views, context.clock, AGENCY, first_id).text == said["text"]
    context.views.situation.wait(quarantine.release(context.store, context.clock(), ADMIN, name).revision)
    assert drawn(context) == {0, 1, 2}
    assert read.record(context.store, context.views, context.clock, STRANGER, last_id).text == said["text"]


def drawn(context: Context) -> set[int]:
    """The rows that the public's tiles show."""
    return set(context.views.tiles.index(Audience.PUBLIC, ALL, context.clock()).rows.tolist())


def texts_of(context: Context, board: Board) -> list[str]:
    return [text.strip() for text in texts_in(context.views.situation.heap, board, range(board.n))]


def test_sets_apart_everything_that_a_taken_over_account_sent(context: Context) -> None:
    ids = send(context, [({}, sent_by("api", person=VOLUNTEER))] * 3)
    context.views.situation.wait(
        quarantine.quarantine(context.store, context.clock(), ADMIN, f"by:{VOLUNTEER.id}").revision
    )
    assert public_ids(context) == set()
    context.views.situation.wait(
        quarantine.release(context.store, context.clock(), ADMIN, f"by:{VOLUNTEER.id}").revision
    )
    assert public_ids(context) == set(ids)


def test_can_still_be_tracked_and_answered_in_quarantine(context: Context) -> None:
    [report] = send(context, [({}, sent_by("web", device="bad"))])
    [found] = [each for each in names(context) if each.startswith("sender:")]
    context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, found).revision)
    assert acts.claim(context, RESPONDER, report, None).result().revision


def test_lets_only_an_admin_do_it(context: Context) -> None:
    for person in EVERYBODY:
        expected = NotSignedIn if person == STRANGER else Forbidden
        with pytest.raises(expected):
            quarantine.sources(context.store, context.views.situation, person)
        with pytest.raises(expected):
            quarantine.quarantine(context.store, context.clock(), person, "sender:x")
        with pytest.raises(expected):
            quarantine.release(context.store, context.clock(), person, "sender:x")
    for wrong in ("", "x", "phone:1", "sender:" + "x" * 400):
        with pytest.raises(Invalid):
            quarantine.quarantine(context.store, context.clock(), ADMIN, wrong)


def test_keeps_neither_address_nor_device_nor_number(context: Context) -> None:
    said = {"contact": {"phone": "+91 98765 43210"}}
    send(context, [(said, sent_by("web", device="the-device", address="203.0.113.9"))])
    context.store.upkeep.set_fact("flushed", "yes").result()
    found = b"".join(each.read_bytes() for each in context.settings.data_dir.iterdir() if each.is_file())
    for secret in (b"203.0.113.9", b"the-device", b"98765 43210", b"9876543210"):
        assert secret not in found


def names(context: Context) -> list[str]:
    return list(context.views.situation.vocabularies.sender.items)


def public_ids(context: Context) -> set[str]:
    features = read.table(context.views, context.clock(), Audience.PUBLIC, ALL).features()
    return {json.loads(each)["id"] for part in features for each in part}
