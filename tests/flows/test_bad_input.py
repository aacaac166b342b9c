"""Any message at a place where text is awaited gets a clear sentence, nothing lost, nothing done twice.

Every place where a person is asked for something meets everything that people and rogue clients send. The harness
itself checks that no update was parked and no error logged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from aiogram.fsm.state import State

from fsm.accounts import Linking, Naming
from fsm.emails import SettingEmail
from fsm.papers import Mailing
from fsm.payments import Paying
from fsm.readings import Metering
from handlers.accounts.callbacks import AccountAction, OnAccount
from services.payments.settling import Settlement
from services.yookassa import ReceiptCodes, YooKassa
from tests.conftest import TWO_ZONES
from tests.flows.kept import values
from tests.harness import BotHarness, link_of
from tests.people import Someone

ONE_ZONE: Final = "360000200017"
TWO_METERS: Final = "360000200066"
GOOD: Final = {"day": 3650, "night": 1580}

Step = Callable[[BotHarness, Someone], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """Where text is awaited: the state of the conversation there, the accounts of who stands there, the way there, and
    the way to a good end."""

    name: str
    state: State | None
    accounts: tuple[str, ...]
    begin: Step
    finish: Step

    def __str__(self) -> str:
        return self.name


async def _nothing(harness: BotHarness, someone: Someone) -> None:
    """Already there."""


async def _ask_address(harness: BotHarness, someone: Someone) -> None:
    await someone.send(ONE_ZONE)


async def _link(harness: BotHarness, someone: Someone) -> None:
    await someone.send(ONE_ZONE)
    await someone.send("46")
    assert harness.rows("SELECT account FROM links WHERE user_id = ?", someone.id) == [(ONE_ZONE,)]


async def _link_another(harness: BotHarness, someone: Someone) -> None:
    """Numbers among the nonsense were wrong flats, so that this account counts as unknown."""
    await someone.send(TWO_ZONES)
    await someone.send("45")
    assert harness.rows("SELECT account FROM links WHERE user_id = ?", someone.id) == [(TWO_ZONES,)]


async def _ask_name(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/accounts")
    await someone.press("Изменить")
    await someone.press("Назвать")


async def _name(harness: BotHarness, someone: Someone) -> None:
    await someone.press_data(someone.last_id, f"ac1:rename:{link_of(someone, TWO_ZONES)}")
    await someone.send("Дача")
    assert harness.rows("SELECT label FROM links WHERE user_id = ?", someone.id) == [("Дача",)]


async def _ask_values(harness: BotHarness, someone: Someone) -> None:
    await someone.press("Передать показания")


async def _hand_in(harness: BotHarness, someone: Someone) -> None:
    await someone.send("3650 1580")
    await someone.press("Передать")
    assert values(harness) == [GOOD]


async def _ask_second(harness: BotHarness, someone: Someone) -> None:
    await someone.send("3650")


async def _hand_in_second(harness: BotHarness, someone: Someone) -> None:
    """The first number is still there."""
    await someone.send("/menu")
    await someone.press("Продолжить передачу показаний")
    await someone.send("1580")
    await someone.press("Передать")
    assert values(harness) == [GOOD]


async def _doubt(harness: BotHarness, someone: Someone) -> None:
    await someone.send("3650 1480")


async def _preview(harness: BotHarness, someone: Someone) -> None:
    await someone.send("3650 1580")


async def _submit_what_stands(harness: BotHarness, someone: Someone) -> None:
    """Nothing needs to be typed again."""
    await someone.send("/menu")
    await someone.press("Продолжить передачу показаний")
    await someone.press("Передать")
    assert values(harness) == [GOOD]


async def _answer_the_doubt(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/menu")
    await someone.press("Продолжить передачу показаний")
    await someone.press("Ошибка, исправлю")
    await someone.send("1580")
    await someone.press("Передать")
    assert values(harness) == [GOOD]


async def _pick(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/readings")
    await someone.press("дом")
    await someone.send("13700 6420")
    await someone.press("Передать")
    assert values(harness) == [{"day": 13700, "night": 6420}]


async def _ask_mail(harness: BotHarness, someone: Someone) -> None:
    await _hand_in(harness, someone)
    await someone.press("На e-mail")


async def _mail(harness: BotHarness, someone: Someone) -> None:
    await someone.press("На e-mail")
    await someone.send("maria@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"
    assert values(harness) == [GOOD]


async def _ask_own_mail(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Почта")


async def _name_own_mail(harness: BotHarness, someone: Someone) -> None:
    await _ask_own_mail(harness, someone)
    await someone.send("maria@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"
    assert harness.rows("SELECT address FROM email_requests") == [("maria@mail.ru",)]


async def _ask_sum(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/pay")
    await someone.press("Другая сумма")


async def _type_sum(harness: BotHarness, someone: Someone) -> None:
    await _ask_sum(harness, someone)
    await someone.send("1234,56")
    newest = "SELECT account, kopecks, status FROM orders ORDER BY number DESC LIMIT 1"
    assert harness.rows(newest) == [(TWO_ZONES, 123456, "pending")]


async def _ask_receipt(harness: BotHarness, someone: Someone) -> None:
    """The shop makes receipts, which the bot learns at its start."""
    provider: Any = harness.app.use(Settlement)._provider
    adapter = provider._real  # behind the one that watches it
    assert isinstance(adapter, YooKassa)
    adapter._shop = replace(adapter._shop, receipt=ReceiptCodes(11, "service", "full_payment", "another"))
    await someone.send("/pay 1234,56")
    await someone.press("Картой или СБП")


async def _type_receipt(harness: BotHarness, someone: Someone) -> None:
    await _ask_receipt(harness, someone)
    await someone.send("maria@mail.ru")
    payment = harness.bank.payments[-1]
    assert payment.asked["receipt"]["customer"] == {"email": "maria@mail.ru"}


PLACES: Final = [
    Place("account number", Linking.number, (), _nothing, _link),
    Place("address", Linking.address, (), _ask_address, _link_another),
    Place("account name", Naming.label, (TWO_ZONES,), _ask_name, _name),
    Place("home", None, (TWO_ZONES,), _nothing, _hand_in),
    Place("readings", Metering.values, (TWO_ZONES,), _ask_values, _hand_in),
    Place("second zone", Metering.values, (TWO_ZONES,), _ask_second, _hand_in_second),
    Place("doubt", Metering.doubt, (TWO_ZONES,), _doubt, _answer_the_doubt),
    Place("preview", Metering.preview, (TWO_ZONES,), _preview, _submit_what_stands),
    Place("meter pick", Metering.meter, (TWO_METERS,), _ask_values, _pick),
    Place("e-mail", Mailing.address, (TWO_ZONES,), _ask_mail, _mail),
    Place("own e-mail", SettingEmail.address, (TWO_ZONES,), _ask_own_mail, _name_own_mail),
    Place("sum to pay", Paying.sum, (TWO_ZONES,), _ask_sum, _type_sum),
    Place("e-mail for the receipt", Paying.email, (TWO_ZONES,), _ask_receipt, _type_receipt),
]

TEXTS: Final = {
    "blank": ["\u2800", "\u200b\u200d", "\u00a0\u00a0", "\u200f", "."],
    "long": ["я" * 4096, "9" * 4096, "9 " * 2048, "<" * 4096, "😀" * 2048],
    "markup": ["<b>", "</b>", "<b>жирно</b>", "&amp;", "<script>alert(1)</script>", "*_`[", "{0} {name} %s %(x)s"],
    "marks": ["\u202eабв\u202c", "\u200f\u200b\u2066т\u2069", "e\u0301\u0301\u0301" * 20, "\ufeff?", "\x00\x07!"],
    "signs": [
        "😀",
        "👨‍👩‍👧‍👦🏳️‍🌈",
        "²",
        "½",
        "٣٦٥٠",
        "۳۶۵۰",
        "३६५०",
        "Ⅻ",
        "①",
        "-5",
        "−5",
        "1e5",
        "0x1F",
        ",",
        ",.",
        "№",
    ],
    "commands": [
        "/unknown",
        "/",
        "//",
        "/start@other_bot",
        "/START",
        "/menu extra words",
        "/help",
        "/start",
        "/cancelled",
    ],
}


@pytest.fixture(params=PLACES, ids=str)
async def place(request: pytest.FixtureRequest) -> Place:
    found = request.param
    assert isinstance(found, Place)
    return found


@pytest.fixture
async def someone(harness: BotHarness, place: Place) -> Someone:
    """A person at the place."""
    person = await harness.customer("Мария", *place.accounts)
    await place.begin(harness, person)
    assert state_of(harness, person) == (place.state and place.state.state)
    return person


def state_of(harness: BotHarness, someone: Someone) -> str | None:
    """The question that a conversation stands at."""
    found = harness.rows("SELECT state FROM conversations WHERE key LIKE ?", f"{someone.id}:%")
    return found[0][0] if found else None


class Answered:
    """Around one input: the bot says something, and no button is left spinning."""

    def __init__(self, harness: BotHarness, someone: Someone, what: str) -> None:
        self._harness, self._someone, self._what = harness, someone, what
        self._before = harness.world.cursor

    def check(self) -> None:
        events = self._harness.world.events[self._before :]
        said = [event for event in events if self._is_answer(event)]
        assert said, f"silence after {self._what!r}"
        assert self._someone.unanswered == 0, f"a button spins after {self._what!r}"
        assert self._harness.dead_letters() == [], f"parked: {self._what!r}"

    def _is_answer(self, event: dict[str, object]) -> bool:
        if event["type"] == "callback_answer":
            return event["user_id"] == self._someone.id and bool(event["text"])
        message = event.get("message")
        mine = event["type"] in {"message", "edited"} and event["chat_id"] == self._someone.id
        return mine and isinstance(message, dict) and bool(message["from"]["is_bot"])


@pytest.mark.parametrize("kind", TEXTS)
async def test_any_text(harness: BotHarness, place: Place, someone: Someone, kind: str) -> None:
    for text in TEXTS[kind]:
        answered = Answered(harness, someone, text[:40])
        await someone.say({"text": text})
        answered.check()
        assert len(someone.screen) < 600, text[:40]
        assert text not in someone.screen or len(text) < 40, "no echo of what is long"
    await place.finish(harness, someone)


async def test_anything_that_is_no_text(harness: BotHarness, place: Place, someone: Someone) -> None:
    for kind in ("photo", "voice", "sticker", "video", "document", "audio", "animation", "video_note"):
        answered = Answered(harness, someone, kind)
        await someone.file(kind)
        answered.check()
    for content in (
        {"contact": {"phone_number": "+79000000000", "first_name": "Мария"}},
        {"location": {"latitude": 51.66, "longitude": 39.2}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"a_file_of_next_year": {"file_id": "x", "file_unique_id": "y"}},
    ):  # fmt: skip
        answered = Answered(harness, someone, str(content))
        await someone.say(content)
        answered.check()
    await place.finish(harness, someone)


REPORTS: Final[list[dict[str, object]]] = [
    {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    {"pinned_message": {"message_id": 1, "date": 5, "chat": {"id": 1, "type": "private"}, "text": "3650 1580"}},
    {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
    {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "🏠"}}},
    {"write_access_allowed": {"from_request": True}},
    {"users_shared": {"request_id": 1, "users": [{"user_id": 5}]}},
    {"boost_added": {"boost_count": 1}},
    {"a_kind_of_next_year": {"x": 1}},
    {"a_kind_of_next_year": {"sticker": {"file_id": "x"}}, "another_one": [1, 2]},
    {"a_kind_of_next_year": True},
    {},
]


async def test_what_telegram_reports_by_itself_is_met_with_silence(
    harness: BotHarness, place: Place, someone: Someone
) -> None:
    before = harness.world.cursor
    harness.world.set_auto_delete(someone.person, 86400)
    harness.world.pin(someone.person, someone.last_id)
    for content in REPORTS:
        await someone.say(content)
    await harness.quiet()
    said = [event for event in harness.world.events[before:] if event["type"] == "message"]
    assert not [event for event in said if event["message"]["from"]["is_bot"]]
    assert harness.dead_letters() == []
    await place.finish(harness, someone)


async def test_a_shared_location_that_moves_is_answered_once(
    harness: BotHarness, place: Place, someone: Someone
) -> None:
    message = harness.world.send_location(someone.person, 51.66, 39.2)
    await harness.quiet()
    before = harness.world.cursor
    moved = {**message, "edit_date": message["date"] + 9, "location": {"latitude": 51.67, "longitude": 39.2}}
    harness.world.updates.put("edited_message", moved, someone.id)
    await harness.quiet()
    assert not [event for event in harness.world.events[before:] if event["type"] == "message"]
    await place.finish(harness, someone)


async def test_words_under_a_photo_are_read_as_if_they_were_typed(
    harness: BotHarness, place: Place, someone: Someone
) -> None:
    """When they are changed afterwards, too."""
    for number, said in enumerate(("3651 1580", "3650 1580")):
        answered = Answered(harness, someone, said)
        if number == 0:
            await someone.photo(said)
        else:
            photo = [one for one in harness.world.chat_view(someone.id) if "photo" in one][-1]
            harness.world.edit_text(someone.person, photo["message_id"], said)
            await harness.quiet()
        answered.check()
        assert "прочитать не могу" not in someone.screen


async def test_an_edited_message(harness: BotHarness, place: Place, someone: Someone) -> None:
    await someone.send("опечатка?!")
    for text in ("<b>", "1e5", "\u200b", "я" * 4096):
        answered = Answered(harness, someone, text[:40])
        await someone.edit(text)
        answered.check()
    await place.finish(harness, someone)


STRANGE: Final = [
    "zz9:old:button", "rd0:submit:x", "", ":", "::::", "rd1", "rd1:", "rd1:submit", "rd1:submit:x:y:z", "rd1:eat:x",
    "rd1:submit:nobodys", "rw1:x:day:fix", "rw1:x:dawn:fix", "mt1:x:y:0", "mt1::", "go1:nowhere:0", "go1:home:2",
    "ac1:choose:x", "ac1:steal:x", "sb1:view:x:0", "sb1:pdf::0", "hi1:x:0", "hi2:x:0:0", "hi2:x:many:0", "ad1:x:1",
    "py1:x:1:0", "py1:x:2:0", "pa1:other:x:1", "pa1:steal:x:1", "ps1:x:100:0", "ps1:x:-5:0", "ps1:x:1e5:0", "ps1:x::0",
    "ps1:x:99999999999999999999:0", "pc1:x:100", "pc1:x:-1", "pe1:x", "po1:x", "po1:", "or1:view:x:0", "or1:eat:x:0",
    "cf1:x", "cf1:", "cf2:x", "rw2:x:day:1:fix", "rw2:x:day:one:fix", "ct1:x", "of1:x",
    "tp1:alert:0", "tp1:reminder:x", "qh1:99-3", "qh1:", "em1:x", "em1:", "ml1:x", "ml1:", "ac1:first:x",
    "cr1:services:moon", "я" * 32, "go1:\u202ehome:0",
]  # fmt: skip


async def test_buttons_that_nobody_made(harness: BotHarness, place: Place, someone: Someone) -> None:
    for data in STRANGE:
        answered = Answered(harness, someone, data)
        await someone.press_data(someone.last_id, data)
        answered.check()
    await place.finish(harness, someone)


async def test_a_button_of_last_year(harness: BotHarness, place: Place, someone: Someone) -> None:
    """Its message cannot be had any more: the answer is a new message."""
    for data in ("zz9:old", "go1:home:0", "rd1:submit:gone", "ad1:gone:1"):
        answered = Answered(harness, someone, data)
        await someone.press_data(999_999, data)
        answered.check()
    await place.finish(harness, someone)


async def test_another_persons_buttons(harness: BotHarness, place: Place, someone: Someone) -> None:
    """Everything on another customer's screens, pressed from here, changes nothing of theirs."""
    oleg = await harness.customer("Олег", "360000200025")
    await oleg.send("5300 4150")
    theirs = [oleg.find(label)[1] for label in ("Передать", "Исправить", "Отмена")]
    link = link_of(oleg, "360000200025")
    theirs += [OnAccount(action=action, link=link).pack() for action in AccountAction]
    for data in theirs:
        answered = Answered(harness, someone, data)
        await someone.press_data(someone.last_id, data)
        answered.check()
    assert "0025" not in someone.seen
    assert harness.rows("SELECT account FROM links WHERE user_id = ?", oleg.id) == [("360000200025",)]
    await place.finish(harness, someone)
    await oleg.press("Передать")
    assert {"day": 5300, "night": 4150} in values(harness)


async def test_every_button_pressed_twice(harness: BotHarness, place: Place, someone: Someone) -> None:
    shown = [someone.find(label) for label in someone.buttons if not label.startswith("Скопировать")]
    for where in shown:
        harness.world.forge_press(someone.person, someone.id, *where)
        harness.world.forge_press(someone.person, someone.id, *where)
        await harness.quiet()
        assert someone.unanswered == 0
        assert len(values(harness)) <= 1
        assert len(harness.rows("SELECT account FROM links")) <= 1


async def test_start_in_the_middle(harness: BotHarness, place: Place, someone: Someone) -> None:
    await someone.send("/start")
    await place.finish(harness, someone)


async def test_a_message_that_comes_while_the_last_one_is_worked_on(
    harness: BotHarness, place: Place, someone: Someone
) -> None:
    for text in ("?", "/start", "<b>", "/help", "?"):
        someone.types(text)
    await harness.quiet()
    await place.finish(harness, someone)
