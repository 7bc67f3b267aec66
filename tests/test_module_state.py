"""No module of crisismap/ holds state in its globals, but for those named here with a reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.module_state import state
from tests.test_architecture import GOOD, PACKAGE, ROOT, plant, sources

# State that may live as long as the process, as module.name, each with the reason.
MODULE_STATE = {
    "bootstrap._current": "the one deployment of a server's process, set and taken away by its lifespan",
    "server._plan": "Streamlit's lifespan takes no argument: it learns here what to open",
    "live._hubs": "weak: which streams are to end when a signal stops the process",
    "fingerprint._network": "a pure function of an address, bounded",
    "place._cell_centre": "a pure function of a cell's number, bounded",
    "model._bounds": "a pure function of a length, bounded",
    "model._powers": "powers of a constant",
    "model._spread": "a pure function of all numbers of sixteen bits",
    "folding._word": "a pattern made of Unicode's own tables",
    "folding._letter": "a class of letters, made of Unicode's own tables",
    "folding._marks": "read from Unicode's own tables",
    "columns._known_names": "names of the language files, which do not change while it runs",
    "columns._field_ids": "names of the language files, which do not change while it runs",
    "column_words.place_names": "names of the language files, which do not change while it runs",
    "column_words._words": "names of the language files, which do not change while it runs",
    "field_guesses._name_words": "names of the language files, which do not change while it runs",
    "values._answers": "words of the language files, which do not change while it runs",
    "i18n.languages": "the language files of the package, which do not change while it runs",
    "area_map._assets": "files of the package",
    "render._templates": "files of the package",
    "files.asset": "marks of files of the package",
    "custom_component.component": "files of the package, registered with Streamlit once for a process",
    "report_page._icon": "a pure drawing of a symbol, bounded",
    "request_list._drawing": "a pure drawing of a symbol; there are few symbols",
    "legend.legend": "a pure drawing of symbols, bounded",
    "map._empty_deck": "an empty deck to be copied; pydeck looks for Jupyter each time it makes one",
    "read_draft._decoder": "a decoder of msgspec keeps nothing",
    "stored._decoder": "a decoder of msgspec keeps nothing",
    "stored._encoder": "an encoder of msgspec keeps nothing",
    "schema.metadata": "SQLAlchemy's description of the tables",
    "city.city": "the made-up city of a seed, bounded",
    "gauges.gauges": "the made-up gauges of a seed, bounded",
    "inputs.inputs": "the demo's files",
}
# Objects whose libraries want them at module level: they are filled while the module is read and then left alone.
DECLARED = {"router", "consent_router", "app", "imports", "users", "tokens", "rules_commands"}


def module_state(root: Path) -> list[str]:
    """Everything in crisismap/ that is state in a module's globals and is not listed above."""
    found = []
    for path in sources(root):
        parts = path.relative_to(root).parts
        if parts[0] != PACKAGE or "versions" in parts or parts[1:3] == ("ui", "pages"):  # pages are scripts
            continue
        for line, name, why in state(ast.parse(path.read_text(encoding="utf-8"))):
            known = f"{path.stem}.{name}" in MODULE_STATE or name in DECLARED and "()" in why
            if not known and not (path.stem == "schema" and why == "holds a Table()"):
                found.append(f"{'/'.join(parts)}:{line}: {name} {why}")
    return found


def test_keeps_no_state_in_module_globals() -> None:
    assert module_state(ROOT) == []


def test_lists_no_module_state_that_is_gone() -> None:
    there = {
        f"{path.stem}.{name}"
        for path in sources(ROOT)
        if path.relative_to(ROOT).parts[0] == PACKAGE
        for _, name, _ in state(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert sorted(MODULE_STATE.keys() - there) == []


STATEFUL = [
    ("_held: OrderedDict[int, int] = OrderedDict()\n", "_held holds a OrderedDict"),
    ("KEPT = {}\n", "KEPT is an empty container"),
    ("_LOCK = threading.Lock()\n", "_LOCK holds a Lock"),
    ("_packed = Packed()\n", "_packed holds a Packed()"),
    ("TABLE = {'a': 1}\ndef put(x):\n    TABLE[x] = 1\n", "TABLE is changed by a function"),
    ("NAMES = ['a']\ndef put(x):\n    NAMES.append(x)\n", "NAMES is changed by a function"),
    ("_one = None\ndef put(x):\n    global _one\n    _one = x\n", "_one is bound anew by a function"),
    ("@functools.lru_cache(maxsize=2)\ndef made(x):\n    return x\n", "made keeps its answers in a cache"),
    ("@cache\ndef made():\n    return 1\n", "made keeps its answers in a cache"),
    ("ROOM = LRUCache(4)\n", "ROOM holds a LRUCache"),
]


@pytest.mark.parametrize(("text", "expected"), STATEFUL)
def test_reports_planted_module_state(tmp_path: Path, text: str, expected: str) -> None:
    plant(tmp_path, GOOD | {"crisismap/services/planted.py": text})
    (found,) = module_state(tmp_path)
    assert found.startswith("crisismap/services/planted.py:")
    assert found.endswith(expected)


def test_takes_constants_for_what_they_are(tmp_path: Path) -> None:
    text = (
        "TABLE = {'a': 1}\nNAMES = frozenset()\nlog = logging.getLogger(__name__)\n_WORD = re.compile('a')\n"
        "def read(TABLE):\n    TABLE['a'] = 1\n    NAMES = []\n    NAMES.append(TABLE)\n"
    )
    plant(tmp_path, GOOD | {"crisismap/services/planted.py": text})
    assert module_state(tmp_path) == []
