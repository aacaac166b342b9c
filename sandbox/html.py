"""Plain pages beside the messenger: no scripts, everything that came from outside escaped."""

from __future__ import annotations

from html import escape
from typing import Final

from aiohttp import web

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
td.figure { font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { font: inherit; white-space: pre-wrap; border: 1px solid #8884; border-radius: .5rem; padding: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, .quiet { opacity: .7; }
dd { margin: 0; }
.wide { overflow-x: auto; overflow-wrap: break-word; }
@media (max-width: 40rem) {
  thead { display: none; }
  tbody, tr, td { display: block; }
  tr { border: 1px solid #8884; border-radius: .75rem; margin: 0 0 .8rem; padding: .4rem .8rem; }
  td { border: 0; padding: .3rem 0; }
  td:empty { display: none; }
  td::before { content: attr(data-column); display: block; font-size: .8rem; opacity: .7; }
  td.figure { font-size: 1.2rem; }
}
article { border-bottom: 1px solid #8884; padding: 1rem 0; }
h2, article p { margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; }
form.inline { display: inline-block; margin: .3rem .3rem 0 0; }
label { display: flex; align-items: center; gap: .6rem; min-height: 44px; }
label.over { display: block; }
input { font: inherit; }
input[type=url] { box-sizing: border-box; width: 100%; min-height: 44px; padding: 0 .6rem; }
button { font: inherit; min-height: 44px; padding: 0 1rem; cursor: pointer; }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action "


def page(title: str, body: str, *, refresh: int | None = None, forms: bool = False) -> web.Response:
    """A whole page around `body`, which is HTML; it loads itself again every `refresh` seconds.

    `forms` lets it post to its own server.
    """
    again = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    text = (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8">{again}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    policy = _POLICY + ("'self'" if forms else "'none'")
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of cells that are HTML already, headings are not; on a phone each row is a card."""
    top = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    lines = "".join(f"<tr>{''.join(map(_titled, head, cells))}</tr>" for cells in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'


def _titled(name: str, cell: str) -> str:
    """A cell that says its column by itself, where a phone shows each row as a card."""
    return f'<td data-column="{escape(name)}"{cell.removeprefix("<td")}'
