"""The bot's words about itself in Telegram: menus of commands, in private chats and in groups of the staff, and the
texts before the first message, in both languages."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from handlers.commands import COMMANDS
from handlers.desk.commands import COMMANDS as OF_STAFF
from locales import LANGUAGES, SOURCE, _, speak

_LONGEST = 512  # of a description
_OUTSIDE = (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat)  # a group where the bot is not


async def introduce(bot: Bot, company: str) -> None:
    """Raises TelegramAPIError."""
    for language in LANGUAGES:
        speak(language)
        code = _code(language)
        await bot.set_my_commands(menu(), BotCommandScopeAllPrivateChats(), language_code=code)
        await _describe(bot, company, code)


def menu() -> list[BotCommand]:
    return [BotCommand(command=command.name, description=_(command.title)) for command in COMMANDS]


async def introduce_to_staff(bot: Bot, chat: int, *, broadcasts: bool) -> None:
    """Commands of a group of the staff, where the bot is there; when it comes they are set anew. `broadcasts`: those of
    them, too. Raises TelegramAPIError."""
    for language in LANGUAGES:
        speak(language)
        with suppress(*_OUTSIDE):
            await bot.set_my_commands(staff_menu(broadcasts=broadcasts), _in(chat), language_code=_code(language))


async def leave_staff(bot: Bot, chat: int) -> None:
    """A group that is not the staff's any more has no commands. Raises TelegramAPIError."""
    for language in LANGUAGES:
        with suppress(*_OUTSIDE):
            await bot.delete_my_commands(_in(chat), language_code=_code(language))


def _in(chat: int) -> BotCommandScopeChat:
    return BotCommandScopeChat(chat_id=chat)


def _code(language: str) -> str | None:
    """The source language is for all who speak none of the others."""
    return None if language == SOURCE else language


def staff_menu(*, broadcasts: bool) -> list[BotCommand]:
    shown = {name: one for name, one in OF_STAFF.items() if broadcasts or not one.of_broadcasts}
    return [BotCommand(command=name, description=_(one.title)) for name, one in shown.items()]


async def _describe(bot: Bot, company: str, code: str | None) -> None:
    """Texts that Telegram has already are not sent again: it limits their changes."""
    long, short = _description(company), _("Показания счётчика и оплата электроэнергии")
    if (await bot.get_my_description(language_code=code)).description != long:
        await bot.set_my_description(long, language_code=code)
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)


def _description(company: str) -> str:
    """For an empty chat, above the button «Начать»."""
    text = _(
        "Бот компании {name}. Здесь можно передать показания счётчика, узнать, сколько платить, и оплатить "
        "электроэнергию картой, через СБП или по QR-коду.\n\nНажмите «Начать»."
    )
    return text.format(name=company)[:_LONGEST]
