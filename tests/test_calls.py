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

from bot.outbox.channels import new_message
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
    AnswerCallbackQuery(callback_query_id="9", of_a_newer_telegram=1),  # aiogram lets it pass
]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__api_method__)
def test_the_values_of_a_call_are_those_of_its_method(method: TelegramMethod[Any]) -> None:
    """In their order, too, which a digest depends on."""
    dumped = method.model_dump(exclude_none=True, warnings=False)
    assert list(Call.of(method).values.items()) == list(dumped.items())


@pytest.mark.parametrize("paid", [True, None])
@pytest.mark.parametrize("buttons", [BUTTONS, None])
def test_a_notice_that_was_not_validated_is_the_same_call(
    *, paid: bool | None, buttons: InlineKeyboardMarkup | None
) -> None:
    validated = SendMessage(chat_id=MARIA, text="Свет есть", reply_markup=buttons, allow_paid_broadcast=paid)
    made = new_message(MARIA, "Свет есть", buttons, paid=paid)
    assert (Call.of(made).digest, Call.of(made).values) == (Call.of(validated).digest, Call.of(validated).values)
