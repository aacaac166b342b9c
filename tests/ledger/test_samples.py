"""The sample registry is what its generator makes, and its figures hold together."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from samples import generate
from samples.generate import HEADERS, HOME, Month, sample_registry


def lines(name: str) -> list[dict[str, str]]:
    with (HOME / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.mark.parametrize("name", HEADERS)
def test_committed_files_are_what_the_generator_makes(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made.csv"
    generate.write(made, HEADERS[name], sample_registry(Month(2026, 10), seed=1).lines[name])
    assert (HOME / f"{name}.csv").read_bytes() == made.read_bytes()


def test_everybody_the_demo_needs_is_there() -> None:
    accounts = {line["account"]: line for line in lines("accounts")}
    meters = lines("meters")
    assert len(accounts) == 40
    assert {number[:2] for number in accounts} == {"36", "61", "52", "23"}
    assert {meter["zones"] for meter in meters} == {"single", "day_night", "peak_half_night"}
    assert [line["account"] for line in accounts.values() if line["status"] == "closed"] == ["360000200082"]
    metered = [meter["account"] for meter in meters if meter["status"] == "active"]
    assert len(metered) > len(set(metered))
    assert set(accounts) - {meter["account"] for meter in meters} == {"610000300103"}
    assert any(meter["verification_due"] < "2026-11" for meter in meters if meter["status"] == "active")
    assert any(", кв. " not in line["address"] for line in accounts.values())


def test_the_example_account_is_the_one_of_the_screens() -> None:
    last = {
        line["zone"]: (line["date"], line["value"]) for line in lines("readings") if line["account"] == "360000123456"
    }
    assert last == {"day": ("2026-10-24", "3500"), "night": ("2026-10-24", "1500")}
    closing = [line["closing"] for line in lines("charges") if line["account"] == "360000123456"]
    assert closing[-1] == "1234.56"
    prices = {
        line["zone"]: (line["up_to_kwh"], line["price"])
        for line in lines("tariffs")
        if line["tariff"] == "36-gas" and line["valid_from"] == "2026-10-01" and line["tier"] == "1"
    }
    assert (prices["day"], prices["night"]) == (("1100", "6.66"), ("1100", "4.66"))


def test_every_month_closes_with_what_the_next_one_opens() -> None:
    paid: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines("payments"):
        paid[line["account"], line["date"][:7]] += Decimal(line["amount"])
    closings: dict[str, Decimal] = {}
    for line in lines("charges"):
        money = {name: Decimal(line[name]) for name in ("opening", "charged", "recalculated", "penalty", "closing")}
        assert closings.get(line["account"], money["opening"]) == money["opening"]
        closings[line["account"]] = money["closing"]
        due = money["opening"] + money["charged"] + money["recalculated"] + money["penalty"]
        assert due - paid[line["account"], line["period"]] == money["closing"]
    assert min(closings.values()) < 0 < max(closings.values())


def test_displays_never_run_back_and_readings_are_two_years_long() -> None:
    series: dict[tuple[str, str, str], list[tuple[str, int]]] = defaultdict(list)
    for line in lines("readings"):
        series[line["account"], line["meter"], line["zone"]].append((line["date"], int(line["value"])))
        assert 23 <= int(line["date"][-2:]) <= 25
    for points in series.values():
        assert points == sorted(points)
        assert [value for _, value in points] == sorted(value for _, value in points)
    assert max(map(len, series.values())) == 25


def test_another_month_can_be_generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["generate.py", "--until", "2026-11", "--out", str(tmp_path)])
    generate.main()
    assert "2026-11-24" in (tmp_path / "readings.csv").read_text(encoding="utf-8")


def test_a_big_registry_is_accounts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["generate.py", "--accounts", "1000", "--out", str(tmp_path)])
    generate.main()
    with (tmp_path / "accounts.csv").open(encoding="utf-8") as file:
        numbers = [line["account"] for line in csv.DictReader(file, delimiter=";")]
    assert len(set(numbers)) == 1000
    assert all(len(number) == 12 for number in numbers)


def test_the_sample_profile_serves_every_sample_account() -> None:
    profile = tomllib.loads(HOME.parent.joinpath("supplier.toml").read_text(encoding="utf-8"))
    prefixes = {prefix for region in profile["regions"] for prefix in region["prefixes"]}
    assert {line["account"][:2] for line in lines("accounts")} <= prefixes
    assert all(region["offices"] for region in profile["regions"])
