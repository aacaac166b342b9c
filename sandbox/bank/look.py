"""How the payment page looks: one column for a phone, two themes, no scripts, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Final

from aiohttp import web

_STYLE: Final = """
:root {
  color-scheme: light dark;
  --ground: #eef1f5; --card: #fff; --text: #10161d; --muted: #5b6774; --line: #c6ced8;
  --accent: #1f66c9; --on-accent: #fff; --good: #1c7a3e; --bad: #b3261e; --soft: #f3f6fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e141b; --card: #18212c; --text: #eef2f6; --muted: #9dabb9; --line: #3b4a5a;
    --accent: #2f78dd; --on-accent: #fff; --good: #5ccb87; --bad: #ff8a80; --soft: #202c39;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 16px; background: var(--ground); color: var(--text); overflow-wrap: anywhere;
  font: 17px/1.45 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 26rem; margin: 0 auto; background: var(--card); border-radius: 20px; padding: 24px 20px; }
h1 { margin: 0; font-size: 17px; font-weight: 600; }
h2 { margin: 24px 0 12px; font-size: 17px; }
p { margin: 0; }
.shop { display: flex; align-items: center; gap: 12px; }
.mark {
  display: grid; place-items: center; flex: none; width: 44px; height: 44px; border-radius: 14px;
  background: var(--accent); color: var(--on-accent); font-size: 22px;
}
.sum { margin-top: 20px; font-size: 36px; line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; }
.quiet { color: var(--muted); font-size: 15px; }
form { margin: 0; }
label { display: block; margin: 12px 0 4px; font-size: 15px; color: var(--muted); }
input {
  width: 100%; min-height: 52px; padding: 0 14px; border: 1px solid var(--line); border-radius: 14px;
  background: var(--soft); color: inherit; font: inherit; font-size: 19px; font-variant-numeric: tabular-nums;
}
input[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
.error { margin-top: 4px; color: var(--bad); font-size: 15px; }
.notice { margin-top: 16px; padding: 12px 14px; border-radius: 14px; background: var(--soft); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 12px; align-items: start; }
.button {
  display: flex; flex-direction: column; align-items: center; justify-content: center; width: 100%; min-height: 52px;
  margin-top: 16px; padding: 8px 16px; border: 1px solid transparent; border-radius: 14px; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center;
  text-decoration: none;
}
.button .quiet { font-weight: 400; line-height: 1.2; }
.button.second { background: transparent; color: inherit; border-color: var(--line); }
.button.plain { background: transparent; color: var(--muted); font-weight: 400; margin-top: 8px; }
.button:hover { filter: brightness(1.06); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.or { display: flex; align-items: center; gap: 12px; margin-top: 16px; color: var(--muted); font-size: 15px; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.sign {
  display: grid; place-items: center; width: 72px; height: 72px; margin: 8px auto 16px; border-radius: 50%;
  color: #fff; background: var(--muted); font-size: 36px; line-height: 1;
}
.sign.good { background: #1c7a3e; }
.sign.bad { background: #b3261e; }
.result { text-align: center; }
.result h1 { font-size: 24px; line-height: 1.3; }
.result .sum { margin: 8px 0; }
details { margin-top: 20px; border-top: 1px solid var(--line); padding-top: 4px; }
summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; color: var(--muted); font-size: 15px; }
summary::after { content: "▾"; margin-left: 8px; }
[open] summary::after { content: "▴"; }
details ul { margin: 0; padding: 0; list-style: none; }
details a {
  display: flex; flex-direction: column; justify-content: center; min-height: 52px; padding: 6px 0; color: inherit;
  text-decoration: none; border-bottom: 1px solid var(--line);
}
details b { font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.foot { max-width: 26rem; margin: 12px auto 0; text-align: center; }
"""
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FOOT: Final = "Это песочница: деньги не списываются. Настоящую карту не вводите."


def screen(title: str, body: str, status: int = 200) -> web.Response:
    """A whole page around `body`, which is HTML."""
    text = (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main>{body}</main><p class="foot quiet">{_FOOT}</p></body></html>'
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def result(sign: str, kind: str, title: str, *paragraphs: str) -> str:
    """The last page; paragraphs are HTML. `kind`: good, bad or nothing."""
    lines = "".join(f"<p>{one}</p>" for one in paragraphs if one)
    return (
        f'<div class="result"><div class="sign {kind}" aria-hidden="true">{sign}</div>'
        f'<h1 role="status">{escape(title)}</h1>{lines}</div>'
    )


def field(name: str, label: str, value: str, mistake: str | None, **attributes: str) -> str:
    """An input with its label, and what is wrong with it."""
    more = "".join(f' {key}="{escape(one)}"' for key, one in attributes.items())
    wrong = f' aria-invalid="true" aria-describedby="{name}-error"' if mistake else ""
    words = f'<p class="error" id="{name}-error" role="alert">{escape(mistake)}</p>' if mistake else ""
    return (
        f'<div><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" required{more}{wrong}>{words}</div>'
    )


def button(action: str, words: str, kind: str = "", **values: str) -> str:
    """A form of one button."""
    hidden = "".join(f'<input type="hidden" name="{key}" value="{escape(one)}">' for key, one in values.items())
    return (
        f'<form method="post" action="{escape(action)}">{hidden}'
        f'<button class="button {kind}">{escape(words)}</button></form>'
    )


def roubles(amount: int) -> str:
    """Kopecks as people write sums."""
    return f"{amount // 100:,}".replace(",", "\xa0") + f",{amount % 100:02}\xa0₽"
