"""Made-up notices and slow answers: those of strangers, or of one person's links, hold up no other customer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from sandbox.bank import Payment
from services.payments.models import Transaction
from services.payments.ports import OrderRepository
from services.payments.settling import Settlement
from tests.flows.payer import invoice, order_row
from tests.flows.test_paying_faults import OTHER, about, answered, copies, one_payment, told_paid
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

MANY: Final = 200


def questions(harness: BotHarness) -> list[str]:
    return [call.path for call in harness.bank.calls if call.method == "GET"]


async def flood(harness: BotHarness, *bodies: dict[str, Any]) -> list[int]:
    """All at once; the answers."""
    async with httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=200)) as client:
        sent = (client.post(f"{harness.app.web.url}/yookassa", json=body) for body in bodies)
        return [answer.status_code for answer in await asyncio.gather(*sent)]


# Notices


async def test_many_notices_about_an_order_are_one_question_or_two(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = one_payment(harness)
    assert await flood(harness, *[about(payment.id)] * MANY) == [200] * MANY
    assert len(questions(harness)) <= 2
    for _ in range(20):
        assert await answered(harness, about(payment.id)) == "200"
    assert len(questions(harness)) <= 2
    await harness.bank.pay(payment.id)
    assert order_row(harness)["status"] == "pending", "the liar has lost five seconds"
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "получена", before)


async def test_notices_in_vain_become_worth_less_and_less(harness: BotHarness, maria: Someone) -> None:
    """Of an order that the clock asks about no more."""
    await invoice(maria, "100")
    payment = one_payment(harness)
    await harness.bank.pay(payment.id)
    known = len(questions(harness))
    for _ in range(600):
        harness.clock.advance(seconds=1)
        await harness.app.use(Settlement).take_notification(payment.id, "")
        await harness.app.use(Settlement).watch()
    assert 3 <= len(questions(harness)) - known <= 20
    before = harness.world.cursor
    await harness.bank.refund(payment.id, 4000)
    harness.clock.advance(minutes=10)
    await harness.tick()
    await harness.told(maria, "Возвращено 40,00", before)


async def test_of_ids_that_are_not_ours_nothing_is_asked(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    key = order_row(harness)["key"]
    strange = [about(f"22e12f66-000f-5000-8000-{number:012d}", key if number % 2 else None) for number in range(MANY)]
    assert await flood(harness, *strange) == [200] * MANY
    assert questions(harness) == []


@pytest.mark.usefixtures("single_try")
async def test_an_order_whose_answer_was_lost_is_known_by_its_key(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    assert order_row(harness)["external_id"] is None
    before = harness.world.cursor
    await harness.bank.pay(one_payment(harness).id)
    await harness.told(maria, "получена", before)
    assert len(questions(harness)) == 1
    harness.alerts()


@pytest.mark.usefixtures("single_try")
async def test_made_up_ids_for_an_order_whose_answer_was_lost_are_few_questions(
    harness: BotHarness, maria: Someone
) -> None:
    harness.bank.faults.add("reset_before", method="POST /payments", count=1)
    await invoice(maria, "100")
    key = order_row(harness)["key"]
    assert set(await flood(harness, *(about(f"x-{number}", key) for number in range(MANY)))) == {200}
    assert len(questions(harness)) <= 2
    harness.clock.advance(seconds=21)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "Ссылка", before)
    harness.alerts()


@pytest.fixture
def notices_alone(idle_harness: BotHarness) -> None:
    """No tick asks, and no answer is given up, while a busy machine gets on with the test."""
    idle_harness.limit(intervals={"tick": 3600}, provider={"live": timedelta(minutes=1)})


@pytest.mark.usefixtures("notices_alone")
async def test_a_customer_s_link_does_not_wait_behind_notices(harness: BotHarness, maria: Someone) -> None:
    """About more orders than the provider's client has connections, and none of them is answered."""
    await invoice(maria, "100")
    await copies(harness, 150)
    harness.bank.faults.add("hang", method="GET *")
    async with notices(harness, *(about(f"x{number}") for number in range(150))):
        await harness.until("SELECT count(*) FROM orders WHERE ask_at < created_at", [(150,)])
        oleg = await harness.customer("Олег", OTHER)
        await invoice(oleg, "200")
        assert "Ссылка действует" in oleg.screen
        assert len(questions(harness)) <= 4


@asynccontextmanager
async def notices(harness: BotHarness, *bodies: dict[str, Any]) -> AsyncIterator[None]:
    """While they are on their way."""
    sending = asyncio.ensure_future(flood(harness, *bodies))
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_what_is_said_while_the_provider_is_being_asked_is_asked_once_more(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer under way may be older than the notice."""
    await invoice(maria, "100")
    payment = one_payment(harness)
    provider = harness.app.use(Settlement)._provider
    assert provider is not None
    asked, go_on, real = asyncio.Event(), asyncio.Event(), provider.get

    async def held(external_id: str) -> Transaction | None:
        found = await real(external_id)
        asked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(provider, "get", held)
    before = harness.world.cursor
    paying = asyncio.ensure_future(harness.bank.pay(payment.id))
    await asked.wait()
    refunding = asyncio.ensure_future(harness.bank.refund(payment.id, 4000))
    await asyncio.sleep(0)
    await asyncio.wait_for(harness.bank.notifications.all[-1].tried.wait(), PATIENCE)
    go_on.set()
    await asyncio.gather(paying, refunding)
    await harness.told(maria, "Возвращено 40,00", before)
    assert told_paid(maria) == 1
    assert len(questions(harness)) == 2


# The clock


async def slow_links(harness: BotHarness, someone: Someone) -> None:
    """One person's many links, about which the provider answers nothing, all due before anybody else's."""
    await invoice(someone, "100")
    harness.bank.faults.add("hang", method="GET /payments/x*")
    await copies(harness, 40)


async def paid_quietly(harness: BotHarness, someone: Someone) -> Payment:
    harness.bank.faults.add("notification_loss")
    await invoice(someone, "200")
    payment = harness.bank.payments[-1]
    await harness.bank.pay(payment.id)
    return payment


async def test_one_person_s_slow_links_keep_nobody_s_result_waiting(harness: BotHarness, maria: Someone) -> None:
    await slow_links(harness, maria)
    oleg = await harness.customer("Олег", OTHER)
    await paid_quietly(harness, oleg)
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    tick = asyncio.ensure_future(harness.app.use(Settlement).watch())
    await harness.told(oleg, "получена", before)
    assert not tick.done(), "hers are being asked about still"
    tick.cancel()
    await asyncio.gather(tick, return_exceptions=True)


@pytest.mark.limits(intervals={"tick": 0.1})
async def test_a_slow_answer_does_not_keep_the_next_tick_from_asking(harness: BotHarness) -> None:
    """By the real ticker."""
    maria, oleg = [
        await harness.customer(name, account) for name, account in (("Мария", "360000123456"), ("Олег", OTHER))
    ]
    await slow_links(harness, maria)
    harness.clock.advance(seconds=6)
    await harness.until("SELECT count(*) FROM orders WHERE ask_at > created_at AND key LIKE 'k%'", [(5,)])
    before = harness.world.cursor
    await paid_quietly(harness, oleg)
    harness.clock.advance(seconds=6)
    await harness.told(oleg, "получена", before)


@pytest.mark.limits(intervals={"tick": 3600})  # nothing else asks
async def test_everybody_s_first_link_comes_before_anybody_s_second(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", "360000123456")
    await invoice(maria, "100")
    await copies(harness, 7)
    oleg = await harness.customer("Олег", OTHER)
    await invoice(oleg, "200")
    harness.clock.advance(minutes=1)
    async with harness.app.store.reading() as unit:
        found = await unit.of(OrderRepository).due(harness.clock.now(), 3, 10)
    assert [order.user_id for order in found] == [maria.id, oleg.id, maria.id, maria.id]
    assert found[0].key == "k0"


async def test_ticks_that_overlap_ask_about_an_order_once(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    harness.clock.advance(seconds=6)
    await asyncio.gather(*(harness.app.use(Settlement).watch() for _ in range(5)))
    assert len(questions(harness)) == 1
