"""Appeals as customers write them: every message is in, whatever kind it is of, and each draft is sent once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiogram.types import Chat as TelegramChat
from aiogram.types import Message

from handlers.appeals.typed import phone_of
from sandbox.state import Chat, Json
from services.appeals import closing, exchange
from services.appeals.by_mail import tell_by_mail
from services.appeals.errors import PhoneWrong
from services.appeals.export import APPEALS, write_appeals
from services.appeals.models import Side, Written
from services.appeals.ports import AppealRepository
from services.db.appeals import SqlAppeals
from services.supplier.errors import SupplierUnavailable
from services.supplier.profile import SupplierProfile
from tests.flows.kept import killed_before_done
from tests.flows.mailed import confirm
from tests.flows.payer import invoice
from tests.flows.test_erasure import erase, gone, places
from tests.flows.test_forms import go_through
from tests.flows.test_privacy import download
from tests.flows.test_proofs import add_payment, prove
from tests.harness import BotHarness, link_of
from tests.people import PICTURE, Someone

QUESTION = "Почему в октябре начислено вдвое больше, чем в сентябре?"
SENT = "✅ Обращение № 2611-0000{number} отправлено. Ответим до 26.11, 17:00."
TO_TEXT = ("Показания и расчёт", "Мария", "Достаточно ответа здесь")


@pytest.fixture
async def group(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """The group of the staff."""
    group = idle_harness.world.add_staff_group("Поддержка")
    monkeypatch.setenv("SUPPORT_CHAT_ID", str(group.id))
    return group


@pytest.fixture
async def desk(group: Chat, harness: BotHarness) -> BotHarness:
    """A harness whose bot takes appeals."""
    return harness


@pytest.fixture
async def masha(desk: BotHarness) -> Someone:
    return await desk.customer("Мария", "360000123456")


async def start(someone: Someone, *more: str) -> None:
    """Up to the question for the text."""
    await go_through(someone, ">/appeals", "Новое обращение", *(more or TO_TEXT))


async def hand_in(someone: Someone, text: str = QUESTION) -> None:
    await start(someone)
    await someone.send(text)
    await someone.press("Отправить")


def messages(harness: BotHarness, columns: str = "kind, text") -> list[tuple[object, ...]]:
    return harness.rows(f"SELECT {columns} FROM appeal_messages ORDER BY id")


async def answer(harness: BotHarness, text: str, number: int = 1) -> int:
    """The staff write: the number of their message."""
    async with harness.app.store.writing() as unit:
        [(key,)] = harness.rows("SELECT key FROM appeals WHERE number LIKE ?", f"%{number}")
        appeal = await unit.of(AppealRepository).get(key)
        assert appeal is not None
        [chat] = [chat for chat in harness.world.chats.values() if chat.type == "supergroup"]
        colleague = harness.world.add_person("Анна", "ru")
        harness.world.join(chat, colleague)
        message = harness.world.send_text(colleague, text, chat=chat)["message_id"]
        written = Written(Side.STAFF, chat.id, message, harness.clock.now(), text, author=colleague.id)
        kept = await exchange.to_customer(unit, appeal, written, harness.clock.now())
        assert kept is not None
        await tell_by_mail(unit, appeal, kept, harness.clock.now())
        told = replace(appeal, answered_at=harness.clock.now(), answer_at=harness.clock.now())
        await unit.of(AppealRepository).save(told)
        await unit.commit()
    return kept.id


async def test_an_appeal_is_written_checked_sent_once_and_read(desk: BotHarness, masha: Someone) -> None:
    await masha.send("/menu")
    await masha.press("Обращения")
    assert masha.screen == "✉️ Обращения\n\nЗдесь будут ваши вопросы и ответы на них."
    await go_through(masha, "Новое обращение", "Показания и расчёт")
    assert "Как к вам обращаться" in masha.screen
    await masha.send("3650")
    assert "до 60 букв" in masha.screen
    await go_through(masha, ">Марея", "Назад", ">Мария  Ивановна", ">8 (900) 123-45-67")
    assert "Телефон: +7 900 123-45-67" in masha.screen
    await go_through(masha, ">masha@gmial.com", "Да, masha@gmail.com", "Дальше")
    assert "коротко и понятно" in masha.screen
    await masha.send("Меню")
    assert "«Меню»" in masha.screen, "no command here: the words of an appeal"
    await go_through(masha, "Текст", f">{QUESTION}")
    await masha.file("document", "договор", b"%PDF-1.4")
    for line in ("Счёт: …3456", "Имя: Мария Ивановна", "masha@gmail.com", QUESTION, "договор", "document.bin"):
        assert line in masha.screen
    assert "Меню" not in masha.screen
    await go_through(masha, "Имя", ">Маша", "Контакты", "Отвечать только по e-mail", "Тема", "Квитанции")
    assert "Тема: Квитанции" in masha.screen
    assert "Имя: Маша" in masha.screen
    assert "+7" not in masha.screen
    message, data = masha.find("Отправить")
    masha.taps("Отправить")
    masha.taps("Отправить")
    await desk.quiet()
    await masha.press_data(message, data)
    assert masha.toast == "Обращение № 2611-00001 уже отправлено."
    assert SENT.format(number=1) in masha.screen
    assert "и на m•••@gmail.com" in masha.screen
    rows = desk.rows("SELECT subject, account, name, email, phone, by_mail_only FROM appeals")
    assert rows == [("receipts", "360000123456", "Маша", "masha@gmail.com", "", 1)]
    assert messages(desk) == [("text", QUESTION), ("document", "договор")]
    letter = await desk.letterbox.letter()
    assert (letter.to, letter.subject) == ("masha@gmail.com", "Обращение № 2611-00001 принято")
    assert QUESTION in letter.text
    assert "Маша" not in letter.text
    await desk.outbox_is_done()
    await masha.press("Обращения")
    assert "№ 2611-00001 · Квитанции\n⏳ ждёт ответа" in masha.screen
    await masha.press("2611-00001")
    assert QUESTION in masha.screen
    assert "📎 document.bin" in masha.screen
    await masha.press("document.bin")
    assert masha.documents[-1][1] == b"%PDF-1.4"


async def test_an_album_of_the_staff_is_one_letter_with_all_its_words(
    desk: BotHarness, group: Chat, masha: Someone
) -> None:
    await confirm(desk, masha, "maria@mail.ru")
    await start(masha, "Оплата и долг", "Мария", "Отвечать и на m•••@mail.ru", "Дальше")
    await go_through(masha, f">{QUESTION}", "Отправить")
    assert (await desk.letterbox.letter()).subject == "Обращение № 2611-00001 принято"
    await desk.outbox_is_done()
    [(thread,)] = desk.rows("SELECT thread_id FROM desk_topics")
    colleague = desk.world.add_person("Анна")
    desk.world.join(group, colleague)
    for number in range(3):
        place = {"chat": group, "thread_id": thread, "media_group_id": "7"}
        desk.world.send_file(colleague, "photo", PICTURE, "a.png", "Акт" if number == 0 else None, **place)
    await desk.quiet()
    await desk.outbox_is_done()
    letter = await desk.letterbox.letter()
    assert (letter.subject, letter.text.count("Акт")) == ("Ответ на обращение № 2611-00001", 1)
    assert desk.letterbox.letters.empty()
    assert [one.get("caption") for one in desk.world.chat_view(masha.id) if "photo" in one] == ["Акт", None, None]


async def test_answers_are_read_replied_to_closed_reopened_and_rated(desk: BotHarness, masha: Someone) -> None:
    await confirm(desk, masha, "maria@mail.ru")
    await start(masha, "Оплата и долг", "Мария", "Отвечать и на m•••@mail.ru", "Дальше")
    await go_through(masha, f">{QUESTION}", "Отправить")
    assert (await desk.letterbox.letter()).subject == "Обращение № 2611-00001 принято"
    await answer(desk, "Мы <проверили> счётчик.")
    letter = await desk.letterbox.letter()
    assert (letter.to, letter.subject) == ("maria@mail.ru", "Ответ на обращение № 2611-00001")
    await desk.outbox_is_done()
    for mark in ("🔵", "✉️"):
        await masha.send("/menu")
        home = desk.world.chat_view(masha.id)[-1]["reply_markup"]["inline_keyboard"]
        assert f"{mark} Обращения" in {button["text"] for row in home for button in row}
        await masha.press("Обращения")
        assert ("🔵 есть новый ответ" if mark == "🔵" else "💬 есть ответ") in masha.screen
        await masha.press("2611-00001")
        assert "Специалист, 23.11.2026" in masha.screen
    [(copied,)] = desk.rows("SELECT copy_id FROM appeal_messages WHERE side = 'staff'") or [(None,)]
    to = copied or masha.last_id
    if copied is None:  # nothing notes the copies yet
        await desk.run("UPDATE appeal_messages SET copy_chat_id = ?, copy_id = ? WHERE side = 'staff'", masha.id, to)
    await masha.send("Меню по ремонту <b>не</b> пришло", reply_to=int(str(to)))
    assert "✅ Передал специалисту, обращение № 2611-00001" in masha.screen
    await masha.photo()
    assert [kind for (kind,) in messages(desk, "kind")] == ["text", "text", "text", "photo"]
    await masha.press("Готово")
    await masha.press("Вопрос решён")
    assert desk.rows("SELECT state, closed_by FROM appeals") == [("closed", "customer")]
    await go_through(masha, "4", ">добрый день", ">всё ясно, спасибо")
    assert desk.rows("SELECT rating, rating_words FROM appeals") == [(4, "всё ясно, спасибо")]
    await go_through(masha, "Назад", "Спросить ещё", ">Ещё вопрос о том же")
    assert desk.rows("SELECT state, reopened FROM appeals") == [("open", 1)]
    async with desk.app.store.writing() as unit:
        [(key,)] = desk.rows("SELECT key FROM appeals")
        appeal = await unit.of(AppealRepository).get(key)
        assert appeal is not None
        await closing.close(unit, appeal, Side.STAFF, desk.clock.now())
        await unit.commit()
    before = desk.world.cursor - 1
    await desk.told(masha, "Вопрос решён?", max(before - 2, 0))
    await masha.press("Нет, не решён")
    assert "снова открыто" in masha.screen
    assert desk.rows("SELECT state, reopened FROM appeals") == [("open", 2)]


def document(name: str, megabytes: int) -> Json:
    return {"document": {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": megabytes << 20}}


async def test_other_kinds_of_messages_and_files_are_taken_or_refused_with_a_reason(
    desk: BotHarness, masha: Someone
) -> None:
    await start(masha)
    refused = [
        ("x.exe", None),
        ("Договор.pdf.exe", None),
        ("фото.EXE .", None),
        ("x.pdf", "application/x-msdownload"),
        ("doc\u202efdp.exe", None),
    ]
    for name, mime in refused:
        desk.world.send_file(masha.person, "document", PICTURE, name, mime_type=mime)
        await desk.quiet()
        assert "Такой файл мы не принимаем" in masha.screen, name
    await masha.sticker()
    assert "К обращению это не приложить" in masha.screen
    for content in ({"dice": {"emoji": "🎲", "value": 1}}, {"hologram": {"x": 1}}):
        await masha.say(content)
    await masha.contact()
    await masha.location()
    assert "К обращению это не приложить" in masha.screen
    await masha.say(document("b.zip", megabytes=51))
    assert "Файл слишком большой: 51 МБ, а принимаем до 20 МБ." in masha.screen
    await masha.say(document("f.zip", megabytes=20))
    assert "f.zip" in masha.screen
    for kind in ("voice", "video", "audio", "video_note"):
        await masha.file(kind)
    assert "голосовое сообщение" in masha.screen
    long = "Ы&" * 2048
    await masha.say({"text": long, "entities": [{"type": "bold", "offset": 0, "length": 4096}]})
    assert "Ы&Ы&" in masha.screen
    await masha.send("36 0000 200 017")
    assert "Нашёл счёт …0017" in masha.screen, "numbers alone are no part of it"
    await go_through(masha, ">/menu", "Обращения", "Новое обращение")
    assert "f.zip" in masha.screen, "and the draft is still there"
    await masha.press("Отправить")
    [text] = [one for kind, one in messages(desk) if kind == "text"]
    assert text == f"<b>{long.replace('&', '&amp;')}</b>"
    kinds = [kind for (kind,) in messages(desk, "kind")]
    assert kinds == ["document", "voice", "video", "audio", "video_note", "text"]


@pytest.mark.limits(patience=0)
async def test_an_album_of_ten_is_one_thing_also_with_a_kill_in_the_middle(
    desk: BotHarness, masha: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(masha)
    before = desk.world.cursor
    for number in range(10):
        caption = QUESTION if number == 0 else None
        desk.world.send_file(masha.person, "photo", PICTURE, "p.jpg", caption, media_group_id="7")
    await killed_before_done(desk, monkeypatch)
    await desk.quiet()
    said = [e for e in desk.world.events[before:] if e["type"] == "message" and e["message"]["from"]["is_bot"]]
    assert len(said) == 1
    assert "альбом" in masha.screen
    await masha.photo()
    assert "помещается 10 файлов" in masha.screen
    await go_through(masha, ">/menu", "Обращения", "Новое обращение", "Отправить")
    assert messages(desk, "kind, album") == [("photo", "7")] * 10
    await masha.press("Дополнить")
    before = desk.world.cursor
    for _ in range(3):
        desk.world.send_file(masha.person, "photo", PICTURE, "p.jpg", media_group_id="8")
    await desk.quiet()
    added = [e for e in desk.world.events[before:] if e["type"] == "message" and e["chat_id"] == masha.id]
    assert sum(e["message"]["from"]["is_bot"] for e in added) == 1
    assert len(messages(desk)) == 13


async def test_words_that_nobody_asked_for_are_offered_to_support(desk: BotHarness, masha: Someone) -> None:
    await masha.send("Здравствуйте, у меня не горит свет")
    assert masha.screen.startswith("Отправить это в поддержку?\n\n«Здравствуйте, у меня не горит свет»")
    await masha.send("уже второй день <b> подряд")
    await go_through(masha, "Отправить в поддержку", "Другой вопрос", "Мария", "Достаточно ответа здесь")
    assert "не горит свет\n\nуже второй день <b> подряд" in masha.screen
    await masha.press("Отправить")
    assert [text for _, text in messages(desk)] == [
        "Здравствуйте, у меня не горит свет",
        "уже второй день &lt;b&gt; подряд",
    ]
    await masha.send("кракозябра")
    assert masha.screen.startswith("Не понял")
    desk.world.advance(86400)
    await masha.press("Дополнить")
    await masha.send("И ещё одно")
    await masha.send("3650 1580")
    assert "День 3 500 → 3 650" in masha.screen, "numbers are readings again"
    await go_through(masha, ">/menu", "Дополнить", ">И ещё два")
    desk.world.advance(1200)
    await masha.send("А теперь о другом: когда поверка?")
    assert masha.screen.startswith("Отправить это в поддержку?"), "long after the conversation it is another one"


async def test_words_that_were_offered_before_an_appeal_are_not_offered_again(masha: Someone) -> None:
    await masha.send("Здравствуйте, у меня не горит свет")
    await hand_in(masha)
    await masha.press("На главную")
    await masha.send("А ещё один вопрос про счётчик")
    assert masha.screen.startswith("Отправить это в поддержку?\n\n«А ещё один вопрос про счётчик»")


async def test_people_without_an_account_write_about_an_address(desk: BotHarness) -> None:
    oleg = await desk.customer("Олег")
    await go_through(oleg, ">оператор", "Новое обращение", "Договор и смена владельца")
    assert "населённый пункт" in oleg.screen
    for right, question in (
        ("г. Лиски", "населённый пункт"),
        ("ул. Мира, 5", "улица, дом, квартира"),
        ("Олег", "Как к вам обращаться"),
        ("9001234567", "пришлите адрес или телефон"),
    ):
        assert question in oleg.screen
        for kind in ("photo", "voice", "sticker"):
            await oleg.file(kind)
        for wrong in ("", "7" * 4096, "a@b", "<b>" * 200):
            await oleg.say({"text": wrong})
            assert "Отмена" in oleg.buttons, "an error keeps the question's buttons"
        await oleg.send(right)
    await oleg.press("Дальше")
    await go_through(oleg, ">Как заключить договор на новый дом?", "Отправить")
    assert SENT.format(number=1) in oleg.screen
    columns = "account, locality, address, name, phone"
    assert desk.rows(f"SELECT {columns} FROM appeals") == [("", "г. Лиски", "ул. Мира, 5", "Олег", "+79001234567")]


async def test_what_is_anothers_stays_theirs(desk: BotHarness, masha: Someone) -> None:
    await hand_in(masha)
    [(key, number)] = desk.rows("SELECT a.key, m.id FROM appeals a JOIN appeal_messages m ON m.appeal = a.key")
    oleg = await desk.customer("Олег", "360000200017")
    actions = ("open", "reply", "close", "rate", "reopen")
    forged = [f"ap1:{action}:{key}" for action in actions]
    for data in (*forged, f"at1:{key}:0", f"ar1:1:{key}", f"af1:{number}", f"ae1:send:{key}"):
        await oleg.press_data(oleg.last_id, data)
        assert QUESTION not in oleg.seen
    await oleg.send("Добавьте и это")
    assert desk.rows("SELECT state, rating, reopened FROM appeals") == [("open", None, 0)]
    assert len(messages(desk)) == 1
    await start(oleg, "Квитанции", "Олег", "Достаточно ответа здесь")
    await oleg.send(QUESTION)
    await desk.run("DELETE FROM links WHERE user_id = ?", oleg.id)
    await oleg.press("Отправить")
    assert len(desk.rows("SELECT key FROM appeals")) == 1, "the account is not theirs any more"
    await go_through(oleg, ">/appeals", "Новое обращение")
    assert "населённый пункт" in oleg.screen, "the question is kept, about another place"


async def test_ten_a_day_and_old_ones_on_request(desk: BotHarness, masha: Someone) -> None:
    for _ in range(10):
        await go_through(masha, ">/appeals", "Новое обращение", "Квитанции", "Мария")
        await go_through(masha, "Достаточно ответа здесь", f">{QUESTION}", "Отправить")
    await go_through(masha, ">/appeals", "Новое обращение", "Квитанции", "Мария")
    await go_through(masha, "Достаточно ответа здесь", f">{QUESTION}", "Отправить")
    assert "Сегодня вы отправили уже 10 обращений" in masha.screen
    desk.clock.advance(days=1)
    await go_through(masha, ">/appeals", "Новое обращение", "Отправить")
    assert "№ 2611-00011" in masha.screen, "nothing of the draft is lost"
    await masha.press("Обращения")
    assert masha.screen.count("№") == 8
    await masha.press("Раньше")
    assert masha.screen.count("№") == 3
    desk.clock.advance(days=100)
    await masha.send("/appeals")
    assert "За три месяца обращений не было." in masha.screen
    await masha.press("Показать старше")
    assert masha.screen.count("№") == 8
    desk.clock.advance(days=3 * 366)
    await desk.every_tick()
    assert desk.rows("SELECT * FROM appeals") == messages(desk) == []


async def test_ones_own_data_hold_appeals_and_erasure_takes_them(desk: BotHarness, masha: Someone) -> None:
    secret = "Мой кот Барсик перегрыз провод, что делать?"
    await start(masha, "Другой вопрос", ">Матрёна", "Достаточно ответа здесь")
    await go_through(masha, f">{secret}", "Отправить")
    await answer(desk, "Вызовите электрика")
    await desk.outbox_is_done()
    found = await download(masha)
    assert found["appeals"][0]["number"] == "2611-00001"
    assert [one["text"] for one in found["appeal_messages"]] == [secret, "Вызовите электрика"]
    await erase(masha)
    gone(desk, masha)
    assert places(desk, "Матрёна") == set()
    assert places(desk, secret) <= {"appeal_messages.text"}, "the company keeps the question, of nobody"


async def test_where_no_group_is_set_up_nothing_is_offered(harness: BotHarness, maria: Someone) -> None:
    assert "Обращения" not in maria.labels
    await maria.send("/appeals")
    assert "Обращения здесь не принимаются. Позвоните, пожалуйста: 8 800" in maria.screen
    await maria.send("Здравствуйте, у меня не горит свет")
    assert maria.screen.startswith("Не понял")


async def test_an_appeal_begins_with_what_it_is_about(desk: BotHarness, masha: Someone) -> None:
    """From a doubtful reading, a receipt, a page of charges, a failed payment and a trouble of ours."""
    await prove(masha, await add_payment(desk, "2026-11-10", 105511))
    await go_through(masha, ">3650 1480", "Спросить об этом")
    assert masha.screens[-2] == "✉️ К показаниям счётчика 10000001: День 3 650, Ночь 1 480, счёт …3456"
    assert "Как к вам обращаться" in masha.screen, "the subject is known"
    await go_through(masha, "Мария", "Достаточно ответа здесь", ">Так показывает счётчик", "Отправить")
    assert [text for _, text in messages(desk)][1:] == ["Так показывает счётчик"]
    assert desk.rows("SELECT subject FROM appeals") == [("charges",)]
    await go_through(masha, ">/history", "Начисления и оплаты", "Спросить об этом")
    assert masha.screens[-2] == "✉️ К начислениям за июнь — ноябрь 2026, счёт …3456"
    await masha.press("Отмена")
    await masha.send("/receipts")
    await masha.press("октябрь")
    await masha.press("Спросить об этом")
    assert masha.screens[-2] == "✉️ К квитанции за октябрь 2026, счёт …3456"
    await go_through(masha, "Мария", "Достаточно ответа здесь")
    assert "Начало уже есть" in masha.screen
    await invoice(masha, "100")
    before = desk.world.cursor
    await desk.bank.decline(desk.bank.payments[-1].id)
    await desk.told(masha, "не прошла", before)
    await masha.press("Спросить об этом")
    assert masha.screens[-2] == "✉️ К оплате № О-2611-00001 от 23.11.2026 на 100,00 ₽, счёт …3456"
    oleg = await desk.customer("Олег", "360000200017")
    for data in ("an1:receipt:x:2026-13:1", "an1:charges:{link}:1:1", "an1:receipt:{link}:2026-99:1", "an1:order::x:1"):
        await oleg.press_data(oleg.last_id, data.format(link=link_of(oleg, "360000200017")))
    await oleg.press_data(oleg.last_id, f"an1:receipt:{link_of(masha, '360000123456')}:2026-10:1")
    assert "3456" not in oleg.seen
    desk.supplier.trouble = SupplierUnavailable()
    await masha.send("/readings")
    assert "Написать в поддержку" in masha.buttons
    desk.supplier.trouble = None
    desk.alerts()


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("89001234567", "+79001234567"),
        ("+7 (900) 123-45-67", "+79001234567"),
        ("900 123 45 67", "+79001234567"),
        ("8-473-255-00-00", "+74732550000"),
        ("мой номер 8 900 123 45 67, после шести", "+79001234567"),
        ("+375 29 123-45-67", "+375291234567"),
        ("12345", ""),
        ("8900123456", ""),
        ("телефона нет", ""),
    ],
)
def test_phones_of_any_spelling(typed: str, phone: str) -> None:
    message = Message(message_id=1, date=datetime(2026, 11, 23, tzinfo=UTC), chat=TelegramChat(id=1, type="private"))
    message = message.model_copy(update={"text": typed})
    if phone:
        assert phone_of(message) == phone
    else:
        with pytest.raises(PhoneWrong):
            phone_of(message)


async def test_appeals_are_exported_without_names(desk: BotHarness, masha: Someone) -> None:
    await go_through(masha, ">/appeals", "Новое обращение", "Показания и расчёт", ">Матрёна", ">89001234567", "Дальше")
    await go_through(masha, ">=1+1; почему <так>?", "Отправить")
    await answer(desk, "Потому &amp; так")
    file = io.StringIO(newline="")
    async with desk.app.database.reading() as connection:
        found = SqlAppeals(connection).written(
            desk.clock.now() - timedelta(days=1), desk.clock.now() + timedelta(days=1)
        )
        assert await write_appeals(found, desk.app.use(SupplierProfile), file) == 1
    line = (
        "2611-00001;2026-11-23 10:14;360000123456;Показания и расчёт;open;2026-11-23 10:14;;;"
        '"\'=1+1; почему <так>?";Потому & так;\n'
    )
    assert file.getvalue() == ";".join(APPEALS) + "\n" + line


async def test_one_who_writes_without_end_leaves_room_for_others(
    desk: BotHarness, masha: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.appeals.appeals.PER_HOUR", 2)
    await hand_in(masha)
    for text in ("Ещё одно", "И ещё"):
        await go_through(masha, ">/appeals", "2611-00001", "Дополнить", f">{text}")
    assert "За последний час вы прислали уже 2 сообщений" in masha.screen
    assert [text for _, text in messages(desk)] == [QUESTION, "Ещё одно"]
    await desk.run("UPDATE appeal_messages SET written_at = '2026-11-23 06:00:00.000000'")
    await go_through(masha, ">/appeals", "2611-00001", "Дополнить", ">И ещё")
    assert [text for _, text in messages(desk)] == [QUESTION, "Ещё одно", "И ещё"]
