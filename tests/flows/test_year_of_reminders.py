"""A year of reminders, with downtimes, clocks that change, and people who submit, stop the bot and come back."""

from __future__ import annotations

import csv
import os
import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from services.accounts.models import Trust
from services.customers.models import Quiet
from services.customers.ports import CustomerRepository
from services.db.engine import Database
from services.ledger.registry import import_registry
from services.reminders.ports import ReminderRepository
from services.reminders.rounds import ReminderRounds
from services.reminders.wishes import ReminderWishes
from services.supplier.models import Month
from services.supplier.periods import ReadingDays, closes, opens
from services.supplier.profile import SupplierProfile
from tests.conftest import SAMPLES
from tests.harness import BotHarness
from tests.people import Someone

BEGINS: Final = datetime(2026, 9, 15, 6, tzinfo=UTC)
ENDS: Final = BEGINS + timedelta(days=365)
PEOPLE: Final = 8
SPREAD: Final = timedelta(minutes=1)  # in which all of so few people are reminded
SEED: Final = int(os.environ.get("YEAR_SEED", "14"))
ZONES: Final = (  # of Russia, from UTC+2 to UTC+12
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk"),
    *("Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka"),
)
_first, _second, _third = random.Random(SEED).sample(ZONES, 3)
# By prefix. Clocks of Warsaw change on 25.10.2026 and 28.03.2027, on reading days.
PLACES: Final = {
    "36": (_first, "23-25"),
    "61": (_second, "29-31"),
    "52": ("Europe/Warsaw", "25-28"),
    "23": (_third, "14-15"),
}
QUIET: Final = ("22-8", "21-9", "23-7", "13-16", "off")

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


@dataclass
class Customer:
    """`links`: ids by account; `told`: local days on which a reminder came; `away`, `unwanted`: by account."""

    someone: Someone
    zone: ZoneInfo
    days: ReadingDays
    links: dict[str, str]
    quiet: Quiet
    hour: int = 10
    away: dict[str, date] = field(default_factory=dict)
    unwanted: set[str] = field(default_factory=set)
    told: list[date] = field(default_factory=list)

    def is_night(self, local: datetime) -> bool:
        if self.quiet.hours is None:
            return False
        first, end = self.quiet.hours
        return first <= local.hour < end if first < end else not end <= local.hour < first

    def wanted(self, day: date) -> set[str]:
        return {one for one in self.links if one not in self.unwanted and not day < self.away.get(one, date.min)}


class Year:
    """People, and the readings that the supplier has of them: accounts by month."""

    def __init__(self, harness: BotHarness, chance: random.Random) -> None:
        self.harness = harness
        self.chance = chance
        self.customers: list[Customer] = []
        self.read: defaultdict[Month, set[str]] = defaultdict(set)
        self.heard = 0
        self.seen = 0  # number of the last call that was looked at

    async def begin(self) -> None:
        for number in range(PEOPLE):
            prefix = list(PLACES)[number % len(PLACES)]
            accounts = _accounts(prefix, number)[: self.chance.choice((1, 1, 2))]
            someone = self.harness.person(f"Сосед {number}")
            someone.person.started = True
            zone, days = PLACES[prefix]
            quiet = Quiet.read(self.chance.choice(QUIET))
            links = {one: f"l{one}" for one in accounts}
            await self._settle_in(someone, links, quiet)
            self.customers.append(Customer(someone, ZoneInfo(zone), ReadingDays.parse(days), links, quiet))

    async def _settle_in(self, someone: Someone, links: dict[str, str], quiet: Quiet) -> None:
        now, texts = self.harness.clock.now(), self.harness.app.use(SupplierProfile).texts("ru")
        async with self.harness.app.store.writing() as unit:
            repository = unit.of(CustomerRepository)
            await repository.create(someone.id, "ru", now)
            await repository.agree(someone.id, texts, now)
            for account, link_id in links.items():
                await repository.link(someone.id, link_id, account, Trust.CONFIRMED, now)
                await repository.choose(someone.id, link_id)
            await repository.set_quiet(someone.id, quiet)
            await unit.commit()

    async def pass_by(self) -> None:
        while (now := self.harness.clock.now()) < ENDS:
            await self._look()
            for customer in self.customers:
                await self._live(customer)
            await self._look()
            self.harness.clock.advance(hours=self._hours(now))

    def _hours(self, now: datetime) -> float:
        """To the next look: short ones on reading days, a clock that is set back, a downtime."""
        if self.chance.random() < 0.04:
            return self.chance.choice((-1.0, self.chance.uniform(6, 60)))
        near = any(_step(now.astimezone(one.zone).date() + timedelta(days=1), one.days) for one in self.customers)
        return self.chance.uniform(4, 14) if near else self.chance.uniform(20, 50)

    # People

    async def _live(self, customer: Customer) -> None:
        """Something happens to a customer now and then."""
        local = self.harness.clock.now().astimezone(customer.zone)
        turn = 0.15 if customer.someone.person.blocked else 0.015
        deeds = {self._submit: 0.05, self._leave: 0.005, self._choose_hour: 0.01, self._stop_or_return: turn}
        for deed, likely in deeds.items():
            if self.chance.random() < likely:
                await deed(customer, local)

    async def _submit(self, customer: Customer, local: datetime) -> None:
        """By another way than the bot."""
        account, month = self.chance.choice(list(customer.links)), Month.of(local.date())
        if account in self.read[month] or not _step(local.date(), customer.days):
            return
        self.read[month].add(account)
        await self.harness.run(
            "INSERT INTO ledger_readings (account, meter, zone, date, value, source, counted, submission) "
            "VALUES (?, 'm', 'single', ?, ?, 'сайт', 1, '')",
            *(int(account), local.date().isoformat(), 1000 + 10 * (month.year * 12 + month.month - 24300)),
        )

    async def _stop_or_return(self, customer: Customer, _local: datetime) -> None:
        """The bot hears of a stop, or meets it when it writes."""
        world, person = self.harness.world, customer.someone.person
        if not person.blocked:
            world.block(person)
            await self.harness.quiet()
            if self.chance.random() < 0.5:
                await self.harness.run("UPDATE users SET blocked_at = NULL WHERE id = ?", person.id)
            return
        world.unblock(person)
        await customer.someone.send("/start")

    async def _choose_hour(self, customer: Customer, _local: datetime) -> None:
        customer.hour = self.chance.randint(8, 20)
        async with self.harness.app.store.reading() as unit:
            known = await unit.of(CustomerRepository).get(customer.someone.id)
        assert known is not None
        await self.harness.app.use(ReminderWishes).set_hour(known, customer.hour)

    async def _leave(self, customer: Customer, local: datetime) -> None:
        """An account needs no reminders for a while, or ever."""
        account = self.chance.choice(list(customer.links))
        async with self.harness.app.store.writing() as unit:
            if self.chance.random() < 0.2:
                customer.unwanted.add(account)
                await unit.of(ReminderRepository).remind(customer.someone.id, customer.links[account], on=False)
            else:
                customer.away[account] = local.date() + timedelta(days=self.chance.randint(1, 60))
                until = customer.away[account]
                await unit.of(ReminderRepository).set_away(customer.someone.id, customer.links[account], until)
            await unit.commit()

    async def _look(self) -> None:
        """The bot sends the reminders that are due, and each customer has heard theirs."""
        await self.harness.app.use(ReminderRounds).run_due()
        self.harness.app.wake_up.set()
        await self.harness.due_are_sent()
        said = self._new()
        for customer in self.customers:
            self._check(customer, said[customer.someone.id])

    def _new(self) -> defaultdict[int, list[str]]:
        """Reminders that came since the last look, by chat."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        calls = list(takewhile(lambda call: call.seq > self.seen, reversed(self.harness.world.calls)))
        self.seen = calls[0].seq if calls else self.seen
        for call in calls:
            text = str(call.params.get("text", "")).replace("\xa0", " ")
            if call.ok and call.method == "sendMessage" and "передать показания за" in text:
                found[call.params["chat_id"]].append(text)
        return found

    def _check(self, customer: Customer, said: list[str]) -> None:
        local = self.harness.clock.now().astimezone(customer.zone)
        day, month = local.date(), Month.of(local.date())
        missing = customer.wanted(day) - self.read[month]
        for text in said:
            assert _step(day, customer.days), f"outside the reading days: {text}"
            assert not customer.is_night(local), f"in the quiet hours: {text}"
            assert day not in customer.told, f"twice on a day: {text}"
            assert set(re.findall(r"…(\d{4})", text)) == {one[-4:] for one in missing}, text
            assert ("последний день" in text) == (day == closes(month, customer.days)), text
            customer.told.append(day)
            self.heard += 1
        if missing and not customer.someone.person.blocked and self._has_come(customer, local):
            since = day if day == closes(month, customer.days) else opens(month, customer.days)
            assert any(told >= since for told in customer.told), f"not reminded: {customer}, {local}"

    def _has_come(self, customer: Customer, local: datetime) -> bool:
        """Whether the customer has to have been reminded by now."""
        begins = datetime.combine(local.date(), time(customer.hour), customer.zone)
        if not _step(local.date(), customer.days) or customer.is_night(local):
            return False
        return local.astimezone(UTC) >= begins.astimezone(UTC) + SPREAD


def _step(day: date, days: ReadingDays) -> bool:
    return opens(Month.of(day), days) <= day <= closes(Month.of(day), days)


def _accounts(prefix: str, number: int) -> list[str]:
    return [f"{prefix}77{number:04d}{place}{1000 + 10 * number + place:03d}"[:12] for place in range(2)]


async def _fill(database: Path, folder: Path) -> None:
    """Accounts with one meter each that was read a month before the year begins."""
    accounts = [one for number in range(PEOPLE) for one in _accounts(list(PLACES)[number % len(PLACES)], number)]
    rows: dict[str, tuple[str, list[tuple[object, ...]]]] = {
        "accounts": (
            "account;address;holder;tariff;status",
            [(one, "г. Воронеж, ул. Мира, д. 1, кв. 1", "И", "t", "active") for one in accounts],
        ),
        "meters": ("account;meter;zones;digits", [(one, "m", "single", 6) for one in accounts]),
        "readings": (
            "account;meter;zone;date;value;source;counted",
            [(one, "m", "single", "2026-08-15", 100, "сайт", 1) for one in accounts],
        ),
    }
    for name, (header, lines) in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([header.split(";"), *lines])
    opened = Database(f"sqlite+aiosqlite:///{database}")
    try:
        reports = await import_registry(opened, [folder / f"{name}.csv" for name in rows])
        assert not [report for report in reports if report.refusal or report.rejected]
    finally:
        await opened.close()


def _profile(path: Path) -> Path:
    text = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    for prefix, (zone, days) in PLACES.items():
        fields = rf'(prefixes = \["{prefix}"[^\n]*\ntimezone = )"[^"]+"(\nreading_days = )"[^"]+"'
        text, count = re.subn(fields, rf'\g<1>"{zone}"\g<2>"{days}"', text)
        assert count == 1
    path.write_text(text, encoding="utf-8")
    return path


async def test_in_a_year_each_hears_on_their_days_and_nobody_at_night_twice_or_after_submitting(
    idle_harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same year, in the same zones, each time; `YEAR_SEED` is another one."""
    harness = idle_harness
    harness.clock.set("2026-09-15 09:00")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(_profile(tmp_path / "supplier.toml")))
    await _fill(harness.database, tmp_path)
    await harness.start()
    year = Year(harness, random.Random(SEED))
    await year.begin()
    try:
        await year.pass_by()
    except AssertionError as error:
        error.add_note(f"YEAR_SEED={SEED}, {harness.clock.now()}")
        raise
    assert year.heard > PEOPLE * 3
