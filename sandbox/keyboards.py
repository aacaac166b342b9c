"""The rules of keyboards: what Telegram refuses in buttons."""

from __future__ import annotations

from typing import Any, Final

from sandbox.errors import BadRequest
from sandbox.markup import checked_link

Button = dict[str, Any]

MAX_ROW: Final = 8
MAX_BUTTONS: Final = 100
_STYLES: Final = frozenset({"danger", "success", "primary"})
_INLINE_KINDS: Final = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
_REPLY_KINDS: Final = (
    "request_users",
    "request_chat",
    "request_managed_bot",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
)


def check_markup(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """`markup` when Telegram would take it; `BadRequest` otherwise. An inline keyboard without buttons is none."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        return _inline(markup)
    if "keyboard" in markup:
        _reply(markup)
    elif not markup.get("remove_keyboard", markup.get("force_reply")):
        raise BadRequest("object expected as reply markup")
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= len(placeholder) <= 64:
        raise BadRequest("input field placeholder must be 1-64 characters long")
    return markup


def _inline(markup: dict[str, Any]) -> dict[str, Any] | None:
    rows = [row for row in markup["inline_keyboard"] if row]
    _check_size(rows)
    for row in rows:
        for button in row:
            _inline_button(button)
    field = {"force_reply": True} if markup.get("force_reply") else {}  # the reply field opens
    return {"inline_keyboard": rows, **field} if rows else None


def _reply(markup: dict[str, Any]) -> None:
    rows = [row for row in markup["keyboard"] if row]
    if not rows:
        raise BadRequest("reply keyboard must have at least one button")
    _check_size(rows)
    for row in rows:
        for button in row:
            _check_look(button, "keyboard button")
            if sum(1 for kind in _REPLY_KINDS if button.get(kind)) > 1:
                raise BadRequest("can't parse keyboard button: at most one kind of request is allowed")


def _check_size(rows: list[list[Button]]) -> None:
    widest = max(map(len, rows), default=0)
    if widest > MAX_ROW:
        raise BadRequest(f"too many buttons in a row: {widest}, at most {MAX_ROW}")
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise BadRequest("REPLY_MARKUP_TOO_LONG")


def _check_look(button: Button, words: str) -> None:
    if not button["text"].strip():
        raise BadRequest(f'can\'t parse {words}: Field "text" must be non-empty')
    if button.get("style", "primary") not in _STYLES:
        raise BadRequest(f"can't parse {words}: invalid button style specified")


def _inline_button(button: Button) -> None:
    _check_look(button, "inline keyboard button")
    kinds = [kind for kind in _INLINE_KINDS if kind in button]
    if not kinds:
        raise BadRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise BadRequest(f"can't parse inline keyboard button: exactly one kind is allowed, found {', '.join(kinds)}")
    check = _CHECKS.get(kinds[0])
    if check is not None:
        check(button)


def _check_data(button: Button) -> None:
    if not button["callback_data"]:
        raise BadRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(button["callback_data"].encode()) > 64:
        raise BadRequest("BUTTON_DATA_INVALID")


def _check_url(button: Button) -> None:
    url = button["url"]
    if "://" in url and not url.startswith(("http://", "https://", "tg://", "ton://")):
        raise BadRequest(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    # The demo's own pages live on bare addresses of this machine.
    if not checked_link(url):
        raise BadRequest(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_copy(button: Button) -> None:
    if not 1 <= len(button["copy_text"]["text"]) <= 256:
        raise BadRequest("BUTTON_COPY_TEXT_INVALID")


_CHECKS: Final = {"callback_data": _check_data, "url": _check_url, "copy_text": _check_copy}
