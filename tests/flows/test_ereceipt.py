"""Receipts that come by themselves: by e-mail to a confirmed address instead of paper, and into the chat."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.cli.account import Mend
from bot.cli.registry import export_paperless, export_reasons
from services.accounts.models import Trust
from services.customers.addresses import meant
from services.customers.ports import CustomerRepository
from services.notices.errors import MailRefused
from services.notices.letters import NEWS_PER_DAY
from services.notices.ports import Letter
from services.supplier.profile import SupplierProfile
from tests.conftest import SAMPLES
from tests.flows.kept import killed_before_done
from tests.flows.mailed import confirm, link, link_in
from tests.flows.test_account_command import account
from tests.flows.test_erasure import erase, places
from tests.flows.test_handover import hand_over
from tests.flows.test_privacy import download
from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch, trusts
from tests.flows.test_sharing import join
from tests.harness import BotHarness, link_of
from tests.people import Someone

FIRST, SECOND = "maria@mail.ru", "masha@yandex.ru"
OTHER = "360000200017"


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    """Maria has proved her account."""
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


def subscribed(harness: BotHarness) -> list[tuple[object, ...]]:
    return harness.rows("SELECT user_id, channel, address, paperless FROM subscriptions ORDER BY user_id, channel")


def by_mail(harness: BotHarness) -> list[str]:
    return [str(address) for _, channel, address, _ in subscribed(harness) if channel == "mail"]


def without_paper(harness: BotHarness) -> list[tuple[object, ...]]:
    return harness.rows("SELECT account, since, ended_at FROM paperless ORDER BY id")


async def open_delivery(someone: Someone) -> None:
    await someone.send("Доставка квитанций")


async def join_by_mail(someone: Someone, address: str) -> None:
    """Agree to the conditions and type where to."""
    await open_delivery(someone)
    await someone.press("Подключить квитанцию на e-mail")
    await someone.press("Я согласен")
    await someone.send(address)


async def subscribe(harness: BotHarness, someone: Someone, address: str = FIRST) -> None:
    await join_by_mail(someone, address)
    await someone.send(await link(harness))
    assert "Квитанция подключена" in someone.screen
    assert (await harness.letterbox.letter()).subject == "Квитанция на e-mail подключена"


async def letters(harness: BotHarness, count: int) -> dict[str, Letter]:
    """The next ones, by subject."""
    taken = [await harness.letterbox.letter() for _ in range(count)]
    assert harness.letterbox.letters.empty()
    return {letter.subject: letter for letter in taken}


# Subscribing


async def test_the_confirmed_address_is_offered_and_needs_no_second_link(harness: BotHarness, owner: Someone) -> None:
    await confirm(harness, owner, FIRST)
    await owner.send("Подключить квитанцию")
    assert owner.screen == (
        "📬 Доставка квитанций\nСчёт …3456\n\n📧 На e-mail: не подключена\n\n💬 В Telegram: включена"
    )
    assert owner.main_buttons == ["Подключить квитанцию на e-mail"]
    await owner.press("Подключить квитанцию на e-mail")
    assert (
        "• Бумажная квитанция по этому счёту больше не приходит. Если услугу отключить, она вернётся." in owner.screen
    )
    assert by_mail(harness) == [], "nothing before the consent"
    await owner.press("Я согласен")
    press = owner.find("Оставить m•••@mail.ru")
    for _ in range(2):
        harness.world.press(owner.person, owner.id, *press)
    await harness.quiet()
    assert "📧 На e-mail: подключена, m•••@mail.ru. Бумажная не приходит." in owner.screen
    assert subscribed(harness) == [(owner.id, "mail", FIRST, 1), (owner.id, "telegram", "", 0)]
    [letter] = (await letters(harness, 1)).values()
    assert (letter.to, letter.subject) == (FIRST, "Квитанция на e-mail подключена")
    assert "по счёту …3456 теперь приходят на этот адрес. Бумажные больше не приходят." in letter.text
    assert without_paper(harness) == [(ACCOUNT, "2026-11-23 07:14:00.000000", None)]
    assert FIRST not in owner.seen.replace("например maria@mail.ru", ""), "only masked"
    await owner.send("/settings")
    await owner.press("Почта")
    await owner.press("Удалить")
    assert "Придут на него только квитанции: их отключают в «Доставке квитанций»." in owner.screen


async def test_another_address_counts_when_its_link_was_opened(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/menu")
    await owner.press("Квитанции")
    await owner.press("Доставка квитанций")
    await owner.press("Подключить квитанцию на e-mail")
    await owner.press("Я согласен")
    for typed in ("кракозябра", "3650 1580"):
        await owner.send(typed)
        assert "Это не похоже на адрес электронной почты." in owner.screen
    await owner.send("maria@mail.ry")
    assert owner.screen == "Вы написали maria@mail.ry. Может быть, maria@mail.ru?"
    await owner.press("Да, исправить")
    assert "⏳ m•••@mail.ru ждёт подтверждения." in owner.screen
    assert "до 24.11.2026 10:14" in owner.screen
    letter = await harness.letterbox.letter()
    assert (letter.to, letter.subject) == (FIRST, "Подтвердите адрес для квитанций")
    assert "по счёту …3456" in letter.text
    oleg = await harness.customer("Олег")
    await oleg.send(link_in(letter))
    assert "Эта ссылка не ваша" in oleg.screen
    assert "mail.ru" not in oleg.seen
    assert by_mail(harness) == []
    await owner.send(link_in(letter))
    assert "✅ Квитанция подключена: адрес m•••@mail.ru подтверждён." in owner.screen
    assert by_mail(harness) == [FIRST]
    assert (await harness.letterbox.letter()).subject == "Квитанция на e-mail подключена"
    assert harness.rows("SELECT email FROM users WHERE id = ?", owner.id) == [(FIRST,)], "they had no other"
    await owner.send(link_in(letter))
    assert "✅ Квитанция подключена: адрес m•••@mail.ru подтверждён." in owner.screen
    assert harness.letterbox.letters.empty()


async def test_an_address_that_waits_is_asked_again_replaced_and_taken_back(
    harness: BotHarness, owner: Someone
) -> None:
    await join_by_mail(owner, FIRST)
    first = await link(harness)
    await owner.press("Отправить письмо ещё раз")
    again = await link(harness)
    assert first != again
    await owner.send("/menu")
    await owner.send("ой, masha@yandex.ru")
    assert "Это не похоже на адрес" in owner.screen
    await owner.send(SECOND)
    assert "m•••@yandex.ru ждёт подтверждения" in owner.screen
    second = await link(harness)
    for old in (first, again):
        await owner.send(old)
        assert "Эта ссылка больше не действует: после неё вы указали другой адрес" in owner.screen
    await owner.press("Не подключать")
    assert "📧 На e-mail: не подключена" in owner.screen
    await owner.send(second)
    assert "больше не действует" in owner.screen
    await join_by_mail(owner, SECOND)
    late = await link(harness)
    harness.clock.advance(hours=24)
    await owner.send(late)
    assert "она работает 24 часа. Запросите новое письмо." in owner.screen
    await owner.press("Доставка квитанций")
    assert "На e-mail: не подключена" in owner.screen
    assert by_mail(harness) == []
    assert harness.letterbox.letters.empty()


async def test_letters_have_their_limits_and_a_dead_address_is_told(harness: BotHarness, owner: Someone) -> None:
    await join_by_mail(owner, FIRST)
    for _ in range(4):
        await owner.press("Отправить письмо ещё раз")
    await owner.press("Отправить письмо ещё раз")
    assert owner.screen == "Больше писем отправить пока нельзя. Попробуйте завтра."
    for _ in range(5):
        await harness.letterbox.letter()
    harness.clock.advance(days=1, minutes=1)
    harness.letterbox.trouble = MailRefused()
    before = harness.world.cursor
    await join_by_mail(owner, SECOND)
    await harness.told(owner, "Письмо на m•••@yandex.ru не доставлено. Проверьте адрес.", before)
    assert by_mail(harness) == []


@pytest.mark.parametrize(
    ("typed", "probably"),
    [
        ("mail.ry", "mail.ru"),
        ("gmial.com", "gmail.com"),
        ("gmail.ru", "gmail.com"),
        ("yandex.r", "yandex.ru"),
        ("maill.ru", "mail.ru"),
        ("outlok.com", "outlook.com"),
        ("mail.ru", None),
        ("mail.ua", None),
        ("energosbyt.example", None),
    ],
)
def test_slips_in_the_names_of_providers_are_seen(typed: str, probably: str | None) -> None:
    assert meant(f"m@{typed}") == (probably and f"m@{probably}")


async def test_an_address_that_looks_wrong_may_be_right(harness: BotHarness, owner: Someone) -> None:
    await join_by_mail(owner, "maria@mail.ry")
    doubt = owner.find("Да, исправить")
    await owner.press("Нет, всё верно")
    assert (await harness.letterbox.letter()).to == "maria@mail.ry"
    await owner.press_data(*doubt)
    assert "m•••@mail.ry ждёт подтверждения" in owner.screen, "it was answered already"
    assert harness.letterbox.letters.empty()


# Changing and ending


async def test_the_old_address_and_the_new_one_hear_of_a_change(harness: BotHarness, owner: Someone) -> None:
    await subscribe(harness, owner)
    await owner.press("Изменить e-mail")
    assert "Сейчас квитанция приходит на m•••@mail.ru." in owner.screen
    await owner.send(SECOND)
    assert "подключена, m•••@mail.ru." in owner.screen
    assert "m•••@yandex.ru ждёт подтверждения" in owner.screen
    await owner.send(await link(harness))
    assert by_mail(harness) == [SECOND]
    told = await letters(harness, 2)
    assert told["Адрес для квитанций изменён"].to == FIRST
    assert "yandex" not in told["Адрес для квитанций изменён"].text
    assert "8 800" in told["Адрес для квитанций изменён"].text
    assert told["Квитанция на e-mail подключена"].to == SECOND
    assert harness.rows("SELECT email FROM users WHERE id = ?", owner.id) == [(FIRST,)], "their own stays"
    await owner.press("Изменить e-mail")
    await owner.send("MARIA@mail.ru")
    assert "✅ Квитанция будет приходить на m•••@mail.ru." in owner.screen
    assert by_mail(harness) == [FIRST], "as it was confirmed, and at once"
    assert len(without_paper(harness)) == 1


async def test_the_end_asks_why_says_what_is_lost_and_waits_for_a_link(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    await subscribe(harness, owner)
    await owner.send("отключить электронную квитанцию")
    await owner.press("Отключить e-mail")
    assert "Почему вы хотите отключить" in owner.screen
    await owner.send("б" * 301)
    assert "до 300 знаков" in owner.screen
    await owner.send("=Бабушке удобнее\nбумажная")
    assert "новые квитанции на m•••@mail.ru больше не придут. Бумажная придёт, начиная с квитанции за ноябрь 2026." in (
        owner.screen
    )
    assert "платить и скачивать квитанции здесь можно будет по-прежнему" in owner.screen
    await owner.press("Прислать письмо для отключения")
    assert "⏳ Отключение ждёт подтверждения: откройте ссылку из письма на m•••@mail.ru до 24.11.2026 10:14." in (
        owner.screen
    )
    asked = await harness.letterbox.letter()
    assert (asked.to, asked.subject) == (FIRST, "Подтвердите отключение квитанций")
    assert by_mail(harness) == [FIRST]
    await owner.press("Не отключать")
    await owner.send(link_in(asked))
    assert "после неё вы изменили адрес или передумали отключать" in owner.screen
    assert by_mail(harness) == [FIRST]
    await owner.press("Отключить e-mail")
    await owner.press("Письма не приходят")
    await owner.press("Прислать письмо для отключения")
    await harness.letterbox.letter()
    await owner.press("Отправить письмо ещё раз")
    payload = await link(harness)
    oleg = await harness.customer("Олег")
    await oleg.send(payload)
    assert "Эта ссылка не ваша" in oleg.screen
    harness.clock.set("2026-11-24 09:00")
    await owner.send(payload)
    assert owner.screen.startswith(
        "✅ Квитанция на e-mail отключена. Бумажная придёт, начиная с квитанции за ноябрь 2026.\n\n📬 Доставка"
    )
    assert by_mail(harness) == []
    [told] = (await letters(harness, 1)).values()
    assert (told.to, told.subject) == (FIRST, "Квитанция на e-mail отключена")
    assert "Бумажные придут, начиная с квитанции за ноябрь 2026." in told.text
    await owner.send(payload)
    assert "отключена. Бумажная придёт, начиная с квитанции за ноябрь 2026." in owner.screen
    assert subscribed(harness) == [(owner.id, "telegram", "", 0)], "the chat has a switch of its own"
    harness.clock.set("2026-11-26 09:00")
    await join_by_mail(owner, SECOND)
    await owner.send(await link(harness))
    url, profile = harness.app.settings.database.url, harness.app.use(SupplierProfile)
    assert await export_paperless(url, profile, tmp_path / "paper.csv") == 2
    assert (tmp_path / "paper.csv").read_text(encoding="utf-8").splitlines() == [
        "account;since;ended;paper_from",
        f"{ACCOUNT};2026-11-23;2026-11-24;2026-11",
        f"{ACCOUNT};2026-11-26;;",
    ]
    assert await export_reasons(url, tmp_path / "reasons.csv", date(2026, 11, 1), date(2026, 11, 30)) == 2
    assert (tmp_path / "reasons.csv").read_text(encoding="utf-8").splitlines() == [
        "date;reason;words",
        "2026-11-23;other;'=Бабушке удобнее бумажная",
        "2026-11-23;missing;",
    ], "each once, and without whose it is"
    harness.clock.advance(days=366)
    await harness.every_tick()
    assert without_paper(harness) == [(ACCOUNT, "2026-11-26 06:00:00.000000", None)]
    assert harness.rows("SELECT * FROM ending_reasons") == []


async def test_who_begins_and_ends_it_again_and_again_fills_no_table(harness: BotHarness, owner: Someone) -> None:
    """Paper that was wanted again for less than a day was not printed."""
    await confirm(harness, owner, FIRST)
    for _ in range(NEWS_PER_DAY + 5):
        await open_delivery(owner)
        for label in ("Подключить квитанцию на e-mail", "Я согласен", "Оставить m•••@mail.ru", "Отключить e-mail"):
            await owner.press(label)
        for label in ("Удобнее бумажная", "Нет доступа к этой почте", "Отключить"):
            await owner.press(label)
    assert len(without_paper(harness)) == 1
    assert harness.rows("SELECT count(*) FROM ending_reasons") == [(NEWS_PER_DAY,)]


async def test_who_has_lost_the_mailbox_ends_it_in_the_chat(harness: BotHarness, owner: Someone) -> None:
    """In the first days of a month the receipt of the month before may still be to come."""
    await subscribe(harness, owner)
    harness.clock.set("2026-12-05 10:00")
    await owner.send("/delivery")
    await owner.press("Отключить e-mail")
    await owner.press("Нет доступа к этой почте")
    await owner.press("Прислать письмо для отключения")
    await harness.letterbox.letter()
    await owner.press("Нет доступа к этой почте")
    assert "без письма со ссылкой. На эту почту придёт уведомление." in owner.screen
    press = owner.find("Отключить")
    for _ in range(2):
        harness.world.press(owner.person, owner.id, *press)
    await harness.quiet()
    assert "✅ Квитанция на e-mail отключена. Бумажная придёт, начиная с квитанции за ноябрь 2026." in owner.screen
    assert by_mail(harness) == []
    [told] = (await letters(harness, 1)).values()
    assert (told.to, told.subject) == (FIRST, "Квитанция на e-mail отключена")
    assert harness.rows("SELECT reason, words FROM ending_reasons") == [("mailbox", "")]


async def test_a_reason_may_be_left_and_numbers_are_none(harness: BotHarness, owner: Someone) -> None:
    await subscribe(harness, owner)
    await owner.press("Отключить e-mail")
    asked = owner.screen
    await owner.send("Здравствуйте!")
    assert owner.screen == f"Здравствуйте!\n\n{asked}"
    await owner.send("отмена")
    assert by_mail(harness) == [FIRST]
    await owner.send("/delivery")
    await owner.press("Отключить e-mail")
    await owner.send("3650 1580")
    assert "Проверьте" in owner.screen
    await owner.send("/delivery")
    await owner.press("Отключить e-mail")
    await owner.send("оплата")
    assert "больше не придут" in owner.screen, "any words are a reason"
    await owner.send("/cancel")
    await owner.press("Прислать письмо")
    assert owner.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert harness.letterbox.letters.empty()


# The chat


async def test_the_first_proof_switches_the_chat_on_and_says_so(harness: BotHarness, maria: Someone) -> None:
    paid = await add_payment(harness, "2026-11-10", 105511)
    await prove(maria, paid)
    assert "🧾 Новые квитанции буду присылать сюда, как только они готовы." in maria.screen
    await maria.press("Не присылать сюда квитанции")
    assert "💬 В Telegram: выключена" in maria.screen
    assert subscribed(harness) == []
    await maria.press("Присылать в Telegram")
    assert "💬 В Telegram: включена" in maria.screen
    assert without_paper(harness) == [], "paper comes as before"
    await maria.press("Присылать в Telegram")
    await account(harness, Mend(reset=True, sure=True))
    assert trusts(harness) == ["confirmed"]
    harness.clock.advance(days=3)
    later = await add_payment(harness, "2026-11-25", 107722)
    await prove(maria, later)
    assert "Счёт подтверждён" in maria.screen
    assert "Новые квитанции" not in maria.screen, "they have decided already"
    assert subscribed(harness) == []
    await maria.send("/settings")
    await maria.press("Уведомления")
    await maria.press("Доставка квитанций")
    assert "В Telegram: выключена" in maria.screen


# Rights


async def test_who_knows_the_address_alone_is_led_to_the_proof(harness: BotHarness, maria: Someone) -> None:
    await maria.send("электронная квитанция")
    assert "Это доступно, когда подтверждено" in maria.screen
    assert maria.buttons == ["Подтвердить счёт", "На главную"]
    for data in ("dl1:join", "dl1:agree", "dl1:change", "dl1:again", "dl1:leave", "dl1:show"):
        await maria.press_data(maria.last_id, f"{data}:{link_of(maria, ACCOUNT)}")
    await maria.press_data(maria.last_id, f"dc1:{link_of(maria, ACCOUNT)}:1:0")
    await maria.send(FIRST)
    assert subscribed(harness) == []
    assert harness.rows("SELECT * FROM email_requests") == []


async def test_a_guest_gets_receipts_beside_the_owners_paper(harness: BotHarness, owner: Someone) -> None:
    oleg = await join(harness, owner)
    await open_delivery(oleg)
    assert "В Telegram: выключена" in oleg.screen, "of others' accounts nothing comes by itself"
    await oleg.press("Присылать в Telegram")
    await oleg.press("Подключить квитанцию на e-mail")
    assert "Бумажная квитанция приходит по-прежнему: отказаться от неё может только владелец" in oleg.screen
    await subscribe(harness, oleg, SECOND)
    assert "подключена, m•••@yandex.ru. Бумажная приходит по-прежнему." in oleg.screen
    assert without_paper(harness) == []
    assert "Отказаться от бумажной" not in oleg.buttons
    await oleg.press_data(
        oleg.last_id, f"dl1:agree:{harness.rows('SELECT id FROM links WHERE user_id = ?', oleg.id)[0][0]}"
    )
    assert without_paper(harness) == []
    await switch(owner, "Запретить управление другим")
    await open_delivery(oleg)
    assert "В Telegram" not in oleg.screen
    assert by_mail(harness) == [SECOND], "silent, until the owner opens the account again"
    await owner.press("Кто имеет доступ")
    await owner.press("Закрыть доступ: 1. Олег")
    await owner.press("Да, закрыть доступ")
    assert subscribed(harness) == [(owner.id, "telegram", "", 0)]


@pytest.fixture
async def open_to_addresses(idle_harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BotHarness:
    """A supplier that lets everybody subscribe who has confirmed the address."""
    text = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    profile = tmp_path / "supplier.toml"
    profile.write_text(text.replace("[receipts]\n", '[receipts]\nsubscribe = "address"\n'), encoding="utf-8")
    monkeypatch.setenv("SUPPLIER_PROFILE", str(profile))
    await idle_harness.start()
    return idle_harness


async def test_an_owner_hears_who_subscribes_by_the_address_and_ends_it(open_to_addresses: BotHarness) -> None:
    harness = open_to_addresses
    maria = await harness.customer("Мария", ACCOUNT)
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    stranger = await harness.customer("Чужой", ACCOUNT)
    before = harness.world.cursor
    await open_delivery(stranger)
    assert "В Telegram" not in stranger.screen, "the chat is for those who see the account"
    await subscribe(harness, stranger, SECOND)
    assert without_paper(harness) == [], "only an owner does without paper"
    await harness.told(maria, "К счёту …3456 подключили квитанцию на m•••@yandex.ru.", before)
    assert SECOND not in maria.seen
    assert not any(SECOND in str(row) for row in harness.outbox("facts", user_id=maria.id))
    stop = maria.find("Отключить ему квитанцию")
    oleg = await harness.customer("Олег", ACCOUNT)
    await oleg.press_data(oleg.last_id, stop[1])
    assert by_mail(harness) == [SECOND]
    before = harness.world.cursor
    for _ in range(2):
        await maria.press_data(*stop)
        assert "Квитанции этому человеку больше не приходят" in maria.screen
    await harness.told(stranger, "Владелец счёта …3456 отключил вам квитанции на e-mail.", before)
    assert by_mail(harness) == []
    await join_by_mail(stranger, SECOND)
    assert "Владелец счёта отключил вам квитанцию на e-mail. Чтобы подключить её снова, подтвердите счёт" in (
        stranger.screen
    )
    assert by_mail(harness) == []
    await harness.run("UPDATE links SET id = 'anew' WHERE user_id = ?", stranger.id)  # unlinked and linked again
    await join_by_mail(stranger, SECOND)
    assert "Владелец счёта отключил вам квитанцию" in stranger.screen
    await subscribe(harness, oleg, FIRST)
    await prove(oleg, await add_payment(harness, "2026-11-11", 106622))
    await harness.run("UPDATE links SET verified_at = datetime(verified_at, '-40 days')")
    await open_delivery(oleg)
    assert "подключена, m•••@mail.ru. Бумажная приходит по-прежнему." in oleg.screen
    await oleg.press("Отказаться от бумажной")
    await oleg.press("Я согласен")
    assert "подключена, m•••@mail.ru. Бумажная не приходит." in oleg.screen
    assert [row[2] for row in without_paper(harness)] == [None]
    await harness.told(maria, "Бумажная квитанция по счёту …3456 больше не приходит: другой владелец", before)
    await maria.press("Доставка квитанций")
    assert "Бумажная не приходит: вместо неё письма получает другой владелец счёта." in maria.screen
    before, back = harness.world.cursor, maria.find("Вернуть бумажную")
    for _ in range(2):
        await maria.press_data(*back)
        assert "Бумажная квитанция снова будет приходить" in maria.screen
    await harness.told(oleg, "снова приходит: так решил другой владелец счёта", before)
    assert [row[2] is None for row in without_paper(harness)] == [False]
    assert by_mail(harness) == [FIRST], "the letters go on"
    petr = await harness.customer("Пётр", ACCOUNT)
    await join_by_mail(petr, "petr@mail.ru")
    waiting = await link(harness)
    await hand_over(harness, Path(str(harness.database)).parent)
    await petr.send(waiting)
    assert "Эта ссылка больше не действует" in petr.screen
    assert by_mail(harness) == [], "of another holder's account nothing comes by the address that somebody knew"


async def test_an_owner_who_does_not_decide_yet_has_no_button(open_to_addresses: BotHarness) -> None:
    harness = open_to_addresses
    paid = await add_payment(harness, "2026-11-10", 105511)
    maria, second = [await harness.customer(one, ACCOUNT) for one in ("Мария", "Второй")]
    for someone in (maria, second):
        await prove(someone, paid)
        harness.clock.advance(minutes=1)
    stranger = await harness.customer("Чужой", ACCOUNT)
    before = harness.world.cursor
    await subscribe(harness, stranger, SECOND)
    await harness.told(second, "Если вы его не знаете, позвоните нам.", before)
    stop = maria.find("Отключить ему квитанцию")[1].split(":")
    await second.press_data(second.last_id, ":".join([*stop[:2], link_of(second, ACCOUNT)]))
    assert by_mail(harness) == [SECOND]


# The end of access


async def test_receipts_end_with_the_access(harness: BotHarness, owner: Someone) -> None:
    await subscribe(harness, owner)
    await owner.send("/accounts")
    await owner.press("Изменить")
    await owner.press("Отвязать")
    assert "Электронная квитанция по нему отключится. Бумажная снова будет приходить." in owner.screen
    await owner.press("Да, отвязать")
    assert subscribed(harness) == []
    assert without_paper(harness) == [(ACCOUNT, *["2026-11-23 07:14:00.000000"] * 2)]


async def test_another_holder_gets_paper_and_the_old_one_no_letters(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    await subscribe(harness, owner)
    await owner.press("Изменить e-mail")
    await owner.send(SECOND)
    waiting = await link(harness)
    before = harness.world.cursor
    await hand_over(harness, tmp_path)
    await harness.tick()
    await harness.told(owner, "сменился владелец", before)
    await harness.told(owner, "Квитанции по счёту …3456 на e-mail больше не приходят.", before)
    assert by_mail(harness) == []
    assert without_paper(harness)[0][2] is not None
    await owner.send(waiting)
    assert "Это доступно, когда подтверждено" in owner.screen
    assert by_mail(harness) == []


async def test_the_file_of_ones_data_has_them_and_erasure_takes_them(harness: BotHarness, owner: Someone) -> None:
    await subscribe(harness, owner)
    found = await download(owner)
    assert [(one["account"], one["channel"], one["address"]) for one in found["receipts"]] == [
        (ACCOUNT, "telegram", ""),
        (ACCOUNT, "mail", FIRST),
    ]
    assert [(one["address"], one["purpose"], one["account"]) for one in found["emails"]] == [
        (FIRST, "subscribe", ACCOUNT)
    ]
    await erase(owner)
    assert subscribed(harness) == []
    assert without_paper(harness)[0][2] is not None, "paper comes again"
    assert places(harness, FIRST) == set()


# Kills


@pytest.mark.limits(patience=0)
async def test_each_step_is_done_once_also_when_its_update_runs_again(
    harness: BotHarness, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_delivery(owner)
    await owner.press("Подключить квитанцию на e-mail")
    await owner.press("Я согласен")
    owner.types(FIRST)
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "m•••@mail.ru ждёт подтверждения" in owner.screen
    owner.types(await link(harness))
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "✅ Квитанция подключена: адрес m•••@mail.ru подтверждён." in owner.screen
    await owner.press("Отключить e-mail")
    await owner.press("Удобнее бумажная")
    owner.taps("Прислать письмо")
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "Отключение ждёт подтверждения" in owner.screen
    while (letter := await harness.letterbox.letter()).subject != "Подтвердите отключение квитанций":
        pass  # some came twice: the process ended while it sent them
    assert harness.rows("SELECT reason FROM ending_reasons") == [("paper",)]
    owner.types(link_in(letter))
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "✅ Квитанция на e-mail отключена. Бумажная придёт, начиная с квитанции" in owner.screen
    assert by_mail(harness) == []
    assert [kind for (kind,) in harness.outbox("kind", channel="mail")] == [
        "receipts_confirm",
        "receipts_on",
        "receipts_end",
        "receipts_off",
    ]


@pytest.mark.limits(patience=0)
async def test_the_end_without_a_letter_is_said_after_a_kill_as_before(
    harness: BotHarness, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe(harness, owner)
    await owner.press("Отключить e-mail")
    await owner.press("Счёт больше не мой")
    await owner.press("Нет доступа к этой почте")
    owner.taps("Отключить")
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "отключена. Бумажная придёт, начиная с квитанции за ноябрь 2026." in owner.screen
    assert len(harness.outbox("key", kind="receipts_off")) == 1
    assert harness.rows("SELECT reason FROM ending_reasons") == [("moved",)]


async def test_where_no_letters_can_be_sent_there_is_the_chat(idle_harness: BotHarness) -> None:
    idle_harness.letterbox = None  # type: ignore[assignment]
    await idle_harness.start()
    maria = await idle_harness.customer("Мария", ACCOUNT)
    await idle_harness.run("UPDATE links SET trust = 'verified'")
    await open_delivery(maria)
    assert maria.screen == "📬 Доставка квитанций\nСчёт …3456\n\n💬 В Telegram: выключена"
    for data in ("join", "agree", "change"):
        await maria.press_data(maria.last_id, f"dl1:{data}:{link_of(maria, ACCOUNT)}")
        assert maria.buttons == ["Присылать в Telegram", "Квитанции", "На главную"]
    await maria.send(FIRST)
    assert idle_harness.rows("SELECT * FROM email_requests") == []


async def test_each_account_has_its_own_receipts(harness: BotHarness, owner: Someone) -> None:
    await subscribe(harness, owner)
    await harness.run("UPDATE links SET label = 'Дача'")
    async with harness.app.store.writing() as unit:
        await unit.of(CustomerRepository).link(owner.id, "second", OTHER, Trust.CONFIRMED, harness.clock.now())
        await unit.commit()
    await harness.run("UPDATE links SET trust = 'verified'")
    await owner.send("/delivery")
    assert "Выберите счёт." in owner.screen
    assert owner.labels[-3:-1] == ["Дача · …3456", "…0017"]
    await owner.press("…0017")
    await owner.press("Подключить квитанцию на e-mail")
    await owner.press("Я согласен")
    await owner.press("Оставить m•••@mail.ru")
    assert "✅ Квитанция будет приходить на m•••@mail.ru." in owner.screen
    assert {row[0] for row in without_paper(harness)} == {ACCOUNT, OTHER}
    await owner.press("Другой счёт")
    assert "Выберите счёт." in owner.screen


async def test_a_proof_beside_another_one_takes_no_paper_from_the_household(
    harness: BotHarness, owner: Someone
) -> None:
    """Until it is 30 days old and everybody who was there before has had the time to undo it."""
    harness.clock.advance(minutes=1)
    second = await harness.customer("Второй", ACCOUNT)
    await prove(second, "1055,11")
    await open_delivery(second)
    await second.press("Подключить квитанцию на e-mail")
    assert "Бумажная квитанция пока приходит по-прежнему: отказаться от неё вы сможете с 24.12.2026." in second.screen
    await second.press("Я согласен")
    await second.send(SECOND)
    await second.send(await link(harness))
    assert "подключена, m•••@yandex.ru. Бумажная приходит по-прежнему." in second.screen
    await second.press_data(second.last_id, f"dl1:agree:{link_of(second, ACCOUNT)}")
    assert without_paper(harness) == []
    harness.clock.set("2026-12-24 10:00")
    await open_delivery(second)
    await second.press("Отказаться от бумажной")
    assert "больше не приходит. Если услугу отключить" in second.screen
    await second.press("Я согласен")
    assert "Бумажная не приходит." in second.screen
    assert [row[2] for row in without_paper(harness)] == [None]
