"""The HTML of a letter: a card to read on a phone, by day and by night. Styles stand beside the words, for there are
mail programs that drop all others; night needs a sheet of them, and where it is dropped a letter stays light."""

from __future__ import annotations

import re
from functools import singledispatch
from html import escape
from typing import Final

from services.notices.ports import Letter, LetterLink, LetterTable

_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_GREEN: Final = "#1f6f54"
_NUMBER: Final = re.compile(r"\S*\d-\d[\d-]*|…\d+")
_NIGHT: Final = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #15181a !important; }
  .card { background: #202427 !important; }
  .line { border-color: #3a4045 !important; }
  .words, .words td, .words th, .words h1 { color: #e6e8e9 !important; border-color: #3a4045 !important; }
  .quiet, .words .quiet { color: #a3abb0 !important; }
  .name { color: #6cc5a3 !important; }
  .button { background: #27805f !important; }
}
@media (max-width: 480px) {
  .words { padding: 20px 18px !important; }
}
"""


def page(letter: Letter, name: str) -> str:
    """`name`: of the supplier, which stands above the words."""
    parts = "".join(_html(part) for part in letter.parts)
    return f"""<!doctype html>
<html lang="{escape(letter.language)}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{escape(letter.subject)}</title><style>{_NIGHT}</style></head>
<body class="page" style="margin:0;padding:0;background:#f1f4f3">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f1f4f3">
<tr><td align="center" style="padding:20px 10px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0"
 style="max-width:560px;background:#ffffff;border-radius:12px;border-top:4px solid {_GREEN}">
<tr><td class="words" style="padding:26px 30px;{_FONT};font-size:16px;line-height:1.5;color:#1d2326;text-align:left">
<p class="name" style="margin:0 0 10px;font-size:14px;font-weight:600;color:{_GREEN}">{escape(name)}</p>
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.25;font-weight:700;color:#1d2326">{_lines(letter.subject)}</h1>
{parts}
<p class="quiet line" style="margin:24px 0 0;padding-top:14px;border-top:1px solid #d9dfdd;font-size:13px;color:#5d676c"
>{_lines(letter.footer)}</p>
{_leave(letter)}</td></tr></table></td></tr></table></body></html>
"""


@singledispatch
def _html(part: object) -> str:
    raise TypeError(f"no part of a letter: {type(part).__name__}")


@_html.register
def _(part: str) -> str:
    return f'<p style="margin:0 0 14px">{_lines(part)}</p>\n'


@_html.register
def _(part: LetterLink) -> str:
    """The address stands below, for those who look where a button leads, or whose program shows none."""
    url = escape(part.url)
    return f"""<p style="margin:20px 0 6px"><a class="button" href="{url}"
 style="display:inline-block;padding:13px 22px;border-radius:8px;background:{_GREEN};color:#ffffff;font-weight:600;
text-decoration:none">{escape(part.label)}</a></p>
<p class="quiet" style="margin:0 0 18px;font-size:13px;color:#5d676c;overflow-wrap:anywhere;word-break:break-all"
>{url}</p>
"""


@_html.register
def _(part: LetterTable) -> str:
    heads = "".join(_cell("th", one, index) for index, one in enumerate(part.heads))
    top = f"<tr>{heads}</tr>" if heads else ""
    rows = "".join(f"<tr>{''.join(_cell('td', one, at) for at, one in enumerate(row))}</tr>" for row in part.rows)
    role = "" if part.heads else ' role="presentation"'
    return f"""<table{role} width="100%" cellpadding="0" cellspacing="0"
 style="margin:0 0 16px;border-collapse:collapse;font-size:15px">{top}{rows}</table>
"""


def _cell(tag: str, words: str, index: int) -> str:
    """Figures stand on the right, the names of facts are quieter than the facts."""
    side = "right" if index else "left"
    style = f"padding:7px 0 7px {14 if index else 0}px;border-bottom:1px solid #d9dfdd;text-align:{side};"
    style += "vertical-align:top;" + ("font-weight:600" if tag == "th" or index else "font-weight:400")
    scope = ' scope="col"' if tag == "th" else ""
    return f'<{tag}{scope} style="{style}">{escape(words)}</{tag}>'


def _leave(letter: Letter) -> str:
    if letter.unsubscribe is None:
        return ""
    link = f'<a class="quiet" href="{escape(letter.unsubscribe.url)}" style="color:#5d676c">'
    return f'<p style="margin:8px 0 0;font-size:13px">{link}{escape(letter.unsubscribe.label)}</a></p>'


def _lines(words: str) -> str:
    """Numbers of phones, papers and accounts stay on one line, and no line begins with a dash."""
    kept = _NUMBER.sub(r'<span style="white-space:nowrap">\g<0></span>', escape(words))
    return kept.replace(" —", "\N{NO-BREAK SPACE}—").replace("\n", "<br>\n")
