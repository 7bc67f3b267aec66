"""The desk's style sheet: a spacing unit of 8 px, system fonts, light and dark theme."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import streamlit as st

from crisismap.core.text import symbols

# System fonts only: a web font would be fetched from another server.
FONT = '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif'
# The colour of controls, different from the four priority colours so that none is read as a priority.
ACCENT, ACCENT_DARK = "#1D5A66", "#7CC4CF"


def options() -> dict[str, Any]:
    """Return the theme as Streamlit options, for `server.options`."""
    light, dark = symbols.LIGHT, symbols.DARK
    return {
        "theme.font": FONT,
        "theme.headingFont": FONT,
        "theme.baseRadius": "6px",
        "theme.light.primaryColor": ACCENT,
        "theme.light.backgroundColor": light.surface,
        "theme.light.secondaryBackgroundColor": "#F3F5F6",
        "theme.light.textColor": light.choice,
        "theme.dark.primaryColor": ACCENT_DARK,
        "theme.dark.backgroundColor": dark.surface,
        "theme.dark.secondaryBackgroundColor": "#1B222A",
        "theme.dark.textColor": "#E8EBEE",
    }


def variables(*, dark: bool) -> str:
    """Return the colours of the theme as CSS variables."""
    colours = symbols.palette(dark)
    names = {f"--cm-p{n}": colour for n, colour in enumerate(colours.priority)}
    names |= {"--cm-surface": colours.surface, "--cm-ink": colours.ink, "--cm-hazard": colours.hazard}
    names |= {"--cm-line": "#2C343C" if dark else "#DFE3E6", "--cm-soft": "#A3AEB8" if dark else "#55606A"}
    names |= {"--cm-on-accent": "#10151A" if dark else "#FFFFFF"}
    names |= {"--cm-raised": "#171D23" if dark else "#F7F8F9", "--cm-text": "#E8EBEE" if dark else "#14181C"}
    return ":root{" + "".join(f"{name}:{value};" for name, value in names.items()) + "}"


SHEET = """
.stAppHeader{height:3rem;min-height:3rem}
.stMainBlockContainer{padding:3rem 1rem 0.5rem !important;max-width:none !important}
.stMainBlockContainer > .stVerticalBlock{gap:0.5rem}
.stElementContainer:has(> .stHtml > style:only-child){display:none}
.stApp h1,.stApp h2,.stApp h3{letter-spacing:0;font-weight:650}
/* Streamlit writes white on every primary colour, which is unreadable on the light one of the dark theme. */
[data-testid^="stBaseButton-primary"]:not(:disabled),[data-testid^="stBaseButton-primary"]:not(:disabled) p{
  color:var(--cm-on-accent)}
.cm-madeup{background:repeating-linear-gradient(135deg,#FFD43B 0 24px,#FFE066 24px 48px);color:#1A1A1A;
  margin:0 -1rem;padding:4px 16px;font-size:13px;line-height:20px;font-weight:600;text-align:center}
.cm-name{font-size:16px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:32px}
.cm-name b{font-weight:700}
.cm-live{color:var(--cm-soft);font-size:13px;white-space:nowrap;line-height:32px}
.cm-live::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:#1E8E4E;
  margin-right:6px}
.cm-live.cm-broken::before{background:#B3261E}
.cm-who{font-size:13px;line-height:32px;white-space:nowrap;color:var(--cm-soft)}
.cm-who span{display:inline-block;max-width:240px;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
.cm-who a{color:inherit;text-decoration:underline;margin-left:8px}
.st-key-head > .stElementContainer:has(.cm-who){margin-left:auto}
.st-key-head > .stElementContainer:has(.cm-name){min-width:0}
.st-key-head button strong{font-variant-numeric:tabular-nums;margin-left:2px}
.cm-notice{border-left:4px solid #C77700;background:color-mix(in srgb,#C77700 10%,transparent);padding:6px 12px;
  font-size:14px;border-radius:4px}
.cm-notice.error{border-color:#B3261E;background:color-mix(in srgb,#B3261E 12%,transparent)}
.st-key-head{padding:4px 0}
.st-key-head button{min-height:32px;padding:0 10px;border-radius:16px}
.st-key-head button p{font-size:14px;white-space:nowrap}
.st-key-head button p strong{font-variant-numeric:tabular-nums}
.cm-notice.success{border-color:#1E8E4E;background:color-mix(in srgb,#1E8E4E 12%,transparent)}
.cm-soft{color:var(--cm-soft);font-size:13px;margin:4px 0}
.cm-title{font-size:14px;line-height:32px;color:var(--cm-soft)}
.cm-title b{color:var(--cm-text);font-size:16px;margin-right:4px}
.cm-detail-head{display:flex;gap:12px;align-items:center}
.cm-detail-head img{flex:none}
.cm-detail-head h3{font-size:18px;line-height:24px;margin:0;padding:0}
.cm-detail-head p{font-size:14px;line-height:20px;margin:0;color:var(--cm-soft)}
.cm-p1{color:var(--cm-p1)}.cm-p2{color:var(--cm-p2)}.cm-p3{color:var(--cm-p3)}.cm-p4{color:var(--cm-p4)}
.cm-said{font-size:16px;line-height:24px;white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 4px}
.cm-section{margin:0 0 16px}
.cm-section h4,.cm-legend h4{font-size:13px;line-height:20px;font-weight:650;margin:0 0 4px;padding:0;
  color:var(--cm-soft)}
.cm-photos{display:flex;flex-wrap:wrap;gap:8px}
.cm-photos a{font-size:12px;line-height:16px;max-width:160px}
.cm-photos img{display:block;height:120px;max-width:160px;object-fit:cover;border-radius:6px;margin:0 0 2px}
.cm-way summary{font-size:13px;line-height:20px;font-weight:650;cursor:pointer}
.cm-way ol{margin:4px 0 0;padding:0 0 0 24px}
.cm-section ul{margin:0;padding:0 0 0 18px;font-size:14px;line-height:20px}
.cm-section li{margin:0 0 2px;padding:0;font-size:14px;overflow-wrap:anywhere}
.cm-steps{list-style:none;margin:0 !important;padding:0 !important;font-size:14px;line-height:20px}
.cm-steps li{display:flex;gap:12px;padding:4px 0;margin:0}
.cm-steps time{flex:none;width:88px;color:var(--cm-soft);font-variant-numeric:tabular-nums}
.cm-steps .cm-said{font-size:14px;line-height:20px}
.cm-timer{font-size:14px;line-height:20px;margin:0;color:var(--cm-soft)}.cm-timer b{color:var(--cm-text)}
.cm-timer.cm-soon b{color:var(--cm-p1)}
.cm-handover{height:8rem;overflow-y:auto;box-sizing:border-box}.cm-handover .cm-said{font-size:14px;line-height:20px}
.st-key-handover > .stElementContainer:has(.cm-notice),.st-key-bulk-said > .stElementContainer:has(.cm-notice){
  flex:1 1 0;min-width:min(20rem,100%)}
.cm-outcomes{max-height:7.5rem;overflow-y:auto;margin:2px 0 0 !important;padding:0 !important;list-style:none}
.cm-outcomes li{font-size:13px;line-height:18px;margin:0;padding:0}
.st-key-bulk button,.st-key-bulk-said button,.st-key-title-row button{min-height:32px}
.cm-keys{line-height:16px;margin:0}
.st-key-queues{gap:0.5rem !important}.st-key-queues [data-testid=stButtonGroup] button{padding:0 10px}
.st-key-act-more button{min-height:32px;padding:0 10px}
.cm-contact{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:0;font-size:14px;line-height:20px}
.cm-contact dt{color:var(--cm-soft)}.cm-contact dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.cm-legend{margin:0 0 12px}
.cm-legend ul{list-style:none;display:grid;grid-template-columns:1fr 1fr;gap:4px 12px;margin:0;padding:0}
.cm-legend li{display:flex;gap:8px;align-items:center;font-size:13px;line-height:16px;margin:0;padding:0}
.st-key-pane-map,.st-key-pane-side,.st-key-queue-list{gap:0.5rem}
[data-testid=stLayoutWrapper]:has(> .st-key-tabs){display:none}
.st-key-tools .stElementContainer:has(.stTextInput){flex:1;min-width:120px}
.cm-credit{margin:0;font-size:13px;color:var(--cm-soft);overflow-wrap:anywhere}
.st-key-below-map .cm-soft{margin:0;line-height:32px;white-space:nowrap}
.st-key-spots button{justify-content:flex-start;text-align:left;min-height:40px;border-bottom:1px solid var(--cm-line);
  border-radius:0}
.st-key-spots button div{justify-content:flex-start;text-align:left}
.st-key-map [data-testid=stElementToolbar]{display:none}
.st-key-map-detail,.st-key-requests-detail{gap:0.75rem}
@media (min-width:1100px){
  .st-key-head{flex-wrap:nowrap !important}
  .st-key-head > .stElementContainer:has(.cm-who),.st-key-head > .stElementContainer:has(.cm-name){flex:0 1 auto}
  .st-key-head > .stElementContainer:has(.cm-who){min-width:0;width:auto}
  .cm-who{display:flex;min-width:0}
  .cm-who span{flex:0 1 auto;min-width:0}
  .cm-who a{flex:none}
}
.stMain [data-testid=stCaptionContainer]{color:var(--cm-soft);opacity:1}
@media (max-width:640px){
  .stMain [data-testid=stElementToolbar]{display:none}
  .cm-madeup{font-size:11px;white-space:nowrap;overflow:hidden}
  .stElementContainer:has(.cm-keys){display:none}
  [data-testid=stLayoutWrapper]:has(> .st-key-tabs){display:flex}
  .stMain button,.stMain input{min-height:44px}
  .cm-who span{display:none}
  .st-key-head{gap:6px !important}
  .st-key-head > .stElementContainer:has(.cm-live){display:none}
  .st-key-head > .stElementContainer:has(.cm-name){order:-2;flex:1 1 calc(100% - 88px)}
  .st-key-head > .stElementContainer:has(.cm-who){order:-1}
  .st-key-head > .stElementContainer:has(button){flex:1 1 auto;min-width:0}
  .st-key-head button{width:100%;min-height:48px;padding:0 2px;border-radius:8px}
  .st-key-head button p{font-size:12px;line-height:18px}
  .st-key-head button strong{display:block;font-size:16px;margin:0}
  .stMain .st-key-map,.stMain .st-key-map [data-testid=stDeckGlJsonChart]{
    height:max(18rem,calc(100dvh - 20.5rem)) !important}
  .st-key-below-map > .stElementContainer:has(.cm-soft){display:none}
}
@media (prefers-reduced-motion:reduce){*{animation:none !important;transition:none !important}}
@media print{.stAppHeader,.st-key-head button{display:none}}
"""


def image(svg: str, size: int) -> str:
    """Return an SVG as an `img` element: Streamlit removes inline SVG."""
    packed = b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{packed}" width="{size}" height="{size}" alt="">'


def dark() -> bool:
    """Return whether this browser shows the dark theme."""
    return st.context.theme.type == "dark"


def apply() -> None:
    """Put the style sheet on the page."""
    st.html(f"<style>{variables(dark=dark())}{SHEET}</style>")
