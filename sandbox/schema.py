"""Parameters of each Bot API method: names, types and which parameters are required (Bot API 10.3).

A parameter is written `name:type`, `!` marks a required one, the type is `str` when left out, `[]` makes a list.
Objects inside parameters are described the same way, so an unknown or ill-typed field is found at any depth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from sandbox.errors import BadRequest

Params = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Upload:
    """A file as it came in a multipart body."""

    name: str
    content_type: str
    data: bytes


class Field(NamedTuple):
    """One parameter of a method or one field of an object."""

    kind: str
    required: bool


def fields(*tables: str) -> dict[str, Field]:
    """Read tables of `name:type!` words."""
    words = (word for table in tables for word in table.split())
    return {
        name: Field(kind.rstrip("!") or "str", word.endswith("!"))
        for word in words
        for name, _, kind in [word.rstrip("!").partition(":")]
    }


_EXTRA = """message_thread_id:int direct_messages_topic_id:int disable_notification:bool protect_content:bool
    allow_paid_broadcast:bool message_effect_id suggested_post_parameters:object reply_parameters:ReplyParameters
    allow_sending_without_reply:bool reply_to_message_id:int"""
_SEND = f"""chat_id:chat! business_connection_id reply_markup:Markup
    ephemeral_message_parameters:object receiver_user_id:int callback_query_id {_EXTRA}"""
_CAPTION = "caption parse_mode caption_entities:MessageEntity[]"
_ABOVE = "show_caption_above_media:bool has_spoiler:bool"
_FRAME = "duration:int width:int height:int thumbnail:file"
_EDIT = "business_connection_id chat_id:chat message_id:int inline_message_id reply_markup:InlineKeyboardMarkup"
_COPIES = """chat_id:chat! from_chat_id:chat! message_ids:int[]! message_thread_id:int direct_messages_topic_id:int
    disable_notification:bool protect_content:bool"""
_TOPIC = "chat_id:chat! message_thread_id:int!"
_COMMANDS = "scope:BotCommandScope language_code"

METHODS: Final[dict[str, dict[str, Field]]] = {
    name: fields(*tables)
    for name, tables in {
        "getMe": (),
        "logOut": (),
        "close": (),
        "getUpdates": ("offset:int limit:int timeout:int allowed_updates:str[]",),
        "setWebhook": (
            "url! certificate:file ip_address max_connections:int allowed_updates:str[]",
            "drop_pending_updates:bool secret_token",
        ),
        "deleteWebhook": ("drop_pending_updates:bool",),
        "getWebhookInfo": (),
        "sendMessage": (
            _SEND,
            "text! parse_mode entities:MessageEntity[] link_preview_options:LinkPreviewOptions",
        ),
        "sendPhoto": (_SEND, "photo:file!", _CAPTION, _ABOVE),
        "sendDocument": (_SEND, "document:file! thumbnail:file disable_content_type_detection:bool", _CAPTION),
        "sendVideo": (
            _SEND,
            "video:file! cover:file start_timestamp:int supports_streaming:bool",
            _CAPTION,
            _ABOVE,
            _FRAME,
        ),
        "sendAnimation": (_SEND, "animation:file!", _CAPTION, _ABOVE, _FRAME),
        "sendAudio": (_SEND, "audio:file! duration:int performer title thumbnail:file", _CAPTION),
        "sendVoice": (_SEND, "voice:file! duration:int", _CAPTION),
        "sendVideoNote": (_SEND, "video_note:file! duration:int length:int thumbnail:file"),
        "sendSticker": (_SEND, "sticker:file! emoji"),
        "sendLocation": (
            _SEND,
            "latitude:float! longitude:float! horizontal_accuracy:float live_period:int heading:int",
            "proximity_alert_radius:int",
        ),
        "sendContact": (_SEND, "phone_number! first_name! last_name vcard"),
        "sendMediaGroup": (
            "chat_id:chat! media:InputMedia[]! business_connection_id message_thread_id:int",
            "direct_messages_topic_id:int disable_notification:bool protect_content:bool allow_paid_broadcast:bool",
            "message_effect_id reply_parameters:ReplyParameters allow_sending_without_reply:bool",
            "reply_to_message_id:int",
        ),
        "sendChatAction": ("chat_id:chat! action! business_connection_id message_thread_id:int",),
        "editMessageText": (
            _EDIT,
            "text! parse_mode entities:MessageEntity[] link_preview_options:LinkPreviewOptions",
        ),
        "editMessageCaption": (_EDIT, _CAPTION, "show_caption_above_media:bool"),
        "editMessageMedia": (_EDIT, "media:InputMedia!"),
        "editMessageReplyMarkup": (_EDIT,),
        "stopMessageLiveLocation": (_EDIT,),
        "deleteMessage": ("chat_id:chat! message_id:int!",),
        "deleteMessages": ("chat_id:chat! message_ids:int[]!",),
        "answerCallbackQuery": ("callback_query_id! text show_alert:bool url cache_time:int",),
        "copyMessage": (
            "chat_id:chat! from_chat_id:chat! message_id:int! video_start_timestamp:int reply_markup:Markup",
            "show_caption_above_media:bool",
            _CAPTION,
            _EXTRA,
        ),
        "copyMessages": (_COPIES, "remove_caption:bool"),
        "forwardMessage": (
            "chat_id:chat! from_chat_id:chat! message_id:int! message_thread_id:int direct_messages_topic_id:int",
            "video_start_timestamp:int disable_notification:bool protect_content:bool message_effect_id",
            "suggested_post_parameters:object",
        ),
        "forwardMessages": (_COPIES,),
        "getFile": ("file_id!",),
        "getChat": ("chat_id:chat!",),
        "getChatMember": ("chat_id:chat! user_id:int!",),
        "getChatAdministrators": ("chat_id:chat! return_bots:bool",),
        "getChatMemberCount": ("chat_id:chat!",),
        "leaveChat": ("chat_id:chat!",),
        "pinChatMessage": ("chat_id:chat! message_id:int! business_connection_id disable_notification:bool",),
        "unpinChatMessage": ("chat_id:chat! message_id:int business_connection_id",),
        "unpinAllChatMessages": ("chat_id:chat!",),
        "setMessageReaction": ("chat_id:chat! message_id:int! reaction:ReactionType[] is_big:bool",),
        "createForumTopic": ("chat_id:chat! name! icon_color:int icon_custom_emoji_id",),
        "editForumTopic": (_TOPIC, "name icon_custom_emoji_id"),
        "closeForumTopic": (_TOPIC,),
        "reopenForumTopic": (_TOPIC,),
        "deleteForumTopic": (_TOPIC,),
        "unpinAllForumTopicMessages": (_TOPIC,),
        "editGeneralForumTopic": ("chat_id:chat! name!",),
        "closeGeneralForumTopic": ("chat_id:chat!",),
        "reopenGeneralForumTopic": ("chat_id:chat!",),
        "hideGeneralForumTopic": ("chat_id:chat!",),
        "unhideGeneralForumTopic": ("chat_id:chat!",),
        "setMyCommands": ("commands:BotCommand[]!", _COMMANDS),
        "getMyCommands": (_COMMANDS,),
        "deleteMyCommands": (_COMMANDS,),
        "setMyName": ("name language_code",),
        "getMyName": ("language_code",),
        "setMyDescription": ("description language_code",),
        "getMyDescription": ("language_code",),
        "setMyShortDescription": ("short_description language_code",),
        "getMyShortDescription": ("language_code",),
        "setChatMenuButton": ("chat_id:int menu_button:MenuButton",),
        "getChatMenuButton": ("chat_id:int",),
    }.items()
}

OBJECTS: Final[dict[str, dict[str, Field]]] = {
    name: fields(table)
    for name, table in {
        "InlineKeyboardMarkup": "inline_keyboard:InlineKeyboardButton[][]! force_reply:bool",
        "InlineKeyboardButton": """text! icon_custom_emoji_id style url callback_data web_app:object login_url:object
            switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat:object
            copy_text:CopyTextButton callback_game:object pay:bool disabled:object""",
        "CopyTextButton": "text!",
        "ReplyKeyboardMarkup": """keyboard:KeyboardButton[][]! is_persistent:bool resize_keyboard:bool
            one_time_keyboard:bool input_field_placeholder selective:bool force_reply:bool""",
        "KeyboardButton": """text! icon_custom_emoji_id style request_users:object request_chat:object
            request_managed_bot:object request_contact:bool request_location:bool request_poll:object
            web_app:object""",
        "ReplyKeyboardRemove": "remove_keyboard:bool! selective:bool",
        "ForceReply": "force_reply:bool! input_field_placeholder selective:bool",
        "ReplyParameters": """message_id:int chat_id:chat allow_sending_without_reply:bool quote quote_parse_mode
            quote_entities:MessageEntity[] quote_position:int checklist_task_id:int poll_option_id
            ephemeral_message_id:int""",
        "LinkPreviewOptions": """is_disabled:bool url prefer_small_media:bool prefer_large_media:bool
            show_above_text:bool""",
        "MessageEntity": """type! offset:int! length:int! url user:object language custom_emoji_id unix_time:int
            date_time_format""",
        "InputMedia": f"""type! media:file! {_CAPTION} {_ABOVE} {_FRAME} cover:file start_timestamp:int
            supports_streaming:bool disable_content_type_detection:bool performer title""",
        "BotCommand": "command! description! is_ephemeral:bool",
        "BotCommandScope": "type! chat_id:chat user_id:int",
        "MenuButton": "type! text web_app:object",
        "ReactionType": "type! emoji custom_emoji_id",
    }.items()
}

_REQUIRED: Final = {
    method: [(name, field) for name, field in table.items() if field.required] for method, table in METHODS.items()
}
_FILES: Final = {
    method: [name for name, field in table.items() if field.kind in ("file", "InputMedia", "InputMedia[]")]
    for method, table in METHODS.items()
}
_MEDIA_FILES: Final = ("media", "thumbnail", "cover")

# The key that tells one kind of keyboard from another, most telling first.
_MARKUPS: Final = {
    "inline_keyboard": "InlineKeyboardMarkup",
    "keyboard": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove",
    "force_reply": "ForceReply",
}
_SCALARS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "a string"),
    "int": ((int,), "an integer"),
    "float": ((float, int), "a number"),
    "bool": ((bool,), "a boolean"),
    "chat": ((int, str), "a chat identifier"),
    "file": ((Upload, str), "a file"),
    "object": ((dict,), "an object"),
}
_BOOLS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_TEXTUAL: Final = frozenset({"str", "chat", "file"})
_MISSING: Final = {"chat_id": "chat_id is empty", "text": "message text is empty"}
_JSON_NAMES: Final = {"reply_markup": "reply keyboard markup"}
_INTEGER: Final = re.compile(r"-?\d{1,19}", re.ASCII)


def read(method: str, given: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> Params:
    """The parameters of one call with their types; `given` holds text (forms) or JSON values.

    `uploads` are the files of a multipart body by their field's name; `attach://name` finds them too.
    Raises `BadRequest` that names the parameter.
    """
    table = METHODS[method]
    if uploads:
        given = {**given, **{name: upload for name, upload in uploads.items() if name in table}}
    params = {}
    for name, value in given.items():
        field = table.get(name)
        if field is None:
            raise BadRequest(f'unknown parameter "{name}"')
        if value is not None and value != "":
            params[name] = _parameter(field.kind, value, name)
    for name, field in _REQUIRED[method]:
        if name not in params:
            params[name] = _missing(field, given, name)
    if uploads or _FILES[method]:
        _attach(_FILES[method], params, uploads or {})
    return params


def _attach(names: list[str], params: Params, uploads: Mapping[str, Upload]) -> None:
    """Put uploaded files in the place of `attach://name`; none may be left over."""
    used = params.keys() & uploads.keys()
    media = params.get("media", [])
    for holder in (params, *(media if isinstance(media, list) else [media])):
        for key in names if holder is params else _MEDIA_FILES:
            value = holder.get(key)
            if isinstance(value, str) and value.startswith("attach://"):
                name = value.removeprefix("attach://")
                holder[key] = _uploaded(uploads, name)
                used.add(name)
    if unused := uploads.keys() - used:
        raise BadRequest(f'unknown parameter "{min(unused)}"')


def _uploaded(uploads: Mapping[str, Upload], name: str) -> Upload:
    if name not in uploads:
        raise BadRequest(f'there is no attached file "{name}"')
    return uploads[name]


def _missing(field: Field, given: Mapping[str, Any], name: str) -> str:
    """A required text given as "" stays: what it means (no webhook, an empty message) is the method's matter."""
    if field.kind == "str" and given.get(name) == "":
        return ""
    raise BadRequest(_MISSING.get(name, f'parameter "{name}" is required'))


def _parameter(kind: str, value: Any, name: str) -> Any:
    if isinstance(value, str) and kind not in _TEXTUAL:
        value = _from_text(kind, value, name)
    return check(kind, value, name)


def _from_text(kind: str, value: str, name: str) -> Any:
    if kind == "bool":
        return _BOOLS.get(value.lower(), value)
    if kind == "int":
        return int(value) if _INTEGER.fullmatch(value) else value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        words = _JSON_NAMES.get(name, name.replace("_", " "))
        raise BadRequest(f"can't parse {words} JSON object") from None


def check(kind: str, value: Any, name: str) -> Any:
    """`value` if it is of `kind`, without fields that are null. Raises `BadRequest` that names `name`."""
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        return _scalar(scalar, kind, value, name)
    if kind.endswith("[]"):
        if not isinstance(value, list):
            raise BadRequest(f'parameter "{name}" must be an array')
        return [check(kind[:-2], item, f"{name}[{place}]") for place, item in enumerate(value)]
    if not isinstance(value, dict):
        raise BadRequest(f'parameter "{name}" must be an object')
    return _object(_markup(value) if kind == "Markup" else kind, value, name)


def _scalar(scalar: tuple[tuple[type, ...], str], kind: str, value: Any, name: str) -> Any:
    types, words = scalar
    if not isinstance(value, types) or (isinstance(value, bool) and kind != "bool"):
        raise BadRequest(f'parameter "{name}" must be {words}')
    return value


def _markup(value: dict[str, Any]) -> str:
    for key, kind in _MARKUPS.items():
        if key in value:
            return kind
    raise BadRequest("object expected as reply markup")


def _object(kind: str, value: dict[str, Any], name: str) -> dict[str, Any]:
    table = OBJECTS[kind]
    found = {}
    for key, item in value.items():
        field = table.get(key)
        if field is None:
            raise BadRequest(f'unknown field "{key}" in "{name}" ({kind})')
        if item is not None:
            found[key] = check(field.kind, item, f"{name}.{key}")
    for key, field in table.items():
        if field.required and key not in found:
            raise BadRequest(f'can\'t find field "{key}" in "{name}" ({kind})')
    return found
