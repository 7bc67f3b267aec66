"""Parts of pages that are read and printed: tables, findings, notes. All text in them is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

_CSS = """
.cm-table{overflow-x:auto;max-height:var(--cm-rows,320px);overflow-y:auto;border:1px solid var(--cm-line);
  border-radius:8px}
.cm-table:focus-visible{outline:2px solid #0B5FA5;outline-offset:2px}
.cm-table table{border-collapse:collapse;width:100%;font-size:14px;margin:0}
.cm-table caption{text-align:left;padding:8px 12px;font-size:13px;color:var(--cm-soft);caption-side:bottom}
.cm-table th,.cm-table td{border:0;border-bottom:1px solid var(--cm-line);padding:6px 12px;text-align:left;
  vertical-align:top;max-width:26rem;min-width:5rem;overflow-wrap:break-word}
.cm-table thead th{position:sticky;top:0;background:var(--cm-raised);font-weight:600;font-size:13px;
  white-space:nowrap;color:var(--cm-soft)}
.cm-table tbody tr:last-child th,.cm-table tbody tr:last-child td{border-bottom:0}
.cm-table tbody th{font-weight:500}
.cm-table .cm-num{min-width:0;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.cm-finding{font-size:20px;line-height:28px;font-weight:650;margin:8px 0 0;padding:0;
  text-wrap:balance}
.cm-said{font-size:14px;line-height:20px;color:var(--cm-soft);margin:0;max-width:100ch}
.cm-empty{border:1px dashed var(--cm-line);border-radius:8px;padding:24px;font-size:14px;color:var(--cm-soft)}
.cm-empty b{display:block;color:var(--cm-text);font-size:16px;margin-bottom:4px}
.cm-facts{padding:0 !important;margin:0 !important;
  display:grid;grid-template-columns:repeat(auto-fit,minmax(136px,1fr));gap:8px}
.cm-facts div{border:1px solid var(--cm-line);border-radius:8px;padding:8px 12px}
.cm-facts dt{font-size:13px;color:var(--cm-soft);font-weight:400}
.cm-facts dd{margin:0 !important;padding:0;font-size:20px;line-height:28px;font-weight:650;
  font-variant-numeric:tabular-nums}
.cm-facts dd small{font-size:13px;font-weight:400;color:var(--cm-soft)}
.cm-error{color:var(--cm-p1);font-size:14px;line-height:20px;font-weight:600;margin:0}
.cm-error::before{content:"! ";font-weight:800}
.cm-swatches{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px;color:var(--cm-soft)}
.cm-swatches span{white-space:nowrap}
.cm-swatches i{display:inline-block;width:16px;height:16px;border-radius:3px;vertical-align:-3px;margin-right:6px}
@media (max-width:640px){.cm-table th,.cm-table td{padding:6px 8px}.cm-table th,.cm-table td{min-width:4rem}}
@media print{
  .stAppHeader,.stApp button,.stButtonGroup,.st-key-when,.st-key-hours{display:none !important}
  .stApp,.stMain,.stAppViewContainer{position:static !important;overflow:visible !important;height:auto !important}
  .cm-table{max-height:none;overflow:visible}
  .st-key-part{break-inside:avoid}
}
"""


def apply() -> None:
    """Put the style sheet on the page, after the one of `style`."""
    st.html(f"<style>{_CSS}</style>")


def finding(title: str, said: str = "") -> None:
    """Draw a heading that states a finding, with what it was counted from below."""
    below = f'<p class="cm-said">{escape(said)}</p>' if said else ""
    whole = escape(title).replace(" %", "&nbsp;%")
    st.html(f'<h2 class="cm-finding">{whole}</h2>{below}')


def note(text: str) -> None:
    """Draw a sentence in the secondary colour."""
    st.html(f'<p class="cm-said">{escape(text)}</p>')


def error(text: str) -> None:
    """Draw what is wrong with the field above."""
    st.html(f'<p class="cm-error" role="alert">{escape(text)}</p>')


def empty(title: str, what_to_do: str) -> None:
    """Draw an empty state: what is missing and what to do."""
    st.html(f'<div class="cm-empty"><b>{escape(title)}</b>{escape(what_to_do)}</div>')


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

    def cell(tag: str, at: int, words: str, scope: str = "") -> str:
        kind = ' class="cm-num"' if at >= first_number else ""
        return f"<{tag}{scope}{kind}>{escape(words)}</{tag}>"

    head = "".join(cell("th", at, words, ' scope="col"') for at, words in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(
            cell("th", at, words, ' scope="row"') if at == 0 else cell("td", at, words) for at, words in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    below = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="cm-table" tabindex="0" role="group" style="--cm-rows:{height_px}px">'
        f"<table>{below}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
