"""A call has the values that pydantic would give it: its digest stays the same, so a message that left before an
update of the bot is found after it."""

from __future__ import annotations

from typing import Any, Final

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SetMyCommands,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeDefault,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

from bot.telegram.resend.call import Call

MARIA: Final = 5_000_000_001
BUTTONS: Final = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Передать", callback_data="readings:1")]]
)
METHODS: Final[list[TelegramMethod[Any]]] = [
    SendMessage(chat_id=MARIA, text="Свет есть", allow_paid_broadcast=True),
    SendMessage(chat_id=MARIA, text="Свет есть", reply_markup=BUTTONS),
    SendMessage(
        chat_id=MARIA,
        text="42",
        entities=[MessageEntity(type="bold", offset=0, length=2)],
        reply_markup=ForceReply(selective=True),
        reply_parameters=ReplyParameters(message_id=7),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    ),
    EditMessageText(chat_id=MARIA, message_id=7, text="Принято", reply_markup=BUTTONS),
    SendDocument(chat_id=MARIA, document=BufferedInputFile(b"%PDF-", "receipt.pdf"), caption="За октябрь"),
    SendMediaGroup(
        chat_id=MARIA, media=[InputMediaPhoto(media="one", caption="Счётчик"), InputMediaPhoto(media="two")]
    ),
    SetMyCommands(commands=[BotCommand(command="start", description="Начать")], scope=BotCommandScopeDefault()),
    AnswerCallbackQuery(callback_query_id="9"),
]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__api_method__)
def test_the_values_of_a_call_are_those_of_its_method(method: TelegramMethod[Any]) -> None:
    assert Call.of(method).values == method.model_dump(exclude_none=True, warnings=False)
