"""The bot's words about itself in Telegram: the menu of commands in private chats, and the texts before the first
message, in both languages."""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from handlers.commands import COMMANDS
from locales import LANGUAGES, SOURCE, _, speak

_LONGEST = 512  # of a description


async def introduce(bot: Bot, company: str) -> None:
    """Raises TelegramAPIError."""
    for language in LANGUAGES:
        speak(language)
        code = None if language == SOURCE else language
        await bot.set_my_commands(menu(), BotCommandScopeAllPrivateChats(), language_code=code)
        await _describe(bot, company, code)


def menu() -> list[BotCommand]:
    return [BotCommand(command=command.name, description=_(command.title)) for command in COMMANDS]


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
