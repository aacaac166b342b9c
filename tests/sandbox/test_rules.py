"""Telegram's refusals: limits, keyboards, files, albums, commands, rights."""

from typing import Any

import pytest

from sandbox.state import Chat, Person
from sandbox.world import World
from tests.sandbox.caller import PNG, Caller, inline

BUTTON = {"text": "A", "callback_data": "a"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n\t ", "message text is empty"),
        ("\u202e\r", "message text is empty"),
        ("a" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_texts(api: Caller, maria: Person, text: str, reason: str) -> None:
    assert await api.refused("sendMessage", chat_id=maria.id, text=text) == f"Bad Request: {reason}"


async def test_length_is_counted_after_the_markup(api: Caller, maria: Person) -> None:
    html = "<b>" + "&lt;" * 4096 + "</b>"
    message = await api.call("sendMessage", chat_id=maria.id, text=html, parse_mode="HTML")
    assert message["text"] == "<" * 4096


async def test_only_html_and_plain_text(api: Caller, maria: Person) -> None:
    reason = await api.refused("sendMessage", chat_id=maria.id, text="a", parse_mode="Wiki")
    assert reason == "Bad Request: unsupported parse_mode"


async def test_links_in_text_are_marked_but_not_inside_code(api: Caller, maria: Person) -> None:
    html = "<code>a@b.ru</code> c@d.ru"
    message = await api.call("sendMessage", chat_id=maria.id, text=html, parse_mode="HTML")
    assert [one["type"] for one in message["entities"]] == ["code", "email"]


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "A", "callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "A", "callback_data": ""}, "can't parse inline keyboard button: Text buttons are unallowed"),
        ({"text": "A"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "a"}, 'can\'t parse inline keyboard button: Field "text" must be non-empty'),
        ({**BUTTON, "url": "https://x.ru"}, "can't parse inline keyboard button: exactly one kind is allowed"),
        ({**BUTTON, "style": "green"}, "can't parse inline keyboard button: invalid button style specified"),
        ({"text": "A", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "A", "copy_text": {"text": "a" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "A", "url": "ftp://x.ru"}, "inline keyboard button URL 'ftp://x.ru' is invalid: Unsupported URL pro"),
        ({"text": "A", "url": "nowhere"}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
    ],
)
async def test_inline_buttons(api: Caller, maria: Person, button: dict[str, Any], reason: str) -> None:
    description = await api.refused("sendMessage", chat_id=maria.id, text="a", reply_markup=inline(button))
    assert description.startswith(f"Bad Request: {reason}")


@pytest.mark.parametrize(
    "button",
    [
        BUTTON,
        {**BUTTON, "callback_data": "a" * 64, "style": "danger"},
        {"text": "A", "url": "tg://user?id=1"},
        {"text": "A", "url": "https://x.ru/pay?a=1", "style": "success"},
        {"text": "A", "url": "http://127.0.0.1:8080/pay", "style": "primary"},
        {"text": "A", "copy_text": {"text": "a" * 256}},
        {"text": "A", "disabled": {}},
    ],
)
async def test_good_inline_buttons(api: Caller, maria: Person, button: dict[str, Any]) -> None:
    message = await api.call("sendMessage", chat_id=maria.id, text="a", reply_markup=inline(button))
    assert message["reply_markup"] == inline(button)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ({"inline_keyboard": [[BUTTON] * 9]}, "too many buttons in a row: 9, at most 8"),
        ({"inline_keyboard": [[BUTTON] * 8] * 13}, "REPLY_MARKUP_TOO_LONG"),
        ({"keyboard": []}, "reply keyboard must have at least one button"),
        ({"keyboard": [[{"text": "A"}] * 9]}, "too many buttons in a row: 9, at most 8"),
        ({"keyboard": [[{"text": ""}]]}, 'can\'t parse keyboard button: Field "text" must be non-empty'),
        (
            {"keyboard": [[{"text": "A", "request_contact": True, "request_location": True}]]},
            "can't parse keyboard button: at most one kind of request is allowed",
        ),
        (
            {"keyboard": [[{"text": "A"}]], "input_field_placeholder": "a" * 65},
            "input field placeholder must be 1-64 characters long",
        ),
        ({"remove_keyboard": False}, "object expected as reply markup"),
    ],
)
async def test_keyboards(api: Caller, maria: Person, markup: dict[str, Any], reason: str) -> None:
    description = await api.refused("sendMessage", chat_id=maria.id, text="a", reply_markup=markup)
    assert description == f"Bad Request: {reason}"


async def test_reply_keyboards_belong_to_the_chat_not_to_the_message(api: Caller, world: World, maria: Person) -> None:
    keyboard = {
        "keyboard": [[{"text": "Телефон", "request_contact": True, "style": "primary"}]],
        "resize_keyboard": True,
        "input_field_placeholder": "Номер",
    }
    chat = world.chats[maria.id]
    message = await api.call("sendMessage", chat_id=maria.id, text="a", reply_markup=keyboard)
    assert "reply_markup" not in message
    assert chat.reply_keyboard == keyboard
    await api.send(maria.id, reply_markup={"force_reply": True, "input_field_placeholder": "Ответ"})
    assert chat.reply_keyboard == {"force_reply": True, "input_field_placeholder": "Ответ"}
    await api.send(maria.id, reply_markup={"remove_keyboard": True})
    assert chat.reply_keyboard is None


@pytest.mark.parametrize(
    ("method", "file", "params", "reason"),
    [
        ("sendPhoto", ("photo", b"no picture"), {}, "IMAGE_PROCESS_FAILED"),
        ("sendPhoto", ("photo", PNG[:16] + b"\0\0\x27\x10\0\0\0\x01"), {}, "PHOTO_INVALID_DIMENSIONS"),
        ("sendPhoto", ("photo", PNG + bytes(10 * 2**20)), {}, "file is too big"),
        ("sendDocument", ("document", b""), {}, "file must be non-empty"),
        ("sendDocument", ("document", b"a"), {"caption": "a" * 1025}, "message caption is too long"),
        ("sendDocument", ("document", b"a"), {"caption": "<b>", "parse_mode": "HTML"}, "can't parse entities"),
    ],
)
async def test_files(
    api: Caller,
    maria: Person,
    method: str,
    file: tuple[str, bytes],
    params: dict[str, Any],
    reason: str,
) -> None:
    answer = await api.upload(method, {file[0]: ("a.bin", file[1])}, chat_id=maria.id, **params)
    assert answer["description"].startswith(f"Bad Request: {reason}")


async def test_uploads_end_at_50_megabytes(api: Caller, maria: Person) -> None:
    answer = await api.upload("sendDocument", {"document": ("a.bin", bytes(50 * 2**20 + 1))}, chat_id=maria.id)
    assert answer["description"].startswith("Bad Request: file is too big")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (["photo"], "album must include 2-10 items"),
        (["photo"] * 11, "album must include 2-10 items"),
        (["photo", "document"], "document can't be mixed with other media types"),
        (["audio", "photo"], "audio can't be mixed with other media types"),
        (["voice", "voice"], "unsupported media type in an album"),
    ],
)
async def test_albums(api: Caller, maria: Person, files: list[str], reason: str) -> None:
    media = [{"type": kind, "media": "id"} for kind in files]
    assert await api.refused("sendMediaGroup", chat_id=maria.id, media=media) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("file_id", "reason"),
    [
        ("unknown", "wrong file identifier/HTTP URL specified"),
        ("https://x.ru/a.png", "failed to get HTTP URL content"),
    ],
)
async def test_files_by_id(api: Caller, maria: Person, file_id: str, reason: str) -> None:
    assert await api.refused("sendPhoto", chat_id=maria.id, photo=file_id) == f"Bad Request: {reason}"


async def test_a_file_id_keeps_its_kind(api: Caller, maria: Person) -> None:
    sent = await api.upload("sendDocument", {"document": ("a.pdf", b"%PDF")}, chat_id=maria.id)
    file_id = sent["result"]["document"]["file_id"]
    assert (await api.call("sendDocument", chat_id=maria.id, document=file_id))["document"]["file_id"] == file_id
    reason = await api.refused("sendPhoto", chat_id=maria.id, photo=file_id)
    assert reason == "Bad Request: can't use file of type Document as Photo"


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("setMyCommands", {"commands": [{"command": "Start", "description": "a"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a" * 33, "description": "a"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [{"command": "a", "description": "a" * 257}]}, "BOT_COMMAND_DESCRIPTION_INV"),
        ("setMyCommands", {"commands": [{"command": "a", "description": "a"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ("setMyCommands", {"commands": [], "scope": {"type": "planet"}}, "can't parse BotCommandScope"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat"}}, "can't parse BotCommandScope: can't find field"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ("setMyCommands", {"commands": [], "language_code": "rus"}, "invalid language code specified"),
        ("setMyName", {"name": "a" * 65}, "name is too long, at most 64"),
        ("setMyDescription", {"description": "a" * 513}, "description is too long, at most 512"),
        ("setMyShortDescription", {"short_description": "a" * 121}, "short description is too long, at most 120"),
        ("setChatMenuButton", {"menu_button": {"type": "web_app"}}, "can't parse menu button"),
        ("setWebhook", {"url": "http://example.org/hook"}, "bad webhook: HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://example.org:8080/hook"}, "bad webhook: Webhook can be set up only on ports"),
        ("setWebhook", {"url": "https://e.org", "secret_token": "ключ"}, "secret token contains unallowed characters"),
        ("setWebhook", {"url": "https://e.org", "max_connections": 101}, "max_connections must be 1-100"),
        ("getFile", {"file_id": "x"}, "wrong file identifier/HTTP URL specified"),
        ("getChat", {"chat_id": 5}, "chat not found"),
        ("getChat", {"chat_id": "@nobody"}, "chat not found"),
    ],
)
async def test_what_needs_no_chat(api: Caller, method: str, params: dict[str, Any], reason: str) -> None:
    assert (await api.refused(method, **params)).startswith(f"Bad Request: {reason}")


@pytest.mark.parametrize(
    ("method", "params", "reason"),
    [
        ("sendChatAction", {"action": "sleeping"}, "wrong parameter action in request"),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ("sendMessage", {"text": "a", "message_thread_id": 5}, "message thread not found"),
        ("sendLocation", {"latitude": 91.0, "longitude": 0}, "invalid location specified"),
        ("editMessageText", {"message_id": 99, "text": "a"}, "message to edit not found"),
        ("editMessageText", {"text": "a"}, "message identifier is not specified"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
        ("deleteMessages", {"message_ids": []}, "there must be 1-100 messages to delete"),
        ("pinChatMessage", {"message_id": 99}, "message to pin not found"),
        ("unpinChatMessage", {}, "message to unpin not found"),
        ("setMessageReaction", {"message_id": 99}, "message to react not found"),
        ("getChatMember", {"user_id": 99}, "user not found"),
        ("getChatAdministrators", {}, "there are no administrators in the private chat"),
        ("createForumTopic", {"name": "a"}, "the chat is not a forum"),
    ],
)
async def test_private_chats(api: Caller, maria: Person, method: str, params: dict[str, Any], reason: str) -> None:
    assert await api.refused(method, chat_id=maria.id, **params) == f"Bad Request: {reason}"


async def test_a_reply_may_do_without_its_message(api: Caller, maria: Person) -> None:
    assert await api.send(maria.id, reply_parameters={"message_id": 99, "allow_sending_without_reply": True})


async def test_who_may_be_written_to(api: Caller, world: World, maria: Person) -> None:
    stranger = world.add_person("Иван")
    assert await api.refused("sendMessage", chat_id=5, text="a") == "Bad Request: chat not found"
    description = await api.refused("sendMessage", chat_id=stranger.id, text="a")
    assert description == "Forbidden: bot can't initiate conversation with a user"
    world.block(maria)
    for method in ("sendMessage", "sendChatAction"):
        params = {"text": "a"} if method == "sendMessage" else {"action": "typing"}
        assert await api.refused(method, chat_id=maria.id, **params) == "Forbidden: bot was blocked by the user"
    world.unblock(maria)
    assert await api.send(maria.id)
    maria.deactivated = True
    assert await api.refused("sendMessage", chat_id=maria.id, text="a") == "Forbidden: user is deactivated"


async def test_groups_that_the_bot_is_not_in(api: Caller, world: World, staff: Chat) -> None:
    await api.call("leaveChat", chat_id=staff.id)
    description = await api.refused("sendMessage", chat_id=staff.id, text="a")
    assert description == "Forbidden: bot is not a member of the supergroup chat"
    world.set_bot_status(staff, "kicked")
    description = await api.refused("sendMessage", chat_id=staff.id, text="a")
    assert description == "Forbidden: bot was kicked from the supergroup chat"


async def test_a_migrated_group_names_its_new_id(api: Caller, world: World, staff: Chat) -> None:
    new = world.migrate(staff)
    answer = await api.answer("sendMessage", chat_id=staff.id, text="a")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}


async def test_edits_that_change_nothing(api: Caller, maria: Person) -> None:
    params = {"chat_id": maria.id, "text": "<b>a</b>", "parse_mode": "HTML", "reply_markup": inline(BUTTON)}
    message = await api.call("sendMessage", **params)
    description = await api.refused("editMessageText", message_id=message["message_id"], **params)
    assert description.startswith("Bad Request: message is not modified: specified new message content")
    plain = {**params, "text": "a", "parse_mode": ""}
    assert "entities" not in await api.call("editMessageText", message_id=message["message_id"], **plain)


async def test_an_edit_without_keyboard_takes_it_away(api: Caller, maria: Person) -> None:
    message_id = await api.send(maria.id, reply_markup=inline(BUTTON))
    edited = await api.call("editMessageText", chat_id=maria.id, message_id=message_id, text="b")
    assert "reply_markup" not in edited
    assert edited["edit_date"]


async def test_edits_of_the_wrong_message(api: Caller, world: World, maria: Person) -> None:
    theirs = world.send_text(maria, "моё")["message_id"]
    place = {"chat_id": maria.id, "message_id": theirs}
    assert await api.refused("editMessageText", **place, text="a") == "Bad Request: message can't be edited"
    ours = {"chat_id": maria.id, "message_id": await api.send(maria.id)}
    reason = await api.refused("editMessageCaption", **ours, caption="a")
    assert reason == "Bad Request: there is no caption in the message to edit"
    file = await api.upload("sendDocument", {"document": ("a", b"a")}, chat_id=maria.id)
    reason = await api.refused(
        "editMessageText",
        chat_id=maria.id,
        message_id=file["result"]["message_id"],
        text="a",
    )
    assert reason == "Bad Request: there is no text in the message to edit"


async def test_only_a_point_that_moves_can_be_stopped(api: Caller, world: World, maria: Person) -> None:
    point = {"chat_id": maria.id, "latitude": 51.66, "longitude": 39.2}
    theirs = world.send_text(maria, "моё")["message_id"]
    moving = (await api.call("sendLocation", **point, live_period=900))["message_id"]
    still = (await api.call("sendLocation", **point))["message_id"]

    async def refusal(message_id: int) -> str:
        return await api.refused("stopMessageLiveLocation", chat_id=maria.id, message_id=message_id)

    keyboard = await api.send(maria.id, reply_markup={"keyboard": [[{"text": "a"}]]})
    for message_id in (theirs, still, keyboard):
        assert await refusal(message_id) == "Bad Request: message can't be edited"
    file = await api.upload("sendDocument", {"document": ("a", b"a")}, chat_id=maria.id)
    for message_id in (await api.send(maria.id, reply_markup=inline(BUTTON)), file["result"]["message_id"]):
        assert await refusal(message_id) == "Bad Request: there is no live location in the message to edit"
    assert await refusal(999) == "Bad Request: message to edit not found"
    stopped = await api.call("stopMessageLiveLocation", chat_id=maria.id, message_id=moving)
    assert "live_period" not in stopped["location"]


async def test_messages_get_too_old_to_delete(api: Caller, world: World, maria: Person) -> None:
    message_id = await api.send(maria.id)
    world.advance(48 * 3600 + 1)
    description = await api.refused("deleteMessage", chat_id=maria.id, message_id=message_id)
    assert description == "Bad Request: message can't be deleted for everyone"


async def test_deleting_in_a_group_needs_the_right(api: Caller, world: World, staff: Chat) -> None:
    oleg = next(iter(world.people.values()))
    theirs = world.send_text(oleg, "привет", staff)["message_id"]
    staff.bot_rights.discard("can_delete_messages")
    reason = await api.refused("deleteMessage", chat_id=staff.id, message_id=theirs)
    assert reason == "Bad Request: message can't be deleted"
    staff.bot_rights.add("can_delete_messages")
    assert await api.call("deleteMessage", chat_id=staff.id, message_id=theirs)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"message_id": 99}, "message to copy not found"),
        ({"message_id": 99, "from_chat_id": 5}, "chat not found"),
    ],
)
async def test_copies(api: Caller, maria: Person, params: dict[str, Any], reason: str) -> None:
    params = {"chat_id": maria.id, "from_chat_id": maria.id, **params}
    assert await api.refused("copyMessage", **params) == f"Bad Request: {reason}"


async def test_protected_and_service_messages_are_not_copied(api: Caller, staff: Chat, maria: Person) -> None:
    topic = await api.call("createForumTopic", chat_id=staff.id, name="Тема")
    protected = await api.send(maria.id, protect_content=True)
    for chat_id, message_id in ((staff.id, topic["message_thread_id"]), (maria.id, protected)):
        reason = await api.refused("copyMessage", chat_id=maria.id, from_chat_id=chat_id, message_id=message_id)
        assert reason == "Bad Request: message can't be copied"


async def test_flood_control(api: Caller, world: World, maria: Person) -> None:
    world.flood.enabled = True
    other = world.add_person("Иван")
    world.send_text(other, "/start")
    for _ in range(5):
        await api.send(maria.id)
    answer = await api.answer("sendMessage", chat_id=maria.id, text="a")
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 5})
    assert answer["description"] == "Too Many Requests: retry after 5"
    assert await api.send(other.id)
    world.advance(5)
    assert await api.send(maria.id)


async def test_downloads_end_at_20_megabytes(api: Caller, world: World, maria: Person) -> None:
    big = world.send_file(maria, "document", bytes(20 * 2**20 + 1), "a.bin")["document"]
    assert await api.refused("getFile", file_id=big["file_id"]) == "Bad Request: file is too big"


async def test_entities_instead_of_markup(api: Caller, maria: Person) -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    message = await api.call("sendMessage", chat_id=maria.id, text="😀a", entities=[bold])
    assert message["entities"] == [bold]
    reason = await api.refused("sendMessage", chat_id=maria.id, text="a", entities=[bold])
    assert reason == "Bad Request: entity begins or ends outside of the text"
