"""(j) Receipts with both codes a second: typst beside reportlab, and weasyprint where it is installed, with the same
words; two threads beside one; memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from services.documents import TypstDocuments, receipt_data
from services.receipts.models import Receipt, ReceiptLinks
from tests.bench import html_receipt
from tests.bench.table import Row
from tests.services.receipt_examples import FACTS, LINKS, example, statement

FEW, MANY = 500, 10_000
ROUNDS = 5


def run(quick: bool) -> list[Row | str]:
    rates = asyncio.run(measure(20 if quick else 60))
    ours = rates["ours"]
    few, many = memory(FEW // 5 if quick else FEW, MANY // 5 if quick else MANY)
    return [
        _beside(rates, "reportlab"),
        _beside(rates, "weasyprint"),
        Row("receipts on two threads beside one (mark ≥ 1.6)", rates["both"], ours, rates["both"] / ours, "1/s"),
        Row("memory after 20 times as many receipts (mark ≤ 1.05)", many, few, many / few, "MiB"),
    ]


def _beside(rates: Mapping[str, float], other: str) -> Row | str:
    if other not in rates:
        return f"receipts beside {other}'s: not compared, it or its libraries are not installed"
    ours, theirs = rates["ours"], rates[other]
    return Row(f"receipts beside {other}'s with the same words and codes", ours, theirs, ours / theirs, "1/s")


def unique(number: int) -> Receipt:
    """Another account, another sum, other codes."""
    return example(
        replace(
            FACTS,
            account=replace(FACTS.account, number=f"36{number:010}"),
            statement=statement(790_46, opening=666_29 + number),
        ),
        links=replace(LINKS, bot=f"{LINKS.bot}{number}"),
    )


async def measure(count: int) -> dict[str, float]:
    """Receipts a second, the ways taking turns: medians. `both`: on two threads."""
    documents, numbers = TypstDocuments(), iter(range(10**9))
    drawers = {"reportlab": _reportlab(), "weasyprint": html_receipt.drawer()}
    rates: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS + 1):
        some, others = ([unique(next(numbers)) for _ in range(count)] for _ in range(2))
        began = time.perf_counter()
        for one in some:
            await documents.receipt(one)
        rates["ours"].append(count / (time.perf_counter() - began))
        for name, draw in drawers.items():
            if draw is not None:
                fewer = [unique(next(numbers)) for _ in range(count // 4)]
                began = time.perf_counter()
                for one in fewer:
                    draw(one)
                rates[name].append(len(fewer) / (time.perf_counter() - began))
        began = time.perf_counter()
        await asyncio.gather(*(documents.receipt(one) for one in others))
        rates["both"].append(count / (time.perf_counter() - began))
    return {name: median(found[1:]) for name, found in rates.items()}  # the first one warms up


def memory(few: int, many: int) -> tuple[float, float]:
    """MiB that a process of its own holds after so many receipts, and after more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_receipts", str(few), str(many)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, last = map(float, done.stdout.split())
    return first, last


async def _hold(few: int, many: int) -> None:
    documents = TypstDocuments()
    for number in range(many):
        await documents.receipt(unique(number))
        if number + 1 in {few, many}:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            sys.stdout.write(f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20}\n")


def _reportlab() -> Callable[[Receipt], bytes]:
    """A drawer of receipts with reportlab: its tables, its code, a font that it embeds."""
    import reportlab
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing, Rect, String
    from reportlab.lib.colors import HexColor, grey
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    # Its own font lacks Russian letters, which it draws as boxes: as much work.
    fonts = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("plain", str(fonts / "Vera.ttf")))
    pdfmetrics.registerFont(TTFont("bold", str(fonts / "VeraBd.ttf")))
    accent = HexColor("#1f6f54")
    text = ParagraphStyle("text", fontName="plain", fontSize=9, leading=12)
    head = ParagraphStyle("head", fontName="bold", fontSize=12, leading=18, textColor=accent)
    large = ParagraphStyle("large", fontName="bold", fontSize=30, leading=40, textColor=accent)
    look = [("FONT", (0, 0), (-1, -1), "plain", 9), ("LINEBELOW", (0, 0), (-1, -1), 0.5, grey)]

    def code(content: str, side: float) -> Drawing:
        drawing = Drawing(side, side)
        drawing.add(QrCodeWidget(content, barLevel="M", barWidth=side, barHeight=side, barBorder=4))
        return drawing

    def chart(bars: list[dict[str, Any]]) -> Drawing:
        drawing = Drawing(66 * mm, len(bars) * 13)
        for place, bar in enumerate(reversed(bars)):
            drawing.add(String(0, place * 13, bar["month"], fontName="plain", fontSize=8))
            drawing.add(Rect(17 * mm, place * 13, bar["part"] * 0.3 * mm, 8, fillColor=accent))
            drawing.add(String(50 * mm, place * 13, bar["kwh"], fontName="plain", fontSize=8))
        return drawing

    def draw(receipt: Receipt) -> bytes:
        data = receipt_data.of(replace(receipt, payment_code=b"", links=ReceiptLinks()))
        paid_by, bot = receipt.payment_code.decode(), receipt.links.bot
        meters = [["Счётчик", "Зона", "Было", "Стало", "Расход"]]
        for number, notes, registers in data["meters"]:
            meters += [
                [f"{number} {notes}", zone, " ".join(old), " ".join(new), kwh] for zone, old, new, kwh in registers
            ]
        charge = [["Зона", "Объём", "Цена", "Сумма"], *data["lines"], ["Итого", "", "", data["charged"]]]
        top = [
            Paragraph(words, style)
            for words, style in ((data["month"], head), (data["head"], text), (data["sum"], large))
        ]
        facts = [[Paragraph(name, text), Paragraph(value, text)] for name, value in data["facts"]]
        about = [Table([[Paragraph(cell, text) for cell in pair] for pair in some]) for some in data["about"]]
        sums = Table([["Расчёты по счёту", "Сумма"], *data["steps"]], style=look)
        file = BytesIO()
        SimpleDocTemplate(file, title=data["title"], author=data["issuer"]).build(
            [
                Table([[top, code(paid_by, 46 * mm)]]),
                Table(facts, style=look),
                *(Paragraph("Показания счётчиков", head), Table(meters, style=look, repeatRows=1)),
                *(Paragraph("Начислено", head), Table(charge, style=look, repeatRows=1), Paragraph(data["note"], text)),
                *(Paragraph("К оплате", head), Table([[sums, chart(data["history"]["bars"])]]), Spacer(1, 12)),
                Table([[*about, code(bot, 34 * mm)]]),
            ]
        )
        return file.getvalue()

    return draw


if __name__ == "__main__":
    asyncio.run(_hold(*map(int, sys.argv[1:])))
