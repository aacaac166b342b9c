"""`make bench`: every benchmark, medians and ratios of this one run, each with its mark."""

from __future__ import annotations

import argparse
import sys

from tests.bench import (
    bench_broadcast,
    bench_chart,
    bench_desk,
    bench_durability,
    bench_floods,
    bench_formation,
    bench_formation_day,
    bench_history,
    bench_import,
    bench_kills,
    bench_lookup,
    bench_receipts,
    bench_reminders,
    bench_rounds,
    bench_routes,
    bench_scan,
    bench_start,
    bench_updates,
)

# with the mark for the first line; further ones are there to be compared with it
BENCHES = {
    "a": (bench_updates, "≥ 0.55"),
    "b": (bench_routes, "≥ 0.75"),
    "c": (bench_lookup, "≤ 1.5"),
    "d": (bench_import, "≥ 0.5"),
    "e": (bench_start, "≤ 1.4"),
    "f": (bench_kills, "0 lost, silent, doubled, out of order; at most 1 repeated after one kill"),
    "g": (bench_durability, "≥ 0.8"),
    "h": (bench_floods, "≤ 1.5"),
    "i": (bench_scan, "≤ 0.5"),
    "j": (bench_receipts, "≥ 2"),
    "k": (bench_history, "≤ 1.3"),
    "l": (bench_chart, "≥ 6"),
    "m": (bench_formation, "0 without, 0 twice"),
    "n": (bench_formation_day, "≤ 1.5"),
    "o": (bench_reminders, "≤ 2"),
    "p": (bench_broadcast, "≥ 0.97, then ≥ 0.95, ≤ 0.5, –, ≤ 1, ≤ 1.5, ≤ 1.5, ≥ 2.5, ≥ 2.5, –; none refused"),
    "q": (bench_desk, "≤ 2"),
    "r": (bench_rounds, "≤ 1.3, flat, ≤ 1.5"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *BENCHES], help="letters; all without any")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes become seconds, figures rougher")
    given = parser.parse_args()
    for letter in given.only or BENCHES:
        bench, mark = BENCHES[letter]
        for line, row in enumerate(bench.run(given.quick)):
            sys.stdout.write(f"({letter}) {row}" + (f" (mark {mark})\n" if line == 0 else "\n"))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
