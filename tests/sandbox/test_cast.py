"""The demo's people are the same at its next start, and so are the accounts that can be tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from sandbox.accounts import SampleAccounts
from sandbox.cast import Cast
from sandbox.demo import REGISTRY
from sandbox.server import Sandbox
from sandbox.world import World


def test_first_there_are_a_customer_and_a_staff_group(tmp_path: Path) -> None:
    world = World()
    group = Cast(world, tmp_path / "people.json").group
    maria, *staff = world.people.values()
    assert (maria.first_name, maria.started) == ("Мария", False)
    assert group.title == "Поддержка"
    assert list(group.members) == [person.id for person in staff]


def test_people_keep_their_ids_and_what_they_did(tmp_path: Path) -> None:
    file, before, after = tmp_path / "people.json", World(), World()
    group = Cast(before, file).group
    ivan = before.add_person("Ivan", "en", "Petrov", "ivan")
    before.send_text(ivan, "/start")
    before.block(ivan)
    assert Cast(after, file).group.id == group.id
    assert after.people == before.people
    assert after.chats[group.id].members == group.members


async def test_the_page_of_accounts_shows_what_the_registry_holds(tmp_path: Path) -> None:
    sandbox = Sandbox()
    SampleAccounts(REGISTRY).add_routes(sandbox.app)
    async with sandbox, aiohttp.ClientSession(sandbox.url) as session, session.get("/accounts") as answer:
        text = await answer.text()
    assert "№ 10000001, день/ночь: день 3500, ночь 1500" in text
    for answer_to_the_bot in ("кв. 45", "д. 5"):
        assert f", <b>{answer_to_the_bot}</b></td>" in text
    for remark in ("счёт закрыт", "без счётчика", "два счётчика", "счётчик заменён", "истёк срок поверки"):
        assert remark in text


async def test_an_address_in_the_registry_is_not_html(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account;address;status\n360000000000;<b>;active\n")
    (tmp_path / "meters.csv").write_text("account;meter;zones;verification_due;status\n")
    (tmp_path / "readings.csv").write_text("account;meter;zone;date;value\n")
    (tmp_path / "payments.csv").write_text("account;date;amount\n")
    sandbox = Sandbox()
    SampleAccounts(tmp_path).add_routes(sandbox.app)
    async with sandbox, aiohttp.ClientSession(sandbox.url) as session, session.get("/accounts") as answer:
        assert "><b>&lt;b&gt;</b></td>" in await answer.text()


async def test_the_page_of_accounts_shows_payments_that_prove(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    lines = [(today - timedelta(days=days), amount) for days, amount in ((400, "1.00"), (40, "613.37"), (0, "2.00"))]
    paid = "".join(f"360000000000;{day};{amount}\n" for day, amount in lines)
    (tmp_path / "accounts.csv").write_text("account;address;status\n360000000000;ул. Мира, д. 1;active\n")
    (tmp_path / "meters.csv").write_text("account;meter;zones;verification_due;status\n")
    (tmp_path / "readings.csv").write_text("account;meter;zone;date;value\n")
    (tmp_path / "payments.csv").write_text(f"account;date;amount\n{paid}")
    sandbox = Sandbox()
    SampleAccounts(tmp_path).add_routes(sandbox.app)
    async with sandbox, aiohttp.ClientSession(sandbox.url) as session, session.get("/accounts") as answer:
        text = await answer.text()
    assert f"<b>613,37</b> ₽ от {lines[1][0]:%d.%m.%Y}" in text
    assert not any(f"<b>{amount}</b>" in text for amount in ("1,00", "2,00"))
