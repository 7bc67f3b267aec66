"""Fields found by name: exactly, then without case."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.layers.normalise.field_names import find
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import collection, feature, point, read


def test_refuses_a_mapping_that_names_an_absent_field() -> None:
    with pytest.raises(Invalid, match="it has code, name.*NAME_9"):
        read(collection(feature(point(80, 13), code="1", name="x")), LayerMapping(name_field="NAME_9"))


NAMES = ["NAME", "Code ", "name"]


def test_prefers_the_exact_spelling_to_one_in_another_case() -> None:
    assert find(NAMES, "name") == "name"
    assert find(NAMES, "Name") == "NAME", "the first of several"
    assert find(NAMES, " code") == "Code ", "the file's own spelling is what is given back"


def test_tries_guesses_in_their_order_and_only_without_a_mapping() -> None:
    assert find(NAMES, "", ("title", "code", "name")) == "Code "
    assert find(NAMES, "", ("title",)) is None
    assert find(NAMES, "name", ("code",)) == "name"


def test_says_which_fields_there_are_when_the_one_named_is_not() -> None:
    with pytest.raises(Invalid, match="none"):
        find([], "NR")
