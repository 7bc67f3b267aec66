"""CHANNELS: each channel under its own name, which stands once in the program."""

from __future__ import annotations

import ast
import re

import pytest

from crisismap.api.routes.intake import LATER
from crisismap.channels import CHANNELS, label_of
from crisismap.core.own_channels import API, FILE
from crisismap.settings import ROOT


def literal_channels(source: str) -> list[int]:
    """Lines on which a message is made with a channel's name written out."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
            named = [word.value for word in node.keywords if word.arg == "channel"]
            if any(isinstance(value, ast.Constant) for value in [*node.args[1:2], *named]):
                found.append(node.lineno)
    return found


def test_has_each_channel_under_its_own_name() -> None:
    assert {name: channel.name for name, channel in CHANNELS.items()} == {name: name for name in CHANNELS}
    assert all(channel.label for channel in CHANNELS.values())


def test_names_them_so_that_they_can_stand_in_an_address() -> None:
    assert [name for name in CHANNELS if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", name)] == []


def test_says_of_no_channel_that_it_comes_later() -> None:
    assert set(CHANNELS) & LATER == set()


def test_labels_what_is_there_and_what_is_gone() -> None:
    assert (label_of(API), label_of("telegraph")) == ("another system", "telegraph")


def test_writes_no_name_out_where_a_message_is_made() -> None:
    files = sorted((ROOT / "crisismap").rglob("*.py"))
    found = [f"{path.name}:{line}" for path in files for line in literal_channels(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('x = 1\nMessage(draft, "sms")', [2]),
        ('Message(draft, channel="sms")', [1]),
        ("Message(draft, self.name)", []),
        ("Message(draft, channel=API)", []),
    ],
)
def test_finds_a_name_that_is_written_out(source: str, lines: list[int]) -> None:
    """The negative control of the test above."""
    assert literal_channels(source) == lines


def test_keeps_the_name_of_files_that_stored_reports_bear() -> None:
    assert (API, FILE) == ("api", "file"), "what is known since when follows from it: core.privacy.known_since"
