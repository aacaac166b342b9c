"""Telegram's HTML: entities in UTF-16 units and the words of every error."""

from typing import Any

import pytest

from sandbox.errors import BadRequest
from sandbox.markup import clean, found_entities, parse_html


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>a</b>", "a", [entity("bold", 0, 1)]),
        ("<strong>a</strong><em>b</em>", "ab", [entity("bold", 0, 1), entity("italic", 1, 1)]),
        ("<ins>a</ins><u>b</u>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", [entity("strikethrough", place, 1) for place in range(3)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [entity("spoiler", 0, 1)]),
        ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("<B>a</b>", "a", [entity("bold", 0, 1)]),
        ("<b>a</>", "a", [entity("bold", 0, 1)]),
        ("<b></b>a", "a", []),
        ("Ж😀<b>я</b>", "Ж😀я", [entity("bold", 3, 1)]),
        ('<a href="https://x.ru/?a=1&amp;b=2">x</a>', "x", [entity("text_link", 0, 1, url="https://x.ru/?a=1&b=2")]),
        ("<a href='x.ru'>x</a>", "x", [entity("text_link", 0, 1, url="http://x.ru/")]),
        ("<a>x.ru</a>", "x.ru", [entity("text_link", 0, 4, url="http://x.ru/")]),
        ('<a href="nowhere">x</a>', "x", []),
        ("<code>1</code>", "1", [entity("code", 0, 1)]),
        ("<pre>1</pre>", "1", [entity("pre", 0, 1)]),
        ('<pre><code class="language-py">1</code></pre>', "1", [entity("pre", 0, 1, language="py")]),
        ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", [entity("custom_emoji", 0, 2, custom_emoji_id="5")]),
        ("&lt;b&gt; &amp; &quot;&#33;&#x21;", '<b> & "!!', []),
        ("&nbsp;&laquo;&copy", "&nbsp;&laquo;&copy", []),
        ("a & b &", "a & b &", []),
        ("&#0;&#1114112;", "&#0;&#1114112;", []),
    ],
)
def test_marked_up_text(html: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(html) == (text, entities)


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("text <foo>", 'Unsupported start tag "foo" at byte offset 5'),
        ("Жи <foo>", 'Unsupported start tag "foo" at byte offset 5'),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a ='x'>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=ы>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    ],
)
def test_bad_markup_is_refused_in_telegrams_words(html: str, reason: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_html(html)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start abc", ["bot_command"]),
        ("/readings@energy_bot", ["bot_command"]),
        ("see https://x.ru/a.", ["url"]),
        ("t.me/bot?start=1", ["url"]),
        ("a@b.ru", ["email"]),
        ("hello @somebody", ["mention"]),
        ("#показания", ["hashtag"]),
        ("3600/1550 и 5", []),
        ("123 456", []),
    ],
)
def test_links_that_telegram_finds_by_itself(text: str, kinds: list[str]) -> None:
    assert [one["type"] for one in found_entities(text)] == kinds


def test_found_offsets_count_utf16_units() -> None:
    assert found_entities("😀 /start") == [entity("bot_command", 3, 6)]


@pytest.mark.parametrize(
    ("text", "entities", "cleaned", "moved"),
    [
        ("  a  ", [], "a", []),
        (" \n ab ", [entity("bold", 3, 2)], "ab", [entity("bold", 0, 2)]),
        ("a\r\nb", [entity("bold", 3, 1)], "a\nb", [entity("bold", 2, 1)]),
        ("a\x07b", [], "a b", []),
        ("a\u202eb", [entity("bold", 2, 1)], "ab", [entity("bold", 1, 1)]),
        ("ab  ", [entity("bold", 0, 4)], "ab", [entity("bold", 0, 2)]),
        ("  ", [entity("bold", 0, 2)], "", []),
    ],
)
def test_white_space_and_control_characters(
    text: str,
    entities: list[dict[str, Any]],
    cleaned: str,
    moved: list[dict[str, Any]],
) -> None:
    assert clean(text, entities) == (cleaned, moved)
