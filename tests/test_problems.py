"""Refusals and their sentences: each code in the code and in the catalogues, and the sentence it makes."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crisismap import problems
from crisismap.core import errors
from crisismap.core.errors import (
    CrisismapError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unreachable,
    server_words,
)
from crisismap.i18n import DEFAULT, languages
from crisismap.problems import OF_FIELD, SERVER_SAYS, reason, sentence

PARTS = frozenset({OF_FIELD.partition(".")[2], SERVER_SAYS})  # parts of sentences, not codes
ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "crisismap"
KINDS = frozenset(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception))
LANGUAGES = [code for code in languages() if code != DEFAULT]
# Beside the sentence of its code, a problem document has these members: no detail may be called so.
TAKEN = frozenset({"type", "title", "status", "detail", "code"})
# What a page of ours cannot lead to: decisions of moderators, admins and operators, and the layers' own checks.
STAFF_ONLY = frozenset(
    {
        "core.layer.layer",
        "core.people.permission",
        "core.report.moderation",
        "core.report.verification",
        "services.layers.place_suggestions",
        "services.operations.data_folder",
        "store.backup",
        "store.tables.layers",
        "store.tables.quarantine",
    }
)
# These hold everything: what a page uses of it, it imports itself.
HOLDERS = frozenset({"services.runtime.context", "services.runtime.views"})
NO_PAGE_ASKS = {
    "database_not_tidied": "upkeep",
    "not_a_time_zone": "exports",
    "last_write_failed": "the health check",
    "write_hangs": "the health check",
    "erasure_not_repeated": "a restore",
    "escalated_before": "the escalation job",
    "waiting_changes_nothing": "the escalation job",
    "keys_differ": "the API's header",
    "category_never_published": "text review",
    "no_text": "text review",
    "no_consent": "text review",
    "text_reaches_somebody": "text review",
    "text_approved_already": "text review",
    "text_private_already": "text review",
    "verify_first": "text review",
    "source_of_place_missing": "/tasks has a source of its own when none is typed",
    "photo_refused": "/tasks has a sentence of its own",
}


# Codes that travel through a variable.
MADE_ELSEWHERE = {
    "answer_note_missing": "invalid",
    "reason_missing": "invalid",
    "reason_unmet_missing": "invalid",
    "nothing_said": "invalid",
    "not_as_expected": "invalid",
    "wrong_type": "invalid",
    "unknown_member": "invalid",
    "required": "invalid",
    "parser_failed": "malformed",
    "tile_in_middle_failed": "malformed",
    "passwords_busy": "unavailable",
    "past_busy": "unavailable",
    "photos_busy": "unavailable",
    "sheets_busy": "unavailable",
    "method_not_allowed": "method-not-allowed",
    "nothing_kept": "error",
    "went_wrong": "error",
}


def sentences_of(language: str, table: str) -> dict[str, str]:
    return {
        key.removeprefix(f"{table}."): said
        for key, said in languages()[language].sentences.items()
        if key.startswith(f"{table}.")
    }


PUBLIC, STAFF = sentences_of(DEFAULT, "problem"), sentences_of(DEFAULT, "problem_staff")
KNOWN = PUBLIC | STAFF


def gaps(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}


def texts(node: ast.AST) -> Iterator[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


SOURCES: Mapping[str, ast.Module] = {
    module(path): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py") if path != Path(errors.__file__)
}


def refusals(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Every refusal that a module makes, and where its code stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            at = 2 if node.func.id == "Invalid" else 0
            if len(node.args) > at and not isinstance(node.args[at], ast.Starred):
                yield node, node.args[at]


def codes_of(code: ast.expr, tree: ast.Module) -> set[str]:
    """The codes an expression can mean: it is one, chooses among some, or names a table of the module."""
    if isinstance(code, ast.Constant):
        return {str(code.value)}
    names = {each.id for each in ast.walk(code) if isinstance(each, ast.Name)}
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in names for to in node.targets)
    ]
    found: set[str] = set()
    for table in tables:
        found |= {text for value in table.values for text in texts(value)} if isinstance(table, ast.Dict) else set()
        found |= set(texts(table)) if isinstance(table, ast.Constant) else set()
    return found


RAISED = [
    (name, call, codes)
    for name, tree in SOURCES.items()
    for call, code in refusals(tree)
    if (codes := codes_of(code, tree))
]


# Where the code itself travels through a variable: out of a decoder's words, or out of a child process.
THROUGH_A_VARIABLE = {
    ("core.incident", "problem.code"),
    ("settings", "problem.code"),
    ("core.report.read_draft", "code"),
    ("core.report.request", "missing"),
    ("api.http.problems", "code"),
    ("api.routes.requests", "code"),
    ("web.pages.task_page", "code"),
    ("services.runtime.guards", "self._busy"),
    ("layers.sandbox.process", "self.code"),
}


def unsaid(codes: set[str]) -> set[str]:
    return codes - set(KNOWN)


def test_has_a_sentence_for_every_code():
    assert len(RAISED) > 500
    assert {(name, code) for name, _, codes in RAISED for code in unsaid(codes)} == set()


def test_knows_every_refusal_whose_code_cannot_be_read_from_the_source():
    unread = {
        (name, ast.unparse(code))
        for name, tree in SOURCES.items()
        for _, code in refusals(tree)
        if not codes_of(code, tree)
    }
    assert unread == THROUGH_A_VARIABLE


def test_notices_a_code_without_a_sentence():
    tree = ast.parse("raise Invalid('limit', 1, 'not_a_code_of_ours', least=1)")
    ((_, code),) = refusals(tree)
    assert unsaid(codes_of(code, tree)) == {"not_a_code_of_ours"}


def test_uses_every_sentence():
    used = {text for tree in SOURCES.values() for text in texts(tree)} | set(
        texts(ast.parse(Path(errors.__file__).read_text()))
    )
    assert set(KNOWN) - used - PARTS == set()
    assert set(PUBLIC) & set(STAFF) == set()


def test_fills_every_gap_and_hides_no_member():
    for name, call, codes in RAISED:
        given = {word.arg for word in call.keywords}
        if None in given:  # **details, from a decoder or a child
            continue
        assert not given & TAKEN, (name, call.lineno)
        has = given | ({"field", "value"} if ast.unparse(call.func) == "Invalid" else set())
        for code in codes:
            assert gaps(KNOWN[code]) <= has, (name, call.lineno, code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_says_in_every_language_what_a_page_can_show(language: str):
    for table in ("problem", "problem_field"):
        english, said = sentences_of(DEFAULT, table), sentences_of(language, table)
        assert set(english) - set(said) == set()
        assert {code for code in said if gaps(said[code]) != gaps(english[code])} == set()


def reached() -> set[str]:
    """The modules that the plain pages lead to: what they import of core, services and store, and so on."""
    found: set[str] = set()
    todo = [name for name in SOURCES if name.startswith("web.") and name not in ("web.assets", "web.pages.docs_page")]
    while todo:
        name = todo.pop()
        if name in found or name not in SOURCES or name.partition(".")[0] not in ("core", "services", "store", "web"):
            continue
        found.add(name)
        # A page meets the store through its ports, so whatever the store refuses can come up.
        todo += [other for other in SOURCES if other.startswith("store.")] if name == "core.ports" else []
        todo += [] if name in HOLDERS else imported(SOURCES[name])
    return found


def imported(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("crisismap."):
            of = node.module.removeprefix("crisismap.")
            names += [of, *(f"{of}.{each.name}" for each in node.names)]
    return names


def test_translates_every_refusal_that_a_plain_page_can_lead_to():
    """By the imports: a refusal made where no page leads to may stay with the staff."""
    modules = reached() - STAFF_ONLY
    shown = {
        code
        for name, call, codes in RAISED
        if name in modules and ast.unparse(call.func) not in ("Misconfigured", "AlreadyRunning")
        for code in codes
    }
    assert len(shown) > 80
    assert shown - set(PUBLIC) - set(NO_PAGE_ASKS) == set()
    assert set(NO_PAGE_ASKS) <= set(STAFF)
    assert reached() >= STAFF_ONLY


def test_says_field_reason_and_value():
    wrong = Invalid("contact.phone", "9" * 99, "too_long", most=50)
    assert sentence(wrong).startswith("contact.phone: at most 50 characters (got 9999")
    assert reason(wrong) == "at most 50 characters"


def test_says_it_in_a_language_with_the_name_of_the_field():
    tamil = languages()["ta"]
    wrong = Invalid("contact.phone", "x", "too_long", most=50)
    assert sentence(wrong, tamil) == "தொலைபேசி: அதிகபட்சம் 50 எழுத்துகள் (கிடைத்தது x)"
    assert sentence(TooLarge("text_too_long", field="text", most=9, count=10), tamil).startswith("உரை: ")


def test_says_in_english_what_a_language_lacks():
    assert sentence(NotFound("no_basemap"), languages()["ta"]).startswith("There is no basemap")


def test_shows_a_code_of_another_version_as_it_is():
    assert sentence(NotFound("invented_later", most=3)) == "invented_later"


def test_joins_lists_and_says_a_refusal_inside_another():
    assert sentence(Forbidden("verb_not_allowed", verb=["a", "b"])) == "Your roles do not include a, b."
    inner = Invalid("lon", 999, "out_of_range", least=-180, most=180)
    assert sentence(CrisismapError("erasure_not_repeated", problem=inner)) == (
        "An erasure could not be repeated: lon: must lie between -180 and 180 (got 999)"
    )


def test_repeats_the_words_of_a_server_to_staff_only():
    plain = Unreachable("answered_otherwise", host="a", answered=500, phrase="500", said="{broken}")
    inside = Malformed("unreadable", what="flood", problem=plain)
    assert sentence(plain) == "a: answered 500 and says “{broken}”"
    assert sentence(inside) == f"flood: {sentence(plain)}"
    assert sentence(inside, with_server_words=False) == "flood: a: answered 500"
    assert (server_words(plain), server_words(inside), server_words(NotFound("no_layer"))) == (
        "{broken}",
        "{broken}",
        "",
    )
    silent = Unreachable("answered_otherwise", host="a", answered=500, phrase="500", said="")
    assert sentence(silent) == "a: answered 500"


def test_puts_braces_of_others_into_a_sentence_as_they_are():
    assert sentence(Invalid("name", "{0} {why}", "empty")) == "name: must not be empty (got {0} {why})"


def kinds_of() -> dict[str, set[str]]:
    """For every code the ends of the problem types it comes with."""
    found: dict[str, set[str]] = {code: {kind} for code, kind in MADE_ELSEWHERE.items()}
    for _, call, codes in RAISED:
        for code in codes:
            found.setdefault(code, set()).add(getattr(errors, ast.unparse(call.func)).kind)
    return found


def documented() -> list[str]:
    """The rows of the table of codes, as docs/reference.md has them."""
    kinds = kinds_of()
    assert set(MADE_ELSEWHERE) <= set(KNOWN)
    rows = [
        f"| `{code}` | {', '.join(sorted(kinds[code]))} | {', '.join(sorted(gaps(KNOWN[code]) - {'field', 'value'}))} |"
        for code in KNOWN
        if code not in PARTS
    ]
    return sorted(rows, key=lambda row: (row.split("|")[2], row))


def test_documents_every_code_with_its_types_and_details():
    written = (ROOT / "docs" / "reference.md").read_text("utf-8").split("## Problem codes")[1].splitlines()
    rows = [line for line in written if line.startswith("| `")]
    assert sorted(set(documented()) ^ set(rows)) == []
    assert rows == documented()


def test_is_the_only_place_that_makes_sentences():
    makers = {name for name, tree in SOURCES.items() if any("problem_staff" in text for text in texts(tree))}
    assert makers == {module(Path(problems.__file__))}
