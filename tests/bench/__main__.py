"""`make bench`: every benchmark, medians and ratios of this one run, each with its mark."""

from __future__ import annotations

import argparse
import sys

from tests.bench import bench_import, bench_lookup, bench_routes, bench_start, bench_updates
from tests.bench.table import Row

# mark and whether more is better
BENCHES = {
    "a": (bench_updates, "≥ 0.4"),
    "b": (bench_routes, "≥ 0.5"),
    "c": (bench_lookup, "≤ 1.5"),
    "d": (bench_import, "≥ 0.5"),
    "e": (bench_start, "≤ 1.4"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *BENCHES], help="letters; all without any")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes become seconds, figures rougher")
    given = parser.parse_args()
    for letter in given.only or BENCHES:
        bench, mark = BENCHES[letter]
        for row in bench.run(given.quick):
            sys.stdout.write(_line(letter, row, mark) + "\n")
            sys.stdout.flush()


def _line(letter: str, row: Row, mark: str) -> str:
    figures = f"{row.ours:>12,.4g} {row.reference:>12,.4g} {row.unit:<10} ratio {row.ratio:.2f}"
    return f"({letter}) {row.name:<70} {figures} (mark {mark})"


if __name__ == "__main__":
    main()
