"""Files of the sandbox: bytes in memory, file ids, sizes of pictures."""

from __future__ import annotations

import mimetypes
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sandbox.errors import BadRequest

MAX_PHOTO: Final = 10 * 1024 * 1024
MAX_UPLOAD: Final = 50 * 1024 * 1024
MAX_DOWNLOAD: Final = 20 * 1024 * 1024

# Folder of `file_path` and what a file of the kind says about itself besides its ids and size.
KINDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "photo": ("photos", {}),
    "document": ("documents", {}),
    "video": ("videos", {"width": 640, "height": 360, "duration": 1}),
    "animation": ("animations", {"width": 320, "height": 180, "duration": 1}),
    "audio": ("music", {"duration": 1}),
    "voice": ("voice", {"duration": 1}),
    "video_note": ("video_notes", {"length": 240, "duration": 1}),
    "sticker": (
        "stickers",
        {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": "👍"},
    ),
}
_NAMED: Final = frozenset({"document", "video", "animation", "audio"})
_TYPED: Final = _NAMED | {"voice"}
_DEFAULT_TYPES: Final = {
    "photo": "image/jpeg",
    "video": "video/mp4",
    "animation": "video/mp4",
    "video_note": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "sticker": "image/webp",
}


@dataclass(slots=True, frozen=True)
class StoredFile:
    """One file; `data` in bytes, `width` and `height` in pixels (0 unless it is a photo)."""

    file_id: str
    file_unique_id: str
    kind: str
    path: str
    name: str
    mime_type: str
    data: bytes
    width: int = 0
    height: int = 0


class Files:
    """All files the bot and the people have sent."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(
        self,
        kind: str,
        data: bytes,
        name: str,
        mime_type: str | None = None,
        *,
        by_bot: bool = True,
    ) -> StoredFile:
        """Keep `data`. Of the bot Telegram does not take everything (size, picture): `BadRequest`."""
        size = _checked_size(kind, data) if by_bot else _any_size(kind, data)
        folder, _ = KINDS[kind]
        suffix = name.rpartition(".")[2] if "." in name else "jpg" if kind == "photo" else "bin"
        file = StoredFile(
            file_id=f"{kind[:2].upper()}{secrets.token_urlsafe(40)}",
            file_unique_id=f"AQAD{secrets.token_urlsafe(8)}",
            kind=kind,
            path=f"{folder}/file_{len(self._by_id)}.{suffix}",
            name=name,
            mime_type=_mime_type(kind, name, mime_type),
            data=data,
            width=size[0],
            height=size[1],
        )
        self.restore(file)
        return file

    def restore(self, file: StoredFile) -> None:
        """Keep a file that has its ids already."""
        self._by_id[file.file_id] = self._by_path[file.path] = file

    def __iter__(self) -> Iterator[StoredFile]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """Uploads so far."""
        return len(self._by_id)

    def get(self, file_id: str) -> StoredFile:
        """The file behind an id; `BadRequest` when there is none."""
        file = self._by_id.get(file_id)
        if file is None:
            raise BadRequest("wrong file identifier/HTTP URL specified")
        return file

    def at(self, path: str) -> StoredFile | None:
        """The file at a `file_path`."""
        return self._by_path.get(path)

    def describe(self, file: StoredFile) -> dict[str, Any]:
        """`{kind: …}` as it stands in a Message."""
        if file.kind == "photo":
            return {"photo": _photo(file)}
        about = {**_ids(file), **KINDS[file.kind][1]}
        if file.kind in _NAMED:
            about["file_name"] = file.name
        if file.kind in _TYPED:
            about["mime_type"] = file.mime_type
        # An animation is a document too, for bots older than animations.
        if file.kind == "animation":
            document = {key: about[key] for key in about if key not in KINDS["animation"][1]}
            return {"animation": about, "document": document}
        return {file.kind: about}


def _checked_size(kind: str, data: bytes) -> tuple[int, int]:
    limit = MAX_PHOTO if kind == "photo" else MAX_UPLOAD
    if len(data) > limit:
        raise BadRequest(f"file is too big: {len(data)} bytes, at most {limit}")
    if not data:
        raise BadRequest("file must be non-empty")
    return photo_size(data) if kind == "photo" else (0, 0)


def _any_size(kind: str, data: bytes) -> tuple[int, int]:
    """A photo that a person's app has sent is a picture, whatever its bytes are."""
    try:
        return photo_size(data) if kind == "photo" else (0, 0)
    except BadRequest:
        return 800, 600


def _ids(file: StoredFile) -> dict[str, Any]:
    return {"file_id": file.file_id, "file_unique_id": file.file_unique_id, "file_size": len(file.data)}


def _photo(file: StoredFile) -> list[dict[str, Any]]:
    """Sizes from small to full; the small one shares the bytes, for nobody here counts its pixels."""
    full = {**_ids(file), "width": file.width, "height": file.height}
    if max(file.width, file.height) <= 320:
        return [full]
    scale = 320 / max(file.width, file.height)
    small = {**full, "width": max(1, round(file.width * scale)), "height": max(1, round(file.height * scale))}
    return [small, full]


def _mime_type(kind: str, name: str, given: str | None) -> str:
    if given and given != "application/octet-stream":
        return given
    return mimetypes.guess_type(name)[0] or _DEFAULT_TYPES.get(kind, "application/octet-stream")


def photo_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP. Raises `BadRequest` as Telegram does."""
    size = _png(data) or _gif(data) or _jpeg(data) or _webp(data)
    if size is None:
        raise BadRequest("IMAGE_PROCESS_FAILED")
    width, height = size
    if min(size) == 0 or width + height > 10000 or max(size) > 20 * min(size):
        raise BadRequest("PHOTO_INVALID_DIMENSIONS")
    return size


def _png(data: bytes) -> tuple[int, int] | None:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int] | None:
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 10:
        return None
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """The size stands in the first start-of-frame segment."""
    place = 2
    while data[:2] == b"\xff\xd8" and place + 9 <= len(data):
        marker, length = struct.unpack(">HH", data[place : place + 4])
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF
