"""Names of subjects and files."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.wording import escape
from locales import N_, _, current, plural
from services.appeals.models import Attachment, Written
from services.appeals.settings import AppealSettings

_FILE = N_("документ")
_KINDS = {
    "photo": N_("фото"),
    "document": _FILE,
    "voice": N_("голосовое сообщение"),
    "audio": N_("аудио"),
    "video": N_("видео"),
    "video_note": N_("видеосообщение"),
    "animation": N_("видео"),
}
_LONGEST = 60  # characters of a name


def subject_name(settings: AppealSettings, key: str) -> str:
    return escape(settings.subject(key).named(current()))


def subject_plainly(settings: AppealSettings, key: str) -> str:
    return settings.subject(key).named(current())


def file_name(file: Attachment) -> str:
    """Its name, or its kind."""
    name = file.name or _(_KINDS.get(file.kind, _FILE))
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def files_shown(count: int) -> str:
    return "📎 " + plural("{n} файл", "{n} файла", count).format(n=count) if count else ""


def attached(files: Sequence[Written]) -> str:
    """Names of an appeal's files; an album is one thing, for its parts may still be coming."""
    albums = dict.fromkeys(one.album for one in files if one.album)
    names = [file_name(one.file) for one in files if one.file and not one.album]
    names += [_("альбом")] * len(albums)
    return "📎 " + ", ".join(map(escape, names)) if names else ""


def attached_plainly(messages: Sequence[Written]) -> str:
    names = [file_name(one.file) for one in messages if one.file]
    return _("Приложено: {files}").format(files=", ".join(names)) if names else ""
