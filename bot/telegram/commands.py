"""The command menu, in both languages, for private chats only."""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from locales import LANGUAGES, SOURCE, speak
from locales import _ as translated


def menu() -> list[BotCommand]:
    return [
        BotCommand(command="menu", description=translated("Главная")),
        BotCommand(command="readings", description=translated("Передать показания")),
        BotCommand(command="pay", description=translated("Оплатить")),
        BotCommand(command="history", description=translated("Мои показания")),
        BotCommand(command="accounts", description=translated("Мои счета")),
        BotCommand(command="settings", description=translated("Настройки и мои данные")),
        BotCommand(command="help", description=translated("Помощь и телефоны")),
        BotCommand(command="cancel", description=translated("Отменить ввод")),
    ]


async def publish(bot: Bot) -> None:
    """Raises TelegramAPIError."""
    for language in LANGUAGES:
        speak(language)
        code = None if language == SOURCE else language
        await bot.set_my_commands(menu(), BotCommandScopeAllPrivateChats(), language_code=code)
