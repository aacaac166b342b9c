"""Methods about the bot itself: its commands, names, menu button."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from sandbox.errors import BadRequest
from sandbox.schema import Params
from sandbox.state import Json
from sandbox.world import World

Handler = Callable[[World, Params], Any]

_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS: Final = 100
_MAX_DESCRIPTION: Final = 256
# Fields that a scope needs besides its type.
_SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
# Method ending → field of the profile, parameter, longest text.
_TEXTS: Final = {
    "Name": ("name", "name", 64),
    "Description": ("description", "description", 512),
    "ShortDescription": ("short_description", "short_description", 120),
}
_CAN: Final = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
    "has_topics_enabled": False,
}


def get_me(world: World, _: Params) -> Json:
    """The bot."""
    return {**world.bot, **_CAN}


def _yes(_world: World, _params: Params) -> bool:
    return True


def _scope(world: World, params: Params) -> tuple[str, str]:
    scope: Json = params.get("scope", {"type": "default"})
    needed = _SCOPES.get(scope["type"])
    if needed is None:
        raise BadRequest("can't parse BotCommandScope: unsupported type specified")
    for key in needed:
        if key not in scope:
            raise BadRequest(f"can't parse BotCommandScope: can't find field \"{key}\"")
    if needed:
        world.chat(scope["chat_id"])
    return orjson.dumps({key: scope[key] for key in ("type", *needed)}).decode(), _language(params)


def _language(params: Params) -> str:
    code: str = params.get("language_code", "")
    if code and not re.fullmatch("[a-z]{2}", code):
        raise BadRequest("invalid language code specified")
    return code


def set_my_commands(world: World, params: Params) -> bool:
    """Commands of one scope and language."""
    commands: list[Json] = params["commands"]
    if len(commands) > _MAX_COMMANDS:
        raise BadRequest("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"].removeprefix("/")):
            raise BadRequest("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= _MAX_DESCRIPTION:
            raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{**command, "command": command["command"].removeprefix("/")} for command in commands]
    return _keep_commands(world, _scope(world, params), kept)


def delete_my_commands(world: World, params: Params) -> bool:
    """Forget the commands of one scope and language."""
    return _keep_commands(world, _scope(world, params), [])


def _keep_commands(world: World, key: tuple[str, str], commands: list[Json]) -> bool:
    if commands:
        world.profile.commands[key] = commands
    else:
        world.profile.commands.pop(key, None)
    world.emit("commands")
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    """Commands set for exactly this scope and language."""
    return world.profile.commands.get(_scope(world, params), [])


def _text_setter(field: str, parameter: str, longest: int) -> Handler:
    def set_text(world: World, params: Params) -> bool:
        text = params.get(parameter, "")
        if len(text) > longest:
            raise BadRequest(f"{parameter.replace('_', ' ')} is too long, at most {longest}")
        texts: dict[str, str] = getattr(world.profile, field)
        texts[_language(params)] = text
        world.emit("texts")
        return True

    return set_text


def _text_getter(field: str, parameter: str) -> Handler:
    def get_text(world: World, params: Params) -> Json:
        texts: dict[str, str] = getattr(world.profile, field)
        text = texts.get(_language(params)) or texts.get("") or ""
        return {parameter: text or (world.bot["first_name"] if parameter == "name" else "")}

    return get_text


def set_chat_menu_button(world: World, params: Params) -> bool:
    """The button left of the input field, for one private chat or for all."""
    button: Json = params.get("menu_button", {"type": "default"})
    if button["type"] not in ("commands", "web_app", "default"):
        raise BadRequest("can't parse menu button: unsupported type specified")
    if button["type"] == "web_app" and not (button.get("text") and button.get("web_app")):
        raise BadRequest("can't parse menu button: text and web_app are required")
    world.profile.menu_buttons[_menu_chat(world, params)] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    """The button of a chat, else the common one."""
    buttons = world.profile.menu_buttons
    return buttons.get(_menu_chat(world, params)) or buttons.get(None) or {"type": "commands"}


def _menu_chat(world: World, params: Params) -> int | None:
    chat_id: int | None = params.get("chat_id")
    if chat_id is not None and world.chat(chat_id).person is None:
        raise BadRequest("chat must be private")
    return chat_id


METHODS: Final[dict[str, Handler]] = {
    "getMe": get_me,
    "logOut": _yes,
    "close": _yes,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{f"setMy{name}": _text_setter(*one) for name, one in _TEXTS.items()},
    **{f"getMy{name}": _text_getter(*one[:2]) for name, one in _TEXTS.items()},
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
