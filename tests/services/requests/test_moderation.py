"""The queue of words that wait for a person, and what a decision does on every way out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn, Stale, WrongState
from crisismap.core.event import EventSearch
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.core.report.report import Correction
from crisismap.exports import EXPORTS
from crisismap.services.lists import read, search
from crisismap.services.lists.queue import QueueQuery, queue
from crisismap.services.operations import audit, quarantine
from crisismap.services.reporter.own_data import correct_own_report, personal_data
from crisismap.services.requests import moderation
from crisismap.services.requests.report_detail import report_detail
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask

WORDS = "the zanzibar family is on the roof"
SHOW = {"consent": {"publish": True}}


def done(context: Context, doing: moderation.Done) -> None:
    assert context.views.situation.wait(doing.result().revision)


def waiting(context: Context, which: moderation.Which = "waiting") -> list[str]:
    return [
        item["id"]
        for item in moderation.review_queue(
            context.store, context.views.situation, context.rules, RESPONDER, which
        ).items
    ]


def outputs(context: Context, person: Person, audience: Audience) -> bytes:
    """Every way out of words for an audience."""
    table = read.table(context.views, context.clock(), audience, ALL)
    found = b"".join(part for export in EXPORTS.values() for part in export.write(table))
    found += b"".join(read.requests(context.views, context.clock(), person, ALL).items)
    rows = search.search(context.views, person, "zanzibar").rows
    return found + (b"zanzibar found" if rows else b"")


def test_shows_words_on_every_way_out_while_they_are_cleared_and_never_else(context: Context) -> None:
    report, _ = ask(context, text=WORDS, **SHOW)
    before = outputs(context, AGENCY, Audience.AGENCY)
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    done(context, acts.clear(context, RESPONDER, report, None))
    shown = outputs(context, STRANGER, Audience.PUBLIC)
    assert shown.count(WORDS.encode()) == len(EXPORTS) + 1, (
        "the negative control: the search finds them when they are out"
    )
    assert b"zanzibar found" in shown
    done(context, acts.withhold(context, RESPONDER, report, None, reason="names a family"))
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    assert b"names a family" not in outputs(context, STRANGER, Audience.PUBLIC)
    assert WORDS.encode() in outputs(context, AGENCY, Audience.AGENCY)
    assert before.count(WORDS.encode()) == outputs(context, AGENCY, Audience.AGENCY).count(WORDS.encode())
    done(context, acts.reconsider(context, ADMIN, report, None))
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    assert waiting(context) == [report]


def test_never_takes_a_request_off_any_list(context: Context) -> None:
    report, _ = ask(context, text=WORDS, **SHOW)
    for verb, more in (
        (acts.withhold, {"reason": "a name"}),
        (acts.reconsider, {}),
        (acts.clear, {}),
    ):
        done(context, verb(context, RESPONDER, report, None, **more))  # type: ignore[operator]
        for person in (STRANGER, RESPONDER):
            assert [
                json.loads(each)["id"] for each in read.requests(context.views, context.clock(), person, ALL).items
            ] == [report]
        assert read.record(context.store, context.views, context.clock, RESPONDER, report).text == WORDS
    rows = queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery()).rows
    assert len(rows) == 1


def test_lists_what_waits_longest_first_page_by_page(context: Context, clock: FakeClock) -> None:
    wanted = []
    for number in range(5):
        wanted.append(ask(context, text=f"{WORDS} {number}", **SHOW)[0])
        ask(context, text="says nothing about showing", client_id=f"k{number}")
        clock.advance(minutes=number % 2)  # some in the same moment
    seen: list[str] = []
    cursor = None
    while True:
        page = moderation.review_queue(
            context.store, context.views.situation, context.rules, RESPONDER, "waiting", limit=2, cursor=cursor
        )
        assert page.total == 5
        seen += [item["id"] for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == wanted
    assert moderation.waiting(context.views.situation) == 5
    shown = queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery(text_review=True))
    assert [id_text(shown.board.id_raw(row)) for row in shown.rows] == wanted
    for report in wanted[:3]:
        done(context, acts.clear(context, RESPONDER, report, None))
    assert waiting(context) == wanted[3:]
    first = moderation.review_queue(context.store, context.views.situation, context.rules, ADMIN, "decided", limit=2)
    rest = moderation.review_queue(
        context.store, context.views.situation, context.rules, ADMIN, "decided", limit=2, cursor=first.next
    )
    assert [item["id"] for item in (*first.items, *rest.items)] == wanted[2::-1]
    for wrong in ("x", "1", "-1-2", "1-", "9" * 30 + "-1"):
        with pytest.raises(Invalid, match="cursor"):
            moderation.review_queue(
                context.store, context.views.situation, context.rules, RESPONDER, "waiting", cursor=wrong
            )
    with pytest.raises(Invalid, match="limit"):
        moderation.review_queue(context.store, context.views.situation, context.rules, RESPONDER, "waiting", limit=0)


def test_tells_whoever_decides_what_they_need(context: Context) -> None:
    report, _ = ask(context, text=WORDS, **SHOW)
    [item] = moderation.review_queue(context.store, context.views.situation, context.rules, RESPONDER, "waiting").items
    assert (item["id"], item["text"], item["why"], item["published"], item["photos"]) == (
        report,
        WORDS,
        ["asks"],
        False,
        [],
    )
    done(context, acts.withhold(context, RESPONDER, report, int(item["etag"].strip('"')), reason="a name"))
    [item] = moderation.review_queue(context.store, context.views.situation, context.rules, RESPONDER, "decided").items
    assert (item["decision"], item["reason"], item["why"]) == ("withheld", "a name", [])


def test_lets_only_those_decide_who_may(context: Context) -> None:
    report, _ = ask(context, text=WORDS, **SHOW)
    for person in (*(each for each in EVERYBODY if each != RESPONDER), VOLUNTEER):
        refusal = NotSignedIn if person == STRANGER else Forbidden
        for verb, more in (("clear", {}), ("withhold", {"reason": "x"}), ("reconsider", {})):
            with pytest.raises(refusal):
                getattr(acts, verb)(context, person, report, None, **more)
        with pytest.raises(refusal):
            moderation.review_queue(context.store, context.views.situation, context.rules, person, "waiting")
    scoped = Person("p-2", "", "", frozenset({"responder"}), scope=frozenset({"report.clear"}))
    with pytest.raises(Forbidden):
        moderation.review_queue(context.store, context.views.situation, context.rules, scoped, "waiting")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"consent": {"publish": False}}, "has not agreed"),
        ({"category": "medical", **SHOW}, "never shown"),
        ({"text": None, "fields": {"trapped": True}, **SHOW}, "no words"),
        ({"text": "call 98400 12345", **SHOW}, "reaches somebody"),
        ({"category": "shelter", "text": "open", "fields": {"status": "open"}, **SHOW}, "verify it first"),
    ],
)
def test_refuses_to_clear_what_may_not_be_published(context: Context, said: dict[str, Any], sentence: str) -> None:
    report, _ = ask(context, **{"text": WORDS, **said})
    revision = context.store.events.revision()
    with pytest.raises(WrongState, match=sentence):
        acts.clear(context, RESPONDER, report, None).result()
    assert context.store.events.revision() == revision


def test_refuses_to_do_twice_what_is_done(context: Context) -> None:
    report, _ = ask(context, text=WORDS, **SHOW)
    with pytest.raises(WrongState, match="nothing to take back"):
        acts.reconsider(context, RESPONDER, report, None).result()
    done(context, acts.clear(context, RESPONDER, report, 1))
    with pytest.raises(WrongState, match="cleared already"):
        acts.clear(context, RESPONDER, report, None).result()
    with pytest.raises(Stale):
        acts.withhold(context, RESPONDER, report, 1, reason="x").result()
    done(context, acts.withhold(context, RESPONDER, report, 2, reason="x"))
    with pytest.raises(WrongState, match="already"):
        acts.withhold(context, RESPONDER, report, None, reason="y").result()


def test_takes_cleared_words_back_when_they_change(context: Context) -> None:
    report, code = ask(context, text=WORDS, **SHOW)
    done(context, acts.clear(context, RESPONDER, report, None))
    correct_own_report(
        context.store,
        context.views,
        context.guards.code_tries,
        context.clock(),
        code,
        "here",
        Correction(text="zanzibar number 12, second floor"),
    )
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    [item] = moderation.review_queue(context.store, context.views.situation, context.rules, RESPONDER, "waiting").items
    assert item["why"] == ["changed", "asks"]


def test_takes_cleared_words_back_when_the_report_begins_to_ask(context: Context) -> None:
    report, _ = ask(context, category="flooding", text="zanzibar street is wet, number 1400", **SHOW)
    done(context, acts.clear(context, RESPONDER, report, None))
    assert b"zanzibar" in outputs(context, STRANGER, Audience.PUBLIC)
    assert context.views.situation.wait(acts.by_code(context, report, "add", None, "we are trapped").result().revision)
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    assert waiting(context) == [report]


def test_warns_of_what_is_out_and_hides_it_only_by_a_person(context: Context) -> None:
    report, _ = ask(context, category="flooding", text="zanzibar street is dry", **SHOW)
    assert waiting(context) == []
    verdict = acts.verify(context, RESPONDER, report, None, status="disputed", reason="was there").result()
    assert context.views.situation.wait(verdict.revision)
    assert waiting(context) == [report]
    assert b"zanzibar" in outputs(context, STRANGER, Audience.PUBLIC), "a warning hides nothing"
    done(context, acts.withhold(context, RESPONDER, report, None, reason="it is not"))
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)


def test_writes_down_who_decided_and_not_what_was_written(context: Context) -> None:
    report, code = ask(context, text=WORDS, **SHOW)
    done(context, acts.clear(context, RESPONDER, report, None))
    done(context, acts.withhold(context, ADMIN, report, None, reason="names a family"))
    done(context, acts.reconsider(context, RESPONDER, report, None))
    events = audit.search(
        context.store, ADMIN, EventSearch(verbs=("report.clear", "report.withhold", "report.reconsider"))
    )
    assert [(each.verb, each.actor) for each in events] == [
        ("report.reconsider", RESPONDER.id),
        ("report.withhold", ADMIN.id),
        ("report.clear", RESPONDER.id),
    ]
    assert b"names a family" not in repr(events).encode()
    assert [
        step.verb
        for step in report_detail(context.store, context.views, context.rules, context.clock, STRANGER, report).steps
    ] == ["report.submit"]
    assert [
        step.verb
        for step in report_detail(context.store, context.views, context.rules, context.clock, RESPONDER, report).steps
    ][1:] == [each.verb for each in events[::-1]]
    assert (
        personal_data(
            context.store,
            context.views.situation,
            context.rules,
            context.guards.code_tries,
            context.clock(),
            code,
            "here",
        )["id"]
        == report
    )


def test_keeps_what_is_set_apart_out_of_the_queue_and_the_decision_for_later(context: Context) -> None:
    report, _ = ask(context, text=WORDS, contact={"phone": "+91 98400 12345"}, **SHOW)
    mark = context.store.reports.one(report).report.sender
    assert mark is not None
    assert context.views.situation.wait(quarantine.quarantine(context.store, context.clock(), ADMIN, mark).revision)
    assert waiting(context) == []
    done(context, acts.clear(context, RESPONDER, report, None))
    assert b"zanzibar" not in outputs(context, STRANGER, Audience.PUBLIC)
    assert context.views.situation.wait(quarantine.release(context.store, context.clock(), ADMIN, mark).revision)
    assert b"zanzibar" in outputs(context, STRANGER, Audience.PUBLIC)
