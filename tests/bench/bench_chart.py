"""(l) The chart of consumption beside the same bars by matplotlib: a picture, and the first one of a process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from importlib.util import find_spec
from io import BytesIO
from statistics import median
from typing import Any, Final

from services.documents import TypstDocuments
from services.ports import Chart, Columns
from tests.bench.table import Row

ZONES: Final = (("day", "день"), ("night", "ночь"))
MONTHS: Final = ("дек", "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя")
CHART: Final = Chart(
    "Расход электроэнергии", "счёт …3456, кВт·ч в месяц", "2 310 кВт·ч", "за 12 месяцев", ZONES, "2026",
    "годом раньше",
    tuple(Columns(name, (90 + at, 60), (100 + 3 * at, 50), "") for at, name in enumerate(MONTHS)), "ru",
)  # fmt: skip


def run(quick: bool) -> list[Row]:
    """Ratios are of speeds. Nothing where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        return []
    times = 5 if quick else 20
    ours, other = typst_(times), matplotlib_(times)
    first, first_other = (_first(name) for name in ("typst_", "matplotlib_"))
    return [
        Row("charts beside matplotlib", 1 / ours, 1 / other, other / ours, "1/s"),
        Row("the first chart of a process beside matplotlib, imports included", first, first_other,
            first_other / first, "s"),
    ]  # fmt: skip


def typst_(times: int) -> float:
    """Seconds for a picture."""

    async def draw() -> list[float]:
        documents, taken = TypstDocuments(), []
        for _ in range(times + 1):
            began = time.perf_counter()
            assert (await documents.chart(CHART)).startswith(b"\x89PNG")
            taken.append(time.perf_counter() - began)
        return taken

    return _typical(asyncio.run(draw()))


def matplotlib_(times: int) -> float:
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        assert _plotted().startswith(b"\x89PNG")
        taken.append(time.perf_counter() - began)
    return _typical(taken)


def _typical(taken: list[float]) -> float:
    """The first one has loaded things."""
    return median(taken[1:] or taken)


def _plotted() -> bytes:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(10.8, 10.4), dpi=100)
    for shift, shade in ((-0.21, 0.35), (0.21, 1)):
        below = [0] * len(MONTHS)
        for zone, (_, name) in enumerate(ZONES):
            heights = [_part(column, shift, zone) for column in CHART.columns]
            places = [at + shift for at in range(len(MONTHS))]
            axes.bar(places, heights, 0.39, below, label=name, color=("orange", "navy")[zone], alpha=shade)
            below = [one + other for one, other in zip(below, heights, strict=True)]
    axes.set_xticks(range(len(MONTHS)), MONTHS, fontsize=22)
    axes.set_title(CHART.title, fontsize=32)
    axes.legend(fontsize=22)
    axes.grid(axis="y")
    file = BytesIO()
    figure.savefig(file, format="png")
    pyplot.close(figure)
    return file.getvalue()


def _part(column: Columns, shift: float, zone: int) -> Any:
    bar = column.before if shift < 0 else column.now
    return bar[zone] if bar else 0


def _first(name: str) -> float:
    """Seconds in a new process that has what the bot has loaded anyway."""
    code = f"import time, asyncio, services.documents; from tests.bench.bench_chart import {name}\n"
    code += f"began = time.perf_counter(); {name}(0); print(time.perf_counter() - began)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
