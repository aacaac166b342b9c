"""Telegram's HTML: text with tags → plain text and entities, offsets in UTF-16 units, errors in Telegram's words."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.errors import BadRequest

Entity = dict[str, Any]

_TYPES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,9})|(lt|gt|amp|quot)(?![a-zA-Z]));?")
_TAG_NAME: Final = re.compile(r"[^\s>]*")
_SPACES: Final = re.compile(r"\s*")
_ATTRIBUTE: Final = re.compile(r"[^\s=>]*")
_TOKEN: Final = re.compile(r"[A-Za-z0-9.\-]*")

# Texts that the apps turn into links by themselves; bots see them as entities too.
_FOUND: Final = re.compile(
    r"(?P<url>https?://[^\s<>\"]*[^\s<>\".,;:!?)]|\b(?:t\.me|telegram\.me)/[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31}\b)"
    r"|(?<![\w/<])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)",
)
_DROPPED: Final = re.compile("[\r\u2028-\u202e]")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    argument: str
    offset: int
    begin: int
    expandable: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts offsets and lengths."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def parse_html(html: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of `html`. Raises `BadRequest` «can't parse entities: …» as Telegram words it."""
    if "<" not in html and "&" not in html:
        return html, []
    return _Parser(html).parse()


class _Parser:
    def __init__(self, html: str) -> None:
        self.html = html
        self.pos = 0
        self.out: list[str] = []
        self.length = 0  # UTF-16 units written
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.pos < len(self.html):
            char = self.html[self.pos]
            if char == "<":
                self._tag()
            elif char == "&":
                self._write(self._reference())
            else:
                self._write(self._plain())
        if self.open:
            raise _error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16_length(text)

    def _plain(self) -> str:
        ends = [end for mark in "<&" if (end := self.html.find(mark, self.pos)) >= 0]
        begin, self.pos = self.pos, min(ends, default=len(self.html))
        return self.html[begin : self.pos]

    def _reference(self) -> str:
        match = _REFERENCE.match(self.html, self.pos)
        text = _character(match) if match else ""
        self.pos = match.end() if match and text else self.pos + 1
        return text or "&"

    def _tag(self) -> None:
        begin = self.pos
        if self.html.startswith("</", begin):
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.html, self.pos)
        taken = match.group() if match else ""
        self.pos += len(taken)
        return taken

    def _peek(self) -> str:
        return self.html[self.pos : self.pos + 1]

    def _start_tag(self, begin: int) -> None:
        self.pos += 1
        tag = self._take(_TAG_NAME).lower()
        if not self._peek():
            raise _error(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in _TYPES:
            raise _error(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _error(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self.open.append(_Open(tag, "", self.length, len(self.out), attributes=attributes))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._take(_SPACES)
            if self._peek() == ">":
                self.pos += 1
                return found
            name = self._take(_ATTRIBUTE)
            if not name and self._peek():
                raise _error(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
            self._take(_SPACES)
            if self._peek() == "=":
                self.pos += 1
                self._take(_SPACES)
                found[name] = self._value()
            else:
                found[name] = ""
            if not self._peek():
                raise _error(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')

    def _value(self) -> str:
        quote = self._peek()
        if quote in ("'", '"') and quote:
            end = self.html.find(quote, self.pos + 1)
            begin, self.pos = self.pos + 1, (end + 1 if end >= 0 else len(self.html))
            return _REFERENCE.sub(lambda match: _character(match) or match.group(), self.html[begin : self.pos - 1])
        begin = self.pos
        token = self._take(_TOKEN).lower()
        if self._peek() and not self._peek().isspace() and self._peek() != ">":
            raise _error(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
        return token

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise _error(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        self.pos += 2
        name = self._take(_TAG_NAME)
        self._take(_SPACES)
        if self._peek() != ">":
            raise _error(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self.pos += 1
        opened = self.open.pop()
        if name and name != opened.tag:
            raise _error(
                f'Unmatched end tag at byte offset {self._bytes(begin)}, expected "</{opened.tag}>", found "</{name}>"',
            )
        if self.length > opened.offset:
            self._entity(opened)

    def _entity(self, opened: _Open) -> None:
        place = {"offset": opened.offset, "length": self.length - opened.offset}
        attributes = opened.attributes
        if opened.tag in ("pre", "code"):
            self._code(opened.tag, place, attributes.get("class", ""))
        elif opened.tag == "a":
            self._link(place, attributes.get("href") or "".join(self.out[opened.begin :]))
        elif opened.tag == "tg-emoji":
            self.entities.append({"type": "custom_emoji", **place, "custom_emoji_id": attributes.get("emoji-id", "")})
        elif opened.tag == "tg-time":
            self.entities.append({"type": "date_time", **place, **_moment(attributes)})
        elif opened.tag == "blockquote" and "expandable" in attributes:
            self.entities.append({"type": "expandable_blockquote", **place})
        else:
            self.entities.append({"type": _TYPES[opened.tag], **place})

    def _code(self, tag: str, place: Entity, css: str) -> None:
        """`pre` around `code class="language-…"`, in either order, is one entity with a language."""
        language = css.removeprefix("language-") if tag == "code" and css.startswith("language-") else ""
        last = self.entities[-1] if self.entities else {}
        other = "pre" if tag == "code" else "code"
        same = last.get("type") == other and place.items() <= last.items()
        if same and (language or last.get("language")):
            last.update({"type": "pre", "language": language or last["language"]})
        else:
            self.entities.append({"type": tag, **place, **({"language": language} if language else {})})

    def _link(self, place: Entity, url: str) -> None:
        if link := checked_link(url):
            self.entities.append({"type": "text_link", **place, "url": link})

    def _bytes(self, position: int) -> int:
        return len(self.html[:position].encode())


def _moment(attributes: dict[str, str]) -> Entity:
    moment: Entity = {"unix_time": int(attributes.get("unix") or 0)}
    if attributes.get("format"):
        moment["date_time_format"] = attributes["format"]
    return moment


def _error(reason: str) -> BadRequest:
    return BadRequest(f"can't parse entities: {reason}")


def _character(match: re.Match[str]) -> str:
    """The character a reference stands for, "" when there is none such."""
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else ""


def checked_link(url: str) -> str:
    """`url` as Telegram keeps it (a scheme added, a slash after a bare host), "" when it is no link."""
    url = url.strip()
    if url.startswith(("tg://", "tonsite://", "ton://", "mailto:", "tel:")):
        return url
    if "://" not in url:
        url = f"http://{url}"
    match = re.fullmatch(r"(https?://)([^\s/?#]+)([^\s]*)", url, re.IGNORECASE)
    if match is None or ("." not in match[2] and not match[2].startswith("localhost")):
        return ""
    return url if match[3] else f"{url}/"


def found_entities(text: str) -> list[Entity]:
    """Links, e-mail addresses, mentions, commands and hashtags that Telegram marks by itself."""
    if text.isascii():
        return [_found(match, match.start(), match.end()) for match in _FOUND.finditer(text)]
    matches = list(_FOUND.finditer(text))
    return [_found(match, utf16_length(text[: match.start()]), utf16_length(text[: match.end()])) for match in matches]


def _found(match: re.Match[str], begin: int, end: int) -> Entity:
    return {"type": match.lastgroup, "offset": begin, "length": end - begin}


def clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Text without control characters and outer white space, entities moved along with it.

    Telegram drops carriage returns and direction overrides, and turns other control characters into spaces.
    """
    if not text.isprintable() or text[:1].isspace() or text[-1:].isspace():
        text, entities = _without(_DROPPED, text, entities)
        text, entities = _trimmed(_CONTROL.sub(" ", text), entities)
    return text, entities


def _without(pattern: re.Pattern[str], text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    cuts = [utf16_length(text[: match.start()]) for match in pattern.finditer(text)]
    if not cuts:
        return text, entities
    moved = []
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        begin, end = begin - bisect_right(cuts, begin - 1), end - bisect_right(cuts, end - 1)
        moved.append({**entity, "offset": begin, "length": end - begin})
    return pattern.sub("", text), [entity for entity in moved if entity["length"] > 0]


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    bare = text.strip()
    if not entities or bare == text:
        return bare, entities
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    total = utf16_length(bare)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, total)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return bare, kept
