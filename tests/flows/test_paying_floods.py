"""Made-up notices and slow answers: those of strangers, or of one person's links, hold up no other customer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

import bot.schedule
from sandbox.bank import Payment
from services.payments.models import Transaction
from services.payments.ports import OrderRepository
from services.payments.settling import ProviderLimits, Settlement
from tests.flows.payer import invoice, order_row
from tests.flows.test_paying_faults import OTHER, about, answered, copies, one_payment, told_paid
from tests.people import Someone
from tests.town import PATIENCE, Town

MANY: Final = 200


def questions(town: Town) -> list[str]:
    return [call.path for call in town.bank.calls if call.method == "GET"]


async def flood(town: Town, *bodies: dict[str, Any]) -> list[int]:
    """All at once; the answers."""
    async with httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=200)) as client:
        sent = (client.post(f"{town.app.web.url}/yookassa", json=body) for body in bodies)
        return [answer.status_code for answer in await asyncio.gather(*sent)]


# Notices


async def test_many_notices_about_an_order_are_one_question_or_two(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = one_payment(town)
    assert await flood(town, *[about(payment.id)] * MANY) == [200] * MANY
    assert len(questions(town)) <= 2
    for _ in range(20):
        assert await answered(town, about(payment.id)) == "200"
    assert len(questions(town)) <= 2
    await town.bank.pay(payment.id)
    assert order_row(town)["status"] == "pending", "the liar has lost five seconds"
    town.clock.advance(seconds=6)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "получена", before)


async def test_notices_in_vain_become_worth_less_and_less(town: Town, maria: Someone) -> None:
    """Of an order that the clock asks about no more."""
    await invoice(maria, "100")
    payment = one_payment(town)
    await town.bank.pay(payment.id)
    known = len(questions(town))
    for _ in range(600):
        town.clock.advance(seconds=1)
        await town.app.use(Settlement).take_notification(payment.id, "")
        await town.app.use(Settlement).watch()
    assert 3 <= len(questions(town)) - known <= 20
    before = town.world.cursor
    await town.bank.refund(payment.id, 4000)
    town.clock.advance(minutes=10)
    await town.tick()
    await town.told(maria, "Возвращено 40,00", before)


async def test_of_ids_that_are_not_ours_nothing_is_asked(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    key = order_row(town)["key"]
    strange = [about(f"22e12f66-000f-5000-8000-{number:012d}", key if number % 2 else None) for number in range(MANY)]
    assert await flood(town, *strange) == [200] * MANY
    assert questions(town) == []


@pytest.mark.usefixtures("single_try")
async def test_an_order_whose_answer_was_lost_is_known_by_its_key(town: Town, maria: Someone) -> None:
    town.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    assert order_row(town)["external_id"] is None
    before = town.world.cursor
    await town.bank.pay(one_payment(town).id)
    await town.told(maria, "получена", before)
    assert len(questions(town)) == 1
    town.alerts()


@pytest.mark.usefixtures("single_try")
async def test_made_up_ids_for_an_order_whose_answer_was_lost_are_few_questions(town: Town, maria: Someone) -> None:
    town.bank.faults.add("reset_before", method="POST /payments", count=1)
    await invoice(maria, "100")
    key = order_row(town)["key"]
    assert set(await flood(town, *(about(f"x-{number}", key) for number in range(MANY)))) == {200}
    assert len(questions(town)) <= 2
    town.clock.advance(seconds=21)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "Ссылка", before)
    town.alerts()


@pytest.fixture
def notices_alone(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """No tick asks, and no answer is given up, while a busy machine gets on with the test."""
    monkeypatch.setattr(bot.schedule, "TICK", 3600)
    silent_town.provider_limits = ProviderLimits(live=timedelta(minutes=1))


@pytest.mark.usefixtures("notices_alone")
async def test_a_customer_s_link_does_not_wait_behind_notices(town: Town, maria: Someone) -> None:
    """About more orders than the provider's client has connections, and none of them is answered."""
    await invoice(maria, "100")
    await copies(town, 150)
    town.bank.faults.add("hang", method="GET *")
    async with notices(town, *(about(f"x{number}") for number in range(150))):
        await town.until("SELECT count(*) FROM orders WHERE ask_at < created_at", [(150,)])
        oleg = await town.customer("Олег", OTHER)
        await invoice(oleg, "200")
        assert "Ссылка действует" in oleg.screen
        assert len(questions(town)) <= 4


@asynccontextmanager
async def notices(town: Town, *bodies: dict[str, Any]) -> AsyncIterator[None]:
    """While they are on their way."""
    sending = asyncio.ensure_future(flood(town, *bodies))
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_what_is_said_while_the_provider_is_being_asked_is_asked_once_more(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer under way may be older than the notice."""
    await invoice(maria, "100")
    payment = one_payment(town)
    provider = town.app.use(Settlement)._provider
    assert provider is not None
    asked, go_on, real = asyncio.Event(), asyncio.Event(), provider.get

    async def held(external_id: str) -> Transaction | None:
        found = await real(external_id)
        asked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(provider, "get", held)
    before = town.world.cursor
    paying = asyncio.ensure_future(town.bank.pay(payment.id))
    await asked.wait()
    refunding = asyncio.ensure_future(town.bank.refund(payment.id, 4000))
    await asyncio.sleep(0)
    await asyncio.wait_for(town.bank.notifications.all[-1].tried.wait(), PATIENCE)
    go_on.set()
    await asyncio.gather(paying, refunding)
    await town.told(maria, "Возвращено 40,00", before)
    assert told_paid(maria) == 1
    assert len(questions(town)) == 2


# The clock


async def slow_links(town: Town, someone: Someone) -> None:
    """One person's many links, about which the provider answers nothing, all due before anybody else's."""
    await invoice(someone, "100")
    town.bank.faults.add("hang", method="GET /payments/x*")
    await copies(town, 40)


async def paid_quietly(town: Town, someone: Someone) -> Payment:
    town.bank.faults.add("notification_loss")
    await invoice(someone, "200")
    payment = town.bank.payments[-1]
    await town.bank.pay(payment.id)
    return payment


async def test_one_person_s_slow_links_keep_nobody_s_result_waiting(town: Town, maria: Someone) -> None:
    await slow_links(town, maria)
    oleg = await town.customer("Олег", OTHER)
    await paid_quietly(town, oleg)
    town.clock.advance(seconds=6)
    before = town.world.cursor
    tick = asyncio.ensure_future(town.app.use(Settlement).watch())
    await town.told(oleg, "получена", before)
    assert not tick.done(), "hers are being asked about still"
    tick.cancel()
    await asyncio.gather(tick, return_exceptions=True)


async def test_a_slow_answer_does_not_keep_the_next_tick_from_asking(
    silent_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real ticker."""
    monkeypatch.setattr(bot.schedule, "TICK", 0.1)
    town = silent_town
    await town.start()
    maria, oleg = [await town.customer(name, account) for name, account in (("Мария", "360000123456"), ("Олег", OTHER))]
    await slow_links(town, maria)
    town.clock.advance(seconds=6)
    await town.until("SELECT count(*) FROM orders WHERE ask_at > created_at AND key LIKE 'k%'", [(5,)])
    before = town.world.cursor
    await paid_quietly(town, oleg)
    town.clock.advance(seconds=6)
    await town.told(oleg, "получена", before)


async def test_everybody_s_first_link_comes_before_anybody_s_second(
    silent_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.schedule, "TICK", 3600)  # nothing else asks
    town = silent_town
    await town.start()
    maria = await town.customer("Мария", "360000123456")
    await invoice(maria, "100")
    await copies(town, 7)
    oleg = await town.customer("Олег", OTHER)
    await invoice(oleg, "200")
    town.clock.advance(minutes=1)
    async with town.app.store.reading() as unit:
        found = await unit.of(OrderRepository).due(town.clock.now(), 3, 10)
    assert [order.user_id for order in found] == [maria.id, oleg.id, maria.id, maria.id]
    assert found[0].key == "k0"


async def test_ticks_that_overlap_ask_about_an_order_once(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    town.clock.advance(seconds=6)
    await asyncio.gather(*(town.app.use(Settlement).watch() for _ in range(5)))
    assert len(questions(town)) == 1
