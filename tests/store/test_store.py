"""The store has one attribute per noun, and each does what its protocol says and nothing else."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from crisismap.core import ports
from crisismap.store.store import Store

NOUNS = get_type_hints(ports.Store)


def beyond(one: object, protocol: type) -> set[str]:
    """Public names that only one of the two has, and methods whose parameters differ."""
    parts = [part for part in protocol.__mro__ if part.__module__.startswith("crisismap.")]
    names = {name for part in parts for name in {*vars(part), *part.__annotations__}}
    promised = {name for name in names if not name.startswith("_")}
    found = promised ^ {name for name in {*vars(type(one)), *vars(one)} if not name.startswith("_")}
    for name in promised - found:
        method = inspect.getattr_static(protocol, name, None)
        if inspect.isfunction(method):
            ours = inspect.signature(getattr(type(one), name)).parameters
            if list(ours) != list(inspect.signature(method).parameters):
                found.add(name)
    return found


@pytest.mark.parametrize("noun", NOUNS)
def test_does_what_the_protocol_of_a_noun_says_and_no_more(store: Store, noun: str) -> None:
    assert beyond(getattr(store, noun), NOUNS[noun]) == set()


def test_finds_what_goes_beyond_a_protocol() -> None:
    """The negative control of the test above."""

    class Odd:
        def add(self, photo: object, decide: object) -> None: ...
        def of_report(self, row: int) -> None: ...
        def one(self, photo_id: str) -> None: ...
        def extra(self) -> None: ...

    assert beyond(Odd(), ports.Photos) == {"add", "jpeg", "extra"}


def test_says_in_the_protocol_what_each_method_does() -> None:
    nameless = [
        f"{protocol.__name__}.{name}"
        for protocol in NOUNS.values()
        for name, member in vars(protocol).items()
        if not name.startswith("_") and not inspect.getdoc(member)
    ]
    assert nameless == []
