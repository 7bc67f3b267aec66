"""Parts of pages that are read and printed: tables, findings, notes. All text in them is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st


def apply() -> None:
    """Put the style sheet on the page, after the one of `style`."""
    st.html(Path(__file__).with_suffix(".css"))


def finding(title: str, basis: str = "") -> None:
    """Draw a heading that states a finding, with what it was counted from below."""
    basis_html = f'<p class="cm-said">{escape(basis)}</p>' if basis else ""
    title_html = escape(title).replace(" %", "&nbsp;%")
    st.html(f'<h2 class="cm-finding">{title_html}</h2>{basis_html}')


def note(text: str) -> None:
    """Draw a sentence in the secondary colour."""
    st.html(f'<p class="cm-said">{escape(text)}</p>')


def error(text: str) -> None:
    """Draw what is wrong with the field above."""
    st.html(f'<p class="cm-error" role="alert">{escape(text)}</p>')


def empty(title: str, instruction: str) -> None:
    """Draw an empty state: what is missing and what to do."""
    st.html(f'<div class="cm-empty"><b>{escape(title)}</b>{escape(instruction)}</div>')


def facts(numbers: Sequence[tuple[str, str, str]]) -> None:
    """Draw numbers side by side: name, value, and the unit or a remark."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)} <small>{escape(unit)}</small></dd></div>"
        for name, value, unit in numbers
    )
    st.html(f'<dl class="cm-facts">{items}</dl>')


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str = "", numbers: int = 0, height_px: int = 320
) -> None:
    """Draw an HTML table, so that it prints and works with a screen reader. The last `numbers` columns hold numbers.

    The table scrolls within `height_px` and prints in full. The first column is the row's header.
    """
    st.html(table_html(heads, rows, caption=caption, numbers=numbers, height_px=height_px))


def table_html(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str, numbers: int, height_px: int
) -> str:
    """Return the table's HTML, all text escaped."""
    first_number = len(heads) - numbers

    def cell(tag: str, at: int, text: str, scope: str = "") -> str:
        kind = ' class="cm-num"' if at >= first_number else ""
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell("th", at, text, ' scope="col"') for at, text in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(
            cell("th", at, text, ' scope="row"') if at == 0 else cell("td", at, text) for at, text in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    caption_html = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="cm-table" tabindex="0" role="group" style="--cm-rows:{height_px}px">'
        f"<table>{caption_html}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
