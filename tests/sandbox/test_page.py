"""The messenger page in a real browser; a scripted bot talks to it through the Bot API."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from sandbox.server import Sandbox
from sandbox.state import Person
from tests.browser import chromium

# A browser starts for seconds, so all tests of this file share one, and therefore its event loop.
pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
# Places that a finger or an eye would miss: elements beyond the edges, panes that scroll sideways, buttons under 44 px
# (links and commands inside a text are as high as its lines).
BEYOND_EDGES = """() => [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility()).filter((e) => {
    const { left, right } = e.getBoundingClientRect();
    const scrolls = e.matches("#panes, .pane, .scroller, .composer, #sidebar, .chat-list");
    return left < 0 || right > innerWidth || (scrolls && e.scrollWidth > e.clientWidth);
}).map((e) => e.outerHTML.slice(0, 120))"""
PAGE_SCROLLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("button:not(.text *), select, textarea")].filter((e) => {
    const { width, height } = e.getBoundingClientRect();
    return e.checkVisibility() && (width < 44 || height < 44);
}).map((e) => e.outerHTML.slice(0, 120))"""


class ScriptedBot:
    """Calls the Bot API as a bot would and reads its updates one by one."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self._root = f"{sandbox.url}/bot{sandbox.token}"
        self._session = session
        self._offset = 0

    async def call(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self._root}/{method}", json=params) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]

    async def send(self, person: Person, text: str, **params: Any) -> int:
        message = await self.call("sendMessage", chat_id=person.id, text=text, **params)
        return int(message["message_id"])

    async def send_document(self, person: Person, name: str, data: bytes) -> None:
        form = aiohttp.FormData({"chat_id": str(person.id)}, quote_fields=False)
        form.add_field("document", data, filename=name)
        async with self._session.post(f"{self._root}/sendDocument", data=form) as response:
            assert (await response.json())["ok"]

    async def update(self, kind: str) -> Any:
        """The next update of this kind; others are passed over."""
        while True:
            for update in await self.call("getUpdates", offset=self._offset, limit=1, timeout=10):
                self._offset = update["update_id"] + 1
                if kind in update:
                    return update[kind]


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def bot(sandbox: Sandbox) -> AsyncIterator[ScriptedBot]:
    async with aiohttp.ClientSession() as session:
        yield ScriptedBot(sandbox, session)


@pytest.fixture
def maria(sandbox: Sandbox) -> Person:
    """A customer who has begun a conversation."""
    person = sandbox.world.add_person("Мария")
    sandbox.world.send_text(person, "/start")
    return person


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A new visitor's page; an exception in its scripts fails the test."""
    context = await browser.new_context(viewport=DESKTOP, locale="ru-RU")
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    await context.close()
    assert failures == []


def message(page: Page, message_id: int) -> Locator:
    return page.get_by_test_id(f"message-{message_id}")


async def test_first_visit_offers_to_start(sandbox: Sandbox, bot: ScriptedBot, page: Page) -> None:
    await page.goto(sandbox.url)
    await page.get_by_test_id("start-button").click()
    assert (await bot.update("message"))["text"] == "/start"
    await expect(page.locator(".message.out")).to_contain_text("/start")
    await expect(page.get_by_test_id("composer-input")).to_be_focused()


async def test_an_empty_chat_shows_what_the_bot_says_of_itself(sandbox: Sandbox, bot: ScriptedBot, page: Page) -> None:
    await page.goto(sandbox.url)
    await expect(page.locator(".welcome")).to_contain_text("Нажмите «Начать», чтобы написать боту.")
    await bot.call("setMyDescription", description="Передаёт показания.")
    await expect(page.locator(".welcome p")).to_have_text("Передаёт показания.")
    await bot.call("setMyDescription", description="Takes readings.", language_code="en")
    await page.get_by_test_id("start-button").click()
    await expect(page.locator(".welcome")).to_be_hidden()


async def test_start_link_in_the_address(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await bot.update("message")
    await page.goto(f"{sandbox.url}/#start=receipt-42")
    assert (await bot.update("message"))["text"] == "/start receipt-42"
    link = f"https://t.me/{sandbox.world.bot['username']}?start=family"
    await bot.send(maria, "Приглашение", reply_markup=keyboard([{"text": "Открыть", "url": link}]))
    await page.get_by_role("button", name="Открыть", exact=True).click()
    assert (await bot.update("message"))["text"] == "/start family"


async def test_markup_in_texts_stays_text(sandbox: Sandbox, bot: ScriptedBot, page: Page) -> None:
    attack = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
    person = sandbox.world.add_person(attack)
    sandbox.world.send_text(person, attack)
    button = {"text": attack, "callback_data": "x"}
    shown = await bot.send(person, attack, reply_markup=keyboard([button]))
    await page.goto(sandbox.url)
    await expect(message(page, shown)).to_contain_text(attack)
    await expect(page.get_by_role("button", name=attack, exact=True)).to_be_visible()
    assert await page.evaluate("window.broken") is None
    assert await page.locator("#panes :is(script, img)").count() == 0


async def test_entities_become_elements(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    html = (
        "😀 <b>жирный <i>и курсив</i></b> <u>u</u> <s>s</s> <code>3650 1580</code> <tg-spoiler>тайна</tg-spoiler>\n"
        '<a href="https://example.org/">сайт</a>\n<blockquote>цитата</blockquote>\n<pre>T1 3650</pre>'
    )
    shown = message(page, await bot.send(maria, html, parse_mode="HTML"))
    await page.goto(sandbox.url)
    await expect(shown.locator("strong")).to_have_text("жирный и курсив")
    await expect(shown.locator("strong em")).to_have_text("и курсив")
    await expect(shown.locator("code")).to_have_text("3650 1580")
    await expect(shown.locator("blockquote")).to_have_text("цитата")
    await expect(shown.locator("pre")).to_have_text("T1 3650")
    link = shown.get_by_role("link", name="сайт")
    await expect(link).to_have_attribute("href", "https://example.org/")
    await expect(link).to_have_attribute("target", "_blank")
    await shown.locator(".spoiler").click()
    await expect(shown.locator(".spoiler.revealed")).to_have_text("тайна")


async def test_press_spins_until_answered(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    rows = [{"text": "Коротко", "callback_data": "toast"}], [{"text": "Важно", "callback_data": "alert"}]
    await bot.send(maria, "Выберите", reply_markup=keyboard(*rows))
    await page.goto(sandbox.url)

    button = page.get_by_role("button", name="Коротко", exact=True)
    await button.click()
    query = await bot.update("callback_query")
    assert query["data"] == "toast"
    await expect(button).to_have_attribute("aria-busy", "true")
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Принято")
    await expect(page.get_by_test_id("toast")).to_have_text("Принято")
    await expect(button).not_to_have_attribute("aria-busy", "true")

    await page.get_by_role("button", name="Важно", exact=True).click()
    query = await bot.update("callback_query")
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Счёт закрыт", show_alert=True)
    alert = page.get_by_test_id("alert")
    await expect(alert).to_contain_text("Счёт закрыт")
    await alert.get_by_role("button", name="ОК").click()
    await expect(alert).to_be_hidden()


async def test_copy_and_disabled_buttons(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    rows = [{"text": "Счёт", "copy_text": {"text": "360000123456"}}, {"text": "2/5", "disabled": {}}]
    await bot.send(maria, "Реквизиты", reply_markup=keyboard(rows))
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Счёт", exact=True).click()
    await expect(page.get_by_test_id("toast")).to_contain_text("360000123456")
    assert await page.evaluate("navigator.clipboard.readText()") == "360000123456"
    await expect(page.get_by_role("button", name="2/5", exact=True)).to_be_disabled()


async def test_edits_and_deletions_are_seen(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    first = await bot.send(maria, "Было", reply_markup=keyboard([{"text": "Старая", "callback_data": "old"}]))
    second = await bot.send(maria, "Лишнее")
    await page.goto(sandbox.url)
    await expect(message(page, second)).to_be_visible()
    markup = keyboard([{"text": "Новая", "callback_data": "new", "style": "primary"}])
    await bot.call("editMessageText", chat_id=maria.id, message_id=first, text="Стало", reply_markup=markup)
    await expect(message(page, first)).to_contain_text("Стало")
    await expect(message(page, first)).to_contain_text("изменено")
    await expect(message(page, first).get_by_role("button", name="Новая", exact=True)).to_have_class("primary")
    await expect(page.get_by_role("button", name="Старая")).to_have_count(0)
    await bot.call("deleteMessage", chat_id=maria.id, message_id=second)
    await expect(message(page, second)).to_have_count(0)


async def test_own_message_edited(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await page.goto(sandbox.url)
    await page.get_by_test_id("composer-input").fill("3650 1480")
    await page.keyboard.press("Enter")
    sent = page.locator(".message.out", has_text="3650 1480")
    await sent.hover()
    await sent.get_by_role("button", name="Действия с сообщением").click()
    await page.get_by_role("button", name="Изменить").click()
    await page.get_by_test_id("composer-input").fill("3650 1580")
    await page.get_by_test_id("composer-send").click()
    assert (await bot.update("edited_message"))["text"] == "3650 1580"
    await expect(page.locator(".message.out").last).to_contain_text("3650 1580")


async def test_document_opens_with_the_same_bytes(
    sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page
) -> None:
    data = bytes(range(256)) * 40
    await bot.send_document(maria, "Квитанция 2026-11.pdf", data)
    await page.goto(sandbox.url)
    link = page.get_by_role("link", name="Квитанция 2026-11.pdf")
    await expect(link).to_contain_text("10 КБ")
    answer = await page.request.get(sandbox.url + str(await link.get_attribute("href")))
    assert await answer.body() == data


async def test_files_leave_as_an_album(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await bot.update("message")
    await page.goto(sandbox.url)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Прикрепить").click()
        await page.get_by_role("button", name="Файлы").click()
    files = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"text"} for n in (1, 2)]
    await (await choosing.value).set_files(files)  # type: ignore[arg-type]
    await page.get_by_label("Подпись").fill("Два файла")
    await page.get_by_role("button", name="Отправить", exact=True).last.click()
    received = [await bot.update("message"), await bot.update("message")]
    assert [one["document"]["file_name"] for one in received] == ["1.txt", "2.txt"]
    assert received[0]["media_group_id"] == received[1]["media_group_id"]
    assert received[0]["caption"] == "Два файла"
    await expect(page.locator(".album .document")).to_have_count(2)


async def test_reply_keyboard_asks_before_the_phone_leaves(
    sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page
) -> None:
    await bot.update("message")
    markup = {"keyboard": [[{"text": "Мой телефон", "request_contact": True}], [{"text": "Пропустить"}]]}
    await bot.send(maria, "Ваш телефон?", reply_markup=markup)
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Мой телефон").click()
    await page.get_by_label("Телефон", exact=True).fill("+79005550011")
    await page.get_by_role("button", name="Отправить", exact=True).last.click()
    contact = (await bot.update("message"))["contact"]
    assert contact["phone_number"] == "+79005550011"
    assert contact["user_id"] == maria.id
    await page.get_by_role("button", name="Пропустить").click()
    assert (await bot.update("message"))["text"] == "Пропустить"


async def test_bot_stopped_and_restarted(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Действия", exact=True).click()
    await page.get_by_role("button", name="Остановить бота").click()
    assert (await bot.update("my_chat_member"))["new_chat_member"]["status"] == "kicked"
    await page.get_by_role("button", name="Перезапустить бота").click()
    assert (await bot.update("my_chat_member"))["new_chat_member"]["status"] == "member"
    assert (await bot.update("message"))["text"] == "/start"


async def test_commands_by_language(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await bot.update("message")
    command = {"command": "menu", "description": "Main"}
    await bot.call("setMyCommands", commands=[command])
    await bot.call("setMyCommands", commands=[{**command, "description": "Главная"}], language_code="ru")
    await page.goto(sandbox.url)
    await page.get_by_role("button", name="Меню команд").click()
    await page.get_by_role("button", name="/menu Главная").click()
    assert (await bot.update("message"))["text"] == "/menu"


async def test_chat_action_is_shown(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    await page.goto(sandbox.url)
    await expect(page.get_by_test_id("composer-input")).to_be_visible()
    await bot.call("sendChatAction", chat_id=maria.id, action="upload_document")
    await expect(page.get_by_test_id("conversation")).to_contain_text("отправляет документ…")
    await bot.send(maria, "Готово")
    await expect(page.get_by_test_id("conversation")).not_to_contain_text("отправляет документ…")


async def test_customer_beside_a_staff_topic(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    world = sandbox.world
    group = world.add_staff_group("Поддержка")
    world.join(group, world.add_person("Анна"), "administrator")
    topic = await bot.call("createForumTopic", chat_id=group.id, name="№ 2611-0042")
    thread = topic["message_thread_id"]
    await page.goto(sandbox.url)
    row = page.get_by_role("listitem").filter(has=page.get_by_test_id(f"chat-{group.id}-{thread}"))
    await row.hover()
    await row.get_by_role("button", name="Открыть рядом").click()
    await expect(page.get_by_test_id("conversation")).to_have_count(2)
    desk = page.get_by_test_id("conversation").last
    await desk.get_by_test_id("composer-input").fill("Добрый день")
    await desk.get_by_test_id("composer-send").click()
    received = await bot.update("message")
    while "text" not in received or received["chat"]["id"] != group.id:
        received = await bot.update("message")
    assert (received["text"], received["message_thread_id"]) == ("Добрый день", thread)


async def test_a_reply_field_opens_for_those_who_are_meant(
    sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page
) -> None:
    """Everybody, or by `selective` those who are mentioned; a correction that is under way goes on."""
    world = sandbox.world
    group = world.add_staff_group("Поддержка")
    anna, boris = world.add_person("Анна"), world.add_person("Борис")
    for person in (anna, boris):
        world.join(group, person)
    await page.goto(f"{sandbox.url}/#{maria.id}")
    field = page.get_by_test_id("composer-input")
    await bot.send(maria, "Здравствуйте")
    await expect(page.get_by_test_id("conversation")).to_contain_text("Здравствуйте")  # the page hears what comes now
    asked = {"force_reply": True, "input_field_placeholder": "Улица, дом"}
    question = await bot.send(maria, "Какая улица?", reply_markup=asked)
    await expect(page.locator(".context")).to_contain_text("Какая улица?")
    await expect(field).to_have_attribute("placeholder", "Улица, дом")
    await field.fill("ул. Мира")
    await page.keyboard.press("Enter")
    received = await bot.update("message")
    while received.get("text") != "ул. Мира":
        received = await bot.update("message")
    assert received["reply_to_message"]["message_id"] == question
    await expect(page.locator(".context")).to_be_empty()
    await page.get_by_test_id(f"chat-{group.id}-1").click()
    for person in (boris, anna):
        text = f'<a href="tg://user?id={person.id}">{person.first_name}</a>, какой текст?'
        chosen = {"force_reply": True, "selective": True}
        await bot.call("sendMessage", chat_id=group.id, text=text, parse_mode="HTML", reply_markup=chosen)
        await expect(page.get_by_test_id("conversation")).to_contain_text(f"{person.first_name}, какой текст?")
        if person is boris:
            await expect(page.locator(".context")).to_be_empty()
    await expect(page.locator(".context")).to_contain_text("Анна, какой текст?")


async def test_unread_messages_are_counted(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    pyotr = sandbox.world.add_person("Пётр")
    sandbox.world.send_text(pyotr, "/start")
    await page.goto(sandbox.url)
    row = page.get_by_test_id(f"chat-{pyotr.id}")
    await page.get_by_test_id(f"chat-{maria.id}").click()
    await bot.send(pyotr, "Раз")
    await bot.send(pyotr, "Два")
    await expect(row.locator(".unread")).to_have_text("2")
    await row.click()
    await expect(row.locator(".unread")).to_have_count(0)


async def test_fits_a_phone(sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page) -> None:
    rows = [
        [{"text": "Показания не изменились", "callback_data": "1"}, {"text": "Где посмотреть?", "callback_data": "2"}],
        [{"text": "Т" * 60, "callback_data": "3", "style": "danger"}],
    ]
    html = f"{'дл' * 200}\n<pre>{'x' * 300}</pre>"
    await bot.send(maria, html, parse_mode="HTML", reply_markup=keyboard(*rows))
    await bot.send_document(maria, "Квитанция" * 12 + ".pdf", b"%PDF-1.4")
    reply = {"keyboard": [[{"text": "Очень длинная подпись кнопки"}, {"text": "И ещё одна такая же длинная"}]]}
    await bot.send(maria, "Ещё", reply_markup=reply)
    await page.set_viewport_size(PHONE)
    await page.goto(sandbox.url)
    await expect(page.get_by_role("button", name="И ещё одна")).to_be_visible()
    await assert_fits(page)
    await page.get_by_role("button", name="К списку чатов").click()
    await expect(page.get_by_test_id("conversation")).to_be_hidden()
    await assert_fits(page)
    await page.get_by_test_id(f"chat-{maria.id}").click()
    await expect(page.get_by_test_id("composer-input")).to_be_visible()


async def assert_fits(page: Page) -> None:
    assert not await page.evaluate(PAGE_SCROLLS)
    assert await page.evaluate(BEYOND_EDGES) == []
    assert await page.evaluate(SMALL_TARGETS) == []


async def test_restarted_sandbox_is_found_again(page: Page) -> None:
    async with Sandbox() as old:
        old.world.send_text(old.world.add_person("Мария"), "До перезапуска")
        await page.goto(old.url)
        await expect(page.get_by_test_id("conversation")).to_contain_text("До перезапуска")
        port = int(old.url.rsplit(":", 1)[1])
    await expect(page.get_by_text("Песочница не отвечает")).to_be_visible()
    async with Sandbox(port=port) as new:
        new.world.send_text(new.world.add_person("Мария"), "После перезапуска")
        await expect(page.get_by_test_id("conversation")).to_contain_text("После перезапуска")
        await expect(page.get_by_text("Песочница не отвечает")).to_be_hidden()


async def test_a_server_that_listens_everywhere_is_found_by_its_address(
    sandbox: Sandbox, bot: ScriptedBot, maria: Person, page: Page
) -> None:
    url = f"http://0.0.0.0:{sandbox.port}/style.css?a=1"
    await bot.send(maria, "Оплата", reply_markup=keyboard([{"text": "Оплатить", "url": url}]))
    await page.goto(sandbox.url)
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name="Оплатить").click()
    popup = await opened.value
    await popup.wait_for_load_state()
    assert popup.url == f"{sandbox.url}/style.css?a=1"
