"""The sandbox's answers are of aiogram's own types, and it takes all that aiogram can send."""

from collections.abc import Iterator
from typing import Any

import aiogram.methods
import aiogram.types
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto, Update
from pydantic import BaseModel

from sandbox import schema
from sandbox.server import Sandbox
from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import PNG, Caller, inline

BUTTON = {"text": "A", "callback_data": "a"}
# aiogram has a type for each kind of these.
UNIONS = {"InputMedia", "BotCommandScope", "MenuButton", "ReactionType"}
# Parameters that aiogram can send and the sandbox does not do.
MISSING = {
    "sendMessage": {"disable_web_page_preview"},  # replaced by link_preview_options
    "editMessageText": {"rich_message", "disable_web_page_preview"},
    "KeyboardButton": {"request_user"},
}


def aiogram_method(name: str) -> Any:
    return getattr(aiogram.methods, name[0].upper() + name[1:])


@pytest.mark.parametrize("name", schema.METHODS)
def test_parameters_are_those_of_aiogram(name: str) -> None:
    fields = aiogram_method(name).model_fields
    assert schema.METHODS[name].keys() == fields.keys() - MISSING.get(name, set())
    required = {key for key, field in fields.items() if field.is_required()}
    assert required <= {key for key, field in schema.METHODS[name].items() if field.required}


@pytest.mark.parametrize("name", sorted(schema.OBJECTS.keys() - UNIONS))
def test_objects_are_those_of_aiogram(name: str) -> None:
    fields = getattr(aiogram.types, name).model_fields
    assert schema.OBJECTS[name].keys() == fields.keys() - MISSING.get(name, set())


class Parsing(Caller):
    """A caller whose every answer goes through aiogram's types."""

    def __init__(self, api: Caller) -> None:
        super().__init__(api.root, api.http)
        self.called: set[str] = set()

    async def call(self, method: str, **params: Any) -> Any:
        return self.parse(method, await self.answer(method, **params))

    async def call_with_file(self, method: str, field: str, data: bytes, **params: Any) -> Any:
        return self.parse(method, await self.upload(method, {field: ("файл.bin", data)}, **params))

    def parse(self, method: str, answer: Any) -> Any:
        assert answer["ok"], answer
        response: Any = Response.__class_getitem__(aiogram_method(method).__returning__)
        assert not list(invented(response.model_validate(answer).result))
        self.called.add(method)
        return answer["result"]


def invented(value: Any) -> Iterator[str]:
    """Keys that no type of aiogram knows."""
    if isinstance(value, list):
        for item in value:
            yield from invented(item)
    elif isinstance(value, BaseModel):
        yield from (f"{type(value).__name__}.{key}" for key in value.model_extra or ())
        for key in value.model_fields_set & type(value).model_fields.keys():
            yield from invented(getattr(value, key))


@pytest.fixture
def parsing(api: Caller) -> Parsing:
    return Parsing(api)


async def call_profile(api: Parsing, maria: Person) -> None:
    for method in ("getMe", "logOut", "close", "getWebhookInfo", "deleteWebhook", "getUpdates"):
        await api.call(method)
    commands = [{"command": "start", "description": "Начать"}]
    scope = {"type": "chat", "chat_id": maria.id}
    await api.call("setMyCommands", commands=commands, scope=scope, language_code="ru")
    assert await api.call("getMyCommands", scope=scope, language_code="ru") == commands
    await api.call("deleteMyCommands", scope=scope, language_code="ru")
    assert await api.call("getMyCommands", scope=scope, language_code="ru") == []
    for name, key in (("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")):
        await api.call(f"setMy{name}", **{key: "Энергия"})
        assert await api.call(f"getMy{name}") == {key: "Энергия"}
    await api.call("setChatMenuButton", chat_id=maria.id, menu_button={"type": "commands"})
    assert await api.call("getChatMenuButton", chat_id=maria.id) == {"type": "commands"}


async def call_sending(api: Parsing, maria: Person) -> None:
    here = {"chat_id": maria.id}
    text = await api.call(
        "sendMessage", **here, text="<b>a</b> x.ru /start", parse_mode="HTML", reply_markup=inline(BUTTON)
    )
    reply = {"reply_parameters": {"message_id": text["message_id"]}}
    assert (await api.call("sendMessage", **here, text="b", **reply))["reply_to_message"]["text"] == text["text"]
    photo = await api.call_with_file("sendPhoto", "photo", PNG, **here, caption="a")
    for kind in ("document", "video", "animation", "audio", "voice", "video_note", "sticker"):
        method = "send" + kind.title().replace("_", "")
        await api.call_with_file(method, kind, b"data", **here)
    await api.call("sendLocation", **here, latitude=51.66, longitude=39.2)
    await api.call("sendContact", **here, phone_number="+7", first_name="Мария")
    media = [{"type": "photo", "media": photo["photo"][-1]["file_id"], "caption": "b"}] * 2
    album = await api.call("sendMediaGroup", **here, media=media)
    ids = [one["message_id"] for one in album]
    copied = {**here, "from_chat_id": maria.id}
    await api.call("copyMessage", **copied, message_id=ids[0], caption="c")
    await api.call("copyMessages", **copied, message_ids=ids, remove_caption=True)
    forwarded = await api.call("forwardMessage", **copied, message_id=ids[0])
    assert forwarded["forward_origin"]["type"] == "user"
    await api.call("forwardMessages", **copied, message_ids=ids)
    await api.call("sendChatAction", **here, action="typing")


async def call_editing(api: Parsing, world: World, maria: Person) -> None:
    here = {"chat_id": maria.id}
    text = {**here, "message_id": await api.send(maria.id, "a", reply_markup=inline(BUTTON))}
    file = await api.call_with_file("sendDocument", "document", b"data", **here, caption="a")
    await api.call("editMessageText", **text, text="b")
    await api.call("editMessageReplyMarkup", **text, reply_markup=inline({**BUTTON, "style": "danger"}))
    place = {**here, "message_id": file["message_id"]}
    assert (await api.call("editMessageCaption", **place, caption="b"))["caption"] == "b"
    moving = await api.call("sendLocation", **here, latitude=51.66, longitude=39.2, live_period=900)
    await api.call("stopMessageLiveLocation", **here, message_id=moving["message_id"])
    media = {"type": "document", "media": file["document"]["file_id"], "caption": "c"}
    assert (await api.call("editMessageMedia", **place, media=media))["caption"] == "c"
    await api.call("pinChatMessage", **text)
    assert (await api.call("getChat", **here))["pinned_message"]["message_id"] == text["message_id"]
    await api.call("unpinChatMessage", **text)
    await api.call("unpinAllChatMessages", **here)
    await api.call("setMessageReaction", **text, reaction=[{"type": "emoji", "emoji": "👍"}])
    press = world.forge_press(maria, maria.id, text["message_id"], "a")
    await api.call("answerCallbackQuery", callback_query_id=press, text="Готово", show_alert=True)
    assert (await api.call("getFile", file_id=file["document"]["file_id"]))["file_size"] == 4
    await api.call("deleteMessage", **text)
    await api.call("deleteMessages", **here, message_ids=[file["message_id"], 99])


async def call_group(api: Parsing, staff: Chat) -> None:
    here = {"chat_id": staff.id}
    await api.call("getChat", **here)
    oleg = next(iter(staff.members))
    assert (await api.call("getChatMember", **here, user_id=oleg))["status"] == "administrator"
    assert (await api.call("getChatMember", **here, user_id=1234567))["can_manage_topics"]
    assert len(await api.call("getChatAdministrators", **here)) == 2
    assert await api.call("getChatMemberCount", **here) == 2
    topic = await api.call("createForumTopic", **here, name="Тема", icon_color=7322096)
    thread = {**here, "message_thread_id": topic["message_thread_id"]}
    assert (await api.call("sendMessage", **thread, text="a"))["is_topic_message"]
    await api.call("editForumTopic", **thread, name="Другая")
    for method in ("close", "reopen"):
        await api.call(f"{method}ForumTopic", **thread)
        await api.call(f"{method}GeneralForumTopic", **here)
    for method in ("hide", "unhide"):
        await api.call(f"{method}GeneralForumTopic", **here)
    await api.call("editGeneralForumTopic", **here, name="Общая")
    await api.call("unpinAllForumTopicMessages", **thread)
    await api.call("deleteForumTopic", **thread)


async def test_every_reply_parses(parsing: Parsing, world: World, maria: Person, staff: Chat) -> None:
    await call_profile(parsing, maria)
    await call_sending(parsing, maria)
    await call_editing(parsing, world, maria)
    await call_group(parsing, staff)
    await parsing.call("leaveChat", chat_id=staff.id)
    await parsing.call("setWebhook", url="https://example.org/hook")
    assert parsing.called == schema.METHODS.keys()


async def test_every_update_parses(api: Caller, world: World, maria: Person, staff: Chat) -> None:
    kinds = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "message_reaction"]
    await api.call("getUpdates", allowed_updates=kinds)
    oleg = world.people[next(iter(staff.members))]
    for kind in ("photo", "document", "voice", "sticker", "video", "audio", "animation", "video_note"):
        world.send_file(maria, kind, b"data", "файл.bin", "подпись")
    text = world.send_text(maria, "/start@energy_sandbox_bot a@b.ru")
    world.edit_text(maria, text["message_id"], "другое")
    world.send_contact(maria)
    world.send_location(maria, 51.66, 39.2)
    world.react(maria, text["message_id"], "👍")
    message_id = await api.send(maria.id, reply_markup=inline(BUTTON))
    world.press(maria, maria.id, message_id, "A")
    world.forge_press(maria, maria.id, 99, "чужое")
    world.block(maria)
    world.unblock(maria)
    world.join(staff, maria)
    topic = world.open_topic(oleg, staff, "Тема")
    world.send_text(oleg, "в тему", staff, topic.thread_id)
    world.close_topic(oleg, staff, topic.thread_id)
    await api.call("createForumTopic", chat_id=staff.id, name="Своя")
    await api.call("leaveChat", chat_id=staff.id)
    updates = await api.call("getUpdates")
    parsed = [Update.model_validate(update) for update in updates]
    assert {update.event_type for update in parsed} == set(kinds)
    assert not list(invented(parsed))


async def test_aiograms_own_bot(sandbox: Sandbox, world: World, maria: Person, staff: Chat) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url))
    async with Bot(sandbox.token, session) as bot:
        assert (await bot.me()).username == "energy_sandbox_bot"
        sent = await bot.send_message(maria.id, "<b>a</b>", parse_mode="HTML", protect_content=False)
        assert sent.html_text == "<b>a</b>"
        document = await bot.send_document(maria.id, BufferedInputFile(b"%PDF", "Квитанция.pdf"), caption="Ноябрь")
        assert document.document
        assert document.document.file_name == "Квитанция.pdf"
        downloaded = await bot.download(document.document)
        assert downloaded
        assert downloaded.read() == b"%PDF"
        files = [BufferedInputFile(bytes([65 + place]), "a.txt") for place in range(2)]
        album = await bot.send_media_group(maria.id, [InputMediaDocument(media=file) for file in files])
        assert len({message.media_group_id for message in album}) == 1
        photo = BufferedInputFile(PNG, "a.png")
        await bot.edit_message_media(InputMediaPhoto(media=photo), chat_id=maria.id, message_id=sent.message_id)
        world.send_text(maria, "Привет")
        assert [update.message and update.message.text for update in await bot.get_updates()] == ["Привет"]
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(5, "a")
        world.migrate(staff)
        with pytest.raises(TelegramMigrateToChat):
            await bot.send_message(staff.id, "a")
        world.block(maria)
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(maria.id, "a")
        sandbox.world.token = "1234567:another"
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()
