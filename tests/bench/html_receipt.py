"""A receipt as HTML for weasyprint: the same words, tables, chart and codes. The project does not depend on it; where
it and its libraries (pango) are installed, `pip install weasyprint`, the two are compared."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.util import find_spec
from typing import Any, Final

from services.documents import receipt_data
from services.receipts.models import Receipt

_STYLE: Final = """
@page { size: A4; margin: 13mm 18mm 17mm; @bottom-right { content: counter(page); font-size: 9pt } }
body { font: 10.5pt serif } h1 { font-size: 20pt } h2 { font-size: 12.5pt; color: #1f6f54 }
table { width: 100%; border-collapse: collapse } td, th { border-bottom: 0.5pt solid #bbb; padding: 5pt 6pt }
.code { float: right; width: 46mm } .sum { font-size: 36pt; font-weight: bold; color: #1f6f54 }
.bar { background: #1f6f54; height: 8pt }
"""


def drawer() -> Callable[[Receipt], bytes] | None:
    """None where weasyprint, or one of its libraries, is not installed."""
    if find_spec("weasyprint") is None:
        return None
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
    except OSError:  # pango is not there
        return None
    fonts = FontConfiguration()
    style = CSS(string=_STYLE, font_config=fonts)

    def draw(receipt: Receipt) -> bytes:
        page = HTML(string=_page(receipt_data.of(receipt)))
        made: bytes = page.write_pdf(stylesheets=[style], font_config=fonts)
        return made

    return draw


def _page(data: dict[str, Any]) -> str:
    meters = [
        [f"{number} {notes}", zone, " ".join(before), " ".join(now), kwh]
        for number, notes, registers in data["meters"]
        for zone, before, now, kwh in registers
    ]
    bars = "".join(
        f'<tr><td>{bar["month"]}<td><div class="bar" style="width:{bar["part"] * 0.32}mm"></div><td>{bar["kwh"]}'
        for bar in data["history"]["bars"]
    )
    about = "".join(_table((), some) for some in data["about"])
    return f"""<html lang="ru"><title>{escape(data["title"])}</title><body>
{_code(data["code"])}<p>{escape(data["issuer"])}</p><h1>Квитанция за {data["month"]}</h1><p>{data["head"]}</p>
<p class="sum">{data["sum"]}</p><p>{data["advice"]}</p>{_table((), data["facts"])}
<h2>Показания счётчиков</h2>{_table(("Счётчик", "Зона", "Было", "Стало", "Расход, кВт·ч"), meters)}
<h2>Начислено</h2>{_table(("Зона", "Объём, кВт·ч", "Цена, ₽", "Сумма, ₽"), data["lines"])}
<p>Итого {data["charged"]}</p><p>{escape(data["note"])}</p>
<h2>К оплате</h2>{_table(("Расчёты по счёту", "Сумма, ₽"), data["steps"])}
<h2>Расход за год, кВт·ч</h2><table>{bars}</table><h2>Поставщик и реквизиты</h2>{about}{_code(data["bot"])}"""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}" for head in heads)
    lines = ("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) for row in rows)
    return f"<table><thead><tr>{top}</thead>{''.join(lines)}</table>"


def _code(code: dict[str, Any]) -> str:
    box = f"0 0 {code['side']} {code['side']}"
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{code["path"]}"/></svg>'
    return f'<img class="code" src="data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}">'
