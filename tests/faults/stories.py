"""Conversations that people have with the bot, and what must have come of each in the end."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.inbox.conversation_queue import HELD
from handlers.desk.callbacks import DeskAction, OnDesk
from sandbox.bank import Payment
from sandbox.mailbox import Letter
from sandbox.state import Chat, Json, Topic
from services.db.engine import Database
from services.ledger.registry import ImportOptions, import_registry
from tests.faults.live import LiveHarness
from tests.faults.people import BETTER, FLAT, GOOD, PAID, STREET, SURNAME, WRONG_FLAT, Household
from tests.people import PICTURE, Someone


@dataclass(frozen=True, slots=True)
class Part:
    """A person who plays a story, for the first time in their life, and perhaps another one who has a part in it."""

    harness: LiveHarness
    home: Household
    someone: Someone
    other: Someone

    @property
    def email(self) -> str:
        return f"maria.{self.someone.id}@mail.ru"

    def letters(self) -> int:
        """How many came: one and the same, with the paper."""
        mine = [letter for letter in self.harness.mailbox.letters if letter.recipients == (self.email,)]
        assert all(len(letter.attachments) == 1 for letter in mine)
        assert len({letter.message["Message-ID"] for letter in mine}) <= 1, "a mailbox takes a copy for another letter"
        return len(mine)


@dataclass(frozen=True, slots=True)
class Story:
    """`before` brings a person to where `tell` begins; `check` asserts what must be there afterwards, whatever
    happened; `ends`: how the last screen begins; `newcomer`: told by somebody whom the bot does not know; `for_hasty`:
    no button in it looks like an earlier one."""

    name: str
    tell: Callable[[Part], Awaitable[None]]
    check: Callable[[Part], None]
    ends: str
    before: Callable[[Part], Awaitable[None]]
    newcomer: bool = False
    for_hasty: bool = False

    def cast(self, harness: LiveHarness, *, hasty: bool = False) -> Part:
        home = harness.household()
        person_id = home.person_id + 10**6 if self.newcomer else home.person_id
        return Part(harness, home, harness.person(person_id, hasty=hasty), harness.person(home.person_id + 2 * 10**6))


async def _come_home(part: Part) -> None:
    await part.someone.send("/menu")


async def _nothing(_: Part) -> None:
    return


# First contact


async def _get_to_know(part: Part) -> None:
    someone = part.someone
    await someone.send("/start")
    await someone.press("Читать о личных данных")
    await someone.press("Согласен")
    await someone.press("Согласен с обоими, продолжить")
    await someone.send(part.home.spare)
    await someone.send(WRONG_FLAT)
    await someone.send(FLAT)


def _is_known(part: Part) -> None:
    consents = part.harness.rows("SELECT consent FROM consents WHERE user_id = ? ORDER BY 1", part.someone.id)
    assert consents == [("personal_data",), ("services",)]
    assert part.harness.links(part.someone.id) == {part.home.spare}
    assert _wrong_flats(part) == 1


def _wrong_flats(part: Part) -> int:
    sql = "SELECT count(*) FROM wrong_flats WHERE user_id = ? AND account = ?"
    return int(part.harness.rows(sql, part.someone.id, part.home.spare)[0][0])


async def _be_asked_for_a_flat(part: Part) -> None:
    await _come_home(part)
    await part.someone.press("Мои счета")
    await part.someone.press("Добавить счёт")
    await part.someone.send(part.home.spare)


async def _guess_flats(part: Part) -> None:
    """The right one comes too late."""
    for flat in ("1", "2", WRONG_FLAT, FLAT):
        await part.someone.send(flat)
    await part.someone.send(part.home.spare)


def _has_guessed(part: Part) -> None:
    assert _wrong_flats(part) == 3
    assert part.harness.links(part.someone.id) == {part.home.account}


# Readings


async def _hand_in_with_a_doubt(part: Part) -> None:
    someone = part.someone
    await someone.press("Передать показания")
    await someone.send(str(GOOD["day"]))
    await someone.send(str(GOOD["night"] - 100))
    await someone.press("Ошибка, исправлю")
    await someone.send(str(GOOD["night"]))
    await someone.press("Передать")


async def _hand_in_in_a_hurry(part: Part) -> None:
    for day in range(GOOD["day"] - 3, GOOD["day"] + 1):
        part.someone.types(f"{day} {GOOD['night']}")
    await part.harness.quiet(part.someone.id)
    await part.someone.press("Передать")


async def _flood(part: Part) -> None:
    """More than the bot holds in memory: the rest waits in the table."""
    for day in range(GOOD["day"] - 2 * HELD, GOOD["day"] + 1):
        part.someone.types(f"{day} {GOOD['night']}")
    await part.harness.quiet(part.someone.id)
    await part.someone.press("Передать")


def _handed_in(part: Part) -> None:
    assert part.harness.submissions(part.home.account) == [("accepted", GOOD)]
    assert part.harness.handed_over(part.home.account) == GOOD


async def _hand_in(part: Part) -> None:
    await part.someone.send(f"{GOOD['day']} {GOOD['night']}")
    await part.someone.press("Передать")


async def _correct(part: Part) -> None:
    someone = part.someone
    await someone.press("Исправить")
    await someone.send(f"{BETTER['day']} {BETTER['night']}")
    await someone.press("Передать")
    await someone.press("На главную")


def _corrected(part: Part) -> None:
    assert part.harness.submissions(part.home.account) == [("replaced", GOOD), ("accepted", BETTER)]
    assert part.harness.handed_over(part.home.account) == BETTER


# Readings of another


def _other_has_handed_in(part: Part) -> None:
    """Readings of another person who has proved the account; told here without their part of it."""
    _own(part, part.other, part.home.account, "2026-10-10")
    lines = [
        {"zone": zone, "value": value, "previous": 1, "consumption": 1, "remark": ""} for zone, value in BETTER.items()
    ]
    part.harness.run(
        "INSERT INTO submissions (key, number, user_id, account, meter, period, day, submitted_at, lines, status, "
        "changed_at, trust) "
        "VALUES (?1, ?1, ?2, ?3, ?4, '2026-11', '2026-11-23', ?5, ?6, 'accepted', ?5, 'verified')",
        *(f"o{part.other.id}", part.other.id, part.home.account, f"m{part.home.account}"),
        *("2026-11-23 08:00:00.000000", json.dumps(lines)),
    )


async def _find_others_readings(part: Part) -> None:
    part.other.person.started = True
    _own(part, part.someone, part.home.account, "2026-10-12")
    _other_has_handed_in(part)
    await _come_home(part)


async def _replace(part: Part) -> None:
    await part.someone.send(f"{GOOD['day']} {GOOD['night']}")
    await part.someone.press("Передать")
    await part.harness.quiet(part.other.id)


def _has_replaced(part: Part) -> None:
    assert part.harness.submissions(part.home.account) == [("replaced", BETTER), ("accepted", GOOD)]
    assert part.harness.handed_over(part.home.account) == GOOD
    assert _told(part, part.other) == ["replaced"]


async def _come_too_late(part: Part) -> None:
    """The owner is quicker."""
    await part.someone.send(f"{GOOD['day']} {GOOD['night']}")
    _other_has_handed_in(part)
    await part.someone.press("Передать")


def _has_replaced_nothing(part: Part) -> None:
    assert part.harness.submissions(part.home.account) == [("accepted", BETTER)]
    assert part.harness.handed_over(part.home.account) == {}
    assert _told(part, part.other) == []


# Papers


async def _ask_for_papers(part: Part) -> None:
    someone = part.someone
    await someone.press("Сохранить PDF")
    await someone.press("На e-mail")
    await someone.send(part.email)


def _has_papers(part: Part) -> None:
    _handed_in(part)
    assert part.someone.documents
    assert all(data.startswith(b"%PDF") for _, data in part.someone.documents)
    rows = part.harness.outbox("channel, state, tries, doubts", user_id=part.someone.id)
    assert [row[:2] for row in rows] == [("mail", "sent")], rows
    assert part.letters() >= 1


# Accounts


async def _look_after_another(part: Part) -> None:
    someone, tail = part.someone, part.home.account[-4:]
    await someone.press("Мои счета")
    await someone.press("Добавить счёт")
    await someone.send(part.home.spare)
    await someone.send(FLAT)
    await someone.press("Пропустить")
    await someone.press("Мои счета (2)")
    await someone.press(f"…{tail}")


def _looks_after_both(part: Part) -> None:
    assert part.harness.links(part.someone.id) == {part.home.account, part.home.spare}
    chosen = "SELECT account FROM users JOIN links ON links.id = current_link WHERE users.id = ?"
    assert part.harness.rows(chosen, part.someone.id) == [(part.home.account,)]


async def _have_both(part: Part) -> None:
    await _come_home(part)
    await part.someone.press("Мои счета")
    await part.someone.press("Добавить счёт")
    await part.someone.send(part.home.spare)
    await part.someone.send(FLAT)
    await part.someone.press("Пропустить")


async def _name_and_unlink(part: Part) -> None:
    someone, tail, spare = part.someone, part.home.account[-4:], part.home.spare[-4:]
    await someone.press("Мои счета (2)")
    await someone.press("Изменить")
    await someone.press(f"…{spare}")
    await someone.press("Назвать")
    await someone.send("Дача у реки")
    await someone.press("Изменить")
    await someone.press(f"…{tail}")
    await someone.press("Отвязать")
    await someone.press("Да, отвязать")


def _looks_after_the_other(part: Part) -> None:
    links = part.harness.rows("SELECT account, label FROM links WHERE user_id = ?", part.someone.id)
    assert links == [(part.home.spare, "Дача у реки")]


# Language


async def _change_language(part: Part) -> None:
    await part.someone.press("Настройки")
    await part.someone.press("English")
    await part.someone.press("Русский")
    await part.someone.press("English")


def _speaks_english(part: Part) -> None:
    assert part.harness.rows("SELECT language FROM users WHERE id = ?", part.someone.id) == [("en",)]


# One's own data


async def _take_back_a_consent(part: Part) -> None:
    await part.someone.send("/settings")
    for label in ("Мои данные", "Мои согласия", "Личные данные", "Отозвать", "Да, отозвать"):
        await part.someone.press(label)


def _has_taken_back(part: Part) -> None:
    standing = "SELECT consent FROM consents WHERE user_id = ? AND withdrawn_at IS NULL"
    assert part.harness.rows(standing, part.someone.id) == [("services",)]
    assert part.harness.links(part.someone.id) == {part.home.account}


async def _ask_to_be_forgotten(part: Part) -> None:
    await part.someone.send("/settings")
    for label in ("Мои данные", "Удалить всё обо мне", "Удалить", "Да, удалить всё обо мне"):
        await part.someone.press(label)


def _is_forgotten(part: Part) -> None:
    """Readings that were handed in stay with the account."""
    assert part.harness.links(part.someone.id) == set()
    assert part.harness.rows("SELECT 1 FROM submissions WHERE user_id = ?", part.someone.id) == []
    _handed_in(part)


# Paying


async def _pay(part: Part) -> None:
    someone, harness = part.someone, part.harness
    await someone.send("/pay 100")
    [payment] = _paid_for(part)
    assert someone.url("Картой или СБП") == payment.page
    await harness.bank.pay(payment.id)
    await harness.through(lambda: harness.rows(_ORDERS, someone.id) == [("paid", 100_00, payment.id, "{}")])


_ORDERS: Final = "SELECT status, kopecks, external_id, request FROM orders WHERE user_id = ?"


def _paid_for(part: Part) -> list[Payment]:
    return [
        one for one in part.harness.bank.payments if one.asked["payment_order"]["account_number"] == part.home.account
    ]


def _has_paid(part: Part) -> None:
    """Once, whatever happened, and all that was asked of the provider was the same."""
    [payment] = _paid_for(part)
    assert payment.status == "succeeded"
    assert _told(part, part.someone) == ["order_paid", "order_was_paid"]
    calls = [call for call in part.harness.bank.calls if call.key == payment.asked["metadata"]["order"]]
    assert calls
    assert len({call.digest for call in calls}) == 1


async def _be_offered_a_sum(part: Part) -> None:
    part.other.person.started = True
    part.harness.run("UPDATE ledger_charges SET closing = 300000 WHERE account = ?", int(part.home.account))
    await part.someone.send("/pay")


async def _pay_what_is_left(part: Part) -> None:
    at = f"{part.harness.now():%Y-%m-%d %H:%M:%S.%f}"
    part.harness.run("INSERT INTO users (id, language, created_at) VALUES (?, 'ru', ?)", part.other.id, at)
    part.harness.run(
        "INSERT INTO orders (key, number, user_id, account, kopecks, created_at, request, status, settled_at, "
        "learned_at) VALUES (?1, ?1, ?2, ?3, 100000, ?4, '{}', 'paid', ?4, ?4)",
        *(f"o{part.other.id}", part.other.id, part.home.account, at),
    )
    await part.someone.send("/pay")


def _has_a_link_to_the_rest(part: Part) -> None:
    """In the place of the first one; each was asked of the provider once."""
    orders = "SELECT kopecks, dropped FROM orders WHERE user_id = ? ORDER BY number"
    (all_of_it, dropped), (rest, kept) = part.harness.rows(orders, part.someone.id)
    assert (all_of_it - rest, dropped, kept) == (100000, 1, 0)
    assert [payment.amount for payment in _paid_for(part)] == [all_of_it, rest]
    assert "944,89" in part.someone.screens[-1]


async def _have_handed_in(part: Part) -> None:
    await _come_home(part)
    await _hand_in(part)


# Whose account it is


async def _be_asked_for_a_sum(part: Part) -> None:
    await _come_home(part)
    await part.someone.press("Подтвердить счёт")


async def _prove(part: Part) -> None:
    await part.someone.send(PAID)


def _has_proved(part: Part) -> None:
    """A guess that a kill cuts off is spent."""
    guesses = [hit for (hit,) in part.harness.rows("SELECT hit FROM guesses WHERE account = ?", part.home.account)]
    assert guesses.count(1) == 1
    assert len(guesses) <= 2
    assert _journal(part) == ["verified"]
    assert _trusts(part, part.home.account) == [(part.someone.id, "verified")]


def _journal(part: Part) -> list[str]:
    """Of both accounts."""
    sql = "SELECT action FROM journal WHERE account IN (?, ?) ORDER BY id"
    return [action for (action,) in part.harness.rows(sql, part.home.account, part.home.spare)]


def _trusts(part: Part, account: str) -> list[tuple[int, str]]:
    return part.harness.rows("SELECT user_id, trust FROM links WHERE account = ? ORDER BY verified_at", account)


def _link(someone: Someone) -> str:
    return f"v{someone.id % 10**9}"


def _own(part: Part, someone: Someone, account: str, day: str) -> None:
    """Let somebody have proved an account on a day."""
    at = f"{day} 09:00:00.000000"
    part.harness.run("DELETE FROM links WHERE user_id = ? AND account = ?", someone.id, account)
    part.harness.run("INSERT OR IGNORE INTO users (id, language, created_at) VALUES (?, 'ru', ?)", someone.id, at)
    part.harness.run(
        "INSERT INTO links (id, user_id, account, trust, created_at, verified_at) VALUES (?, ?, ?, 'verified', ?, ?)",
        *(_link(someone), someone.id, account, at, at),
    )


async def _be_an_owner(part: Part) -> None:
    _own(part, part.someone, part.home.account, "2026-11-20")
    await _come_home(part)


async def _invite(part: Part) -> None:
    await part.someone.press_data(part.someone.last_id, f"iv1:view:{_link(part.someone)}")


def _has_invited(part: Part) -> None:
    """The link on the screen is the one that works."""
    token = part.someone.screen.partition("inv_")[2].split()[0]
    digests = part.harness.rows("SELECT digest FROM invitations WHERE account = ?", part.home.account)
    assert digests == [(hashlib.sha256(token.encode()).hexdigest(),)]
    assert _journal(part) == ["invited"]


async def _be_invited(part: Part) -> None:
    part.other.person.started = True
    _own(part, part.other, part.home.spare, "2026-11-20")
    token = f"t{part.other.id}"
    part.harness.run(
        "INSERT INTO invitations (digest, key, account, granted_by, role, expires_at) "
        "VALUES (?, ?, ?, ?, 'view', '2026-11-24 09:00:00.000000')",
        *(hashlib.sha256(token.encode()).hexdigest(), token, part.home.spare, part.other.id),
    )
    await part.someone.send(f"/start inv_{token}")


async def _join(part: Part) -> None:
    await part.someone.press("Принять")
    await part.harness.quiet(part.other.id)


def _has_joined(part: Part) -> None:
    assert _trusts(part, part.home.spare) == [(part.someone.id, "shared"), (part.other.id, "verified")]
    assert _journal(part) == ["joined"]
    assert sum("теперь может смотреть" in screen for screen in part.other.screens) >= 1


async def _have_both_proved(part: Part) -> None:
    part.other.person.started = part.someone.person.started = True
    _own(part, part.other, part.home.account, "2026-10-10")
    _own(part, part.someone, part.home.account, "2026-10-12")  # long enough ago to decide about others


async def _find_the_former(part: Part) -> None:
    await _have_both_proved(part)
    await _come_home(part)


async def _ask_the_former(part: Part) -> None:
    await part.someone.press_data(part.someone.last_id, f"re1:send:{_link(part.someone)}:{_link(part.other)}")
    await part.harness.quiet(part.other.id)


def _has_asked(part: Part) -> None:
    pair = (part.home.account, part.someone.id, part.other.id)
    assert part.harness.rows("SELECT account, asked_by, against FROM recoveries WHERE account = ?", pair[0]) == [pair]
    assert _journal(part) == ["recovery_asked"]
    assert _told(part, part.other) == ["recovery_asked"]


async def _wait_for_the_end(part: Part) -> None:
    """Asked and told more than a week ago."""
    ids, at = (part.someone.id, part.other.id), "2026-11-15 09:00:00.000000"
    key = f"recovery:{_link(part.someone)}:{_link(part.other)}"
    moments = {"created_at": at, "due_at": at, "ended_at": at}
    part.harness.queue(key=key, user_id=part.other.id, kind="recovery_asked", state="sent", **moments)
    part.harness.run("INSERT INTO recoveries VALUES (?, ?, ?, ?, NULL)", part.home.account, *ids, at)
    await part.harness.survive(lambda: len(_trusts(part, part.home.account)) == 1)
    await part.harness.quiet(part.other.id)


def _has_recovered(part: Part) -> None:
    assert _trusts(part, part.home.account) == [(part.someone.id, "verified")]
    assert _journal(part) == ["recovered"]
    assert part.harness.rows("SELECT 1 FROM recoveries WHERE account = ?", part.home.account) == []
    assert _told(part, part.other) == ["recovery_asked", "withdrawn"]
    assert _told(part, part.someone) == ["recovered"]


async def _hand_over(part: Part) -> None:
    """By an import of its own process, as the operator's is."""
    path = part.harness.folder / "accounts.csv"
    path.write_text(
        f"account;address;holder\n{part.home.account};г. Воронеж, ул. {STREET}, д. 12, {FLAT};Другой Пётр\n"
    )
    database = Database(f"sqlite+aiosqlite:///{part.harness.database}")
    try:
        [report] = await import_registry(database, [path], options=ImportOptions(now=part.harness.now))
    finally:
        await database.close()
    assert report.handed_over == 1
    await part.harness.survive(lambda: "sent" in _states(part))
    await part.harness.quiet(part.someone.id)
    await part.someone.press("На главную")


def _states(part: Part) -> list[str]:
    return [state for (state,) in part.harness.outbox("state", user_id=part.someone.id)]


def _has_been_told(part: Part) -> None:
    assert _trusts(part, part.home.account) == [(part.someone.id, "confirmed")]
    assert _journal(part) == ["holder_changed"]
    assert _told(part, part.someone) == ["holder_changed"]
    assert "Подтвердить счёт" in part.someone.labels


def _told(part: Part, someone: Someone) -> list[str]:
    return [kind for (kind,) in part.harness.outbox("kind", user_id=someone.id)]


# Receipts by e-mail


async def _decide_about_paper(part: Part) -> None:
    """As an owner of more than a month."""
    _own(part, part.someone, part.home.account, "2026-10-12")
    await _come_home(part)


async def _subscribe(part: Part) -> None:
    """By an address that has to be confirmed."""
    await part.someone.send("Доставка квитанций")
    await part.someone.press("Подключить квитанцию на e-mail")
    await part.someone.press("Я согласен")
    await part.someone.send(part.email)
    await part.someone.send(_link_in(part, part.email, "ers_"))


def _link_in(part: Part, address: str, begin: str) -> str:
    """The message of a person who follows the link in the letter to an address."""
    found = {link for letter in _letters(part, address) for link in re.findall(rf"start=({begin}\S+)", letter.text)}
    assert len(found) == 1, "a letter that came again has the same link"
    return f"/start {found.pop()}"


def _letters(part: Part, address: str) -> list[Letter]:
    """Each once: a mailbox drops one whose name it knows."""
    mine = {one.message["Message-ID"]: one for one in part.harness.mailbox.letters if one.recipients == (address,)}
    return list(mine.values())


def _subjects(part: Part, address: str) -> list[str]:
    return sorted(letter.subject for letter in _letters(part, address))


def _has_subscribed(part: Part) -> None:
    assert _by_mail(part) == [(part.email, 1)]
    assert _without_paper(part) == [(None,)]
    assert _subjects(part, part.email) == ["Квитанция на e-mail подключена", "Подтвердите адрес для квитанций"]


def _by_mail(part: Part) -> list[tuple[str, int]]:
    sql = "SELECT address, paperless FROM subscriptions WHERE account = ? AND channel = 'mail'"
    return part.harness.rows(sql, part.home.account)


def _without_paper(part: Part) -> list[tuple[str | None]]:
    """The ends of the spans in which no paper is printed."""
    return part.harness.rows("SELECT ended_at FROM paperless WHERE account = ? ORDER BY id", part.home.account)


async def _be_subscribed(part: Part) -> None:
    at = "2026-11-21 09:00:00.000000"
    _own(part, part.someone, part.home.account, "2026-11-20")
    part.harness.run(
        "INSERT INTO subscriptions (account, user_id, channel, since, address, paperless) "
        "VALUES (?, ?, 'mail', ?, ?, 1)",
        *(part.home.account, part.someone.id, at, part.email),
    )
    part.harness.run("INSERT INTO paperless (account, since) VALUES (?, ?)", part.home.account, at)
    await _come_home(part)


def _another(part: Part) -> str:
    return f"masha.{part.someone.id}@yandex.ru"


async def _move(part: Part) -> None:
    await part.someone.send("Доставка квитанций")
    await part.someone.press("Изменить e-mail")
    await part.someone.send(_another(part))
    await part.someone.send(_link_in(part, _another(part), "ers_"))


def _has_moved(part: Part) -> None:
    assert _by_mail(part) == [(_another(part), 1)]
    assert _without_paper(part) == [(None,)]
    assert _subjects(part, part.email) == ["Адрес для квитанций изменён"]
    assert _subjects(part, _another(part)) == ["Квитанция на e-mail подключена", "Подтвердите адрес для квитанций"]


def _why(part: Part) -> str:
    """One's own words, told from those of all others."""
    return "Уезжаю, " + "".join(chr(ord("а") + int(digit)) for digit in str(part.someone.id))


async def _unsubscribe(part: Part) -> None:
    await part.someone.send("Доставка квитанций")
    await part.someone.press("Отключить e-mail")
    await part.someone.send(_why(part))
    await part.someone.press("Прислать письмо для отключения")
    await part.someone.send(_link_in(part, part.email, "ere_"))


def _has_unsubscribed(part: Part) -> None:
    assert _by_mail(part) == []
    [(ended,)] = _without_paper(part)
    assert ended
    assert part.harness.rows("SELECT count(*) FROM ending_reasons WHERE words = ?", _why(part)) == [(1,)]
    assert _subjects(part, part.email) == ["Квитанция на e-mail отключена", "Подтвердите отключение квитанций"]


# Appeals


QUESTION: Final = "Почему вдвое больше?"
PARTS: Final = 10
FEW_PARTS: Final = 2
AGAIN: Final = "А за прошлый месяц?"


async def _be_asked_for_a_question(part: Part) -> None:
    part.someone.person.started = True
    contact = {"name": SURNAME, "email": "", "phone": "", "by_mail_only": False}
    about = {"account": part.home.account, "locality": "", "address": ""}
    draft = {"id": f"d{part.someone.id}", "about": about, "subject": "receipts", "contact": contact, "contacted": True}
    part.harness.run(
        "INSERT INTO conversations (key, state, data) VALUES (?, 'Appealing:text', ?)",
        *(f"{part.someone.id}:{part.someone.id}:", json.dumps({"AppealDraft": draft})),
    )


async def _appeal(part: Part) -> None:
    """An album whose parts come at once, and the press that sends it."""
    for number in range(2):
        caption, album = (None if number else QUESTION), f"{part.someone.id}"
        part.harness.world.send_file(
            part.someone.person, "photo", PICTURE, "p.jpg", caption, media_group_id=album, mime_type="image/jpeg"
        )
    await part.harness.quiet(part.someone.id)
    await part.someone.press("Отправить")


def _has_appealed(part: Part) -> None:
    """One appeal of two parts, whose number is the one on the screen."""
    [(key, number)] = part.harness.rows("SELECT key, number FROM appeals WHERE user_id = ?", part.someone.id)
    texts = part.harness.rows("SELECT text, file_kind FROM appeal_messages WHERE appeal = ? ORDER BY id", key)
    assert texts == [(QUESTION, "photo"), ("", "photo")]
    assert f"№ {number} отправлено" in part.someone.screen


async def _send_an_album(part: Part) -> None:
    for number in range(PARTS):
        part.harness.world.send_file(
            *(part.someone.person, "photo", PICTURE, "p.jpg", f"Фото {number}"),
            media_group_id=f"{part.someone.id}",
            mime_type="image/jpeg",
        )
    await part.harness.quiet(part.someone.id)
    await part.someone.press("Отправить")
    await part.harness.quiet()


def _has_sent_an_album(part: Part) -> None:
    """One appeal, in whose topic all parts stand together and once."""
    group = _group(part)
    [(key, thread)] = part.harness.rows(
        "SELECT appeal, thread_id FROM desk_topics JOIN appeals ON key = appeal WHERE user_id = ?", part.someone.id
    )
    texts = part.harness.rows("SELECT text FROM appeal_messages WHERE appeal = ? ORDER BY text", key)
    copies = [one.json for one in group.messages.values() if one.thread_id == thread and "photo" in one.json]
    assert (
        sorted(one["caption"] for one in copies) == [text for (text,) in texts] == [f"Фото {n}" for n in range(PARTS)]
    )
    assert len({one["media_group_id"] for one in copies}) == 1


# The desk


def _group(part: Part) -> Chat:
    [group] = (chat for chat in part.harness.world.chats.values() if chat.is_forum)
    return group


def _key(part: Part) -> str:
    return f"d{part.someone.id}"


def _thread(part: Part) -> int:
    return int(part.harness.rows("SELECT thread_id FROM desk_topics WHERE appeal = ?", _key(part))[0][0])


async def _have_a_topic(part: Part) -> None:
    """An appeal that was sent, told here without that part of it."""
    harness, group, key = part.harness, _group(part), _key(part)
    at, number = f"{harness.now():%Y-%m-%d %H:%M:%S.%f}", f"2611-{part.someone.id % 10**5:05}"
    part.someone.person.started = True
    harness.world.join(group, part.other.person, "administrator")
    asked = harness.world.post(harness.world.chats[part.someone.id], part.someone.person.user(), {"text": QUESTION},
                               outgoing=False, tell_bot=False)  # fmt: skip
    topic = harness.world.add_topic(group, harness.world.bot, Topic(0, f"№ {number}", 7322096), outgoing=True)
    card, copy = (
        harness.world.post(group, harness.world.bot, {"text": text}, outgoing=True, thread_id=topic.thread_id)
        for text in (number, QUESTION)
    )
    harness.run(
        "INSERT INTO appeals (key, number, user_id, language, account, subject, state, created_at, due_at) "
        "VALUES (?1, ?2, ?3, 'ru', ?4, 'receipts', 'open', ?5, '2026-12-01 09:00:00.000000')",
        *(key, number, part.someone.id, part.home.account, at),
    )
    harness.run(
        "INSERT INTO appeal_messages "
        "(appeal, side, chat_id, message_id, kind, text, written_at, copy_chat_id, copy_id, delivery) "
        "VALUES (?, 'customer', ?, ?, 'text', ?, ?, ?, ?, 'delivered')",
        *(key, part.someone.id, asked.message_id, QUESTION, at, group.id, copy.message_id),
    )
    harness.run(
        "INSERT INTO desk_topics (appeal, group_id, chat_id, thread_id, card_id) VALUES (?1, ?2, ?2, ?3, ?4)",
        *(key, group.id, topic.thread_id, card.message_id),
    )
    await harness.quiet()


def _staff_writes(part: Part, text: str) -> Json:
    return part.harness.world.send_text(part.other.person, text, _group(part), _thread(part))


async def _be_answered(part: Part) -> None:
    """Words and a file, one after the other; the words are changed."""
    world, group, staff = part.harness.world, _group(part), part.other.person
    words = _staff_writes(part, "Проверяем")
    world.send_file(staff, "document", b"%PDF-1.4", "act.pdf", "Акт", chat=group, thread_id=_thread(part))
    await part.harness.quiet()
    world.edit_text(staff, words["message_id"], "Проверили", group)
    await part.harness.quiet()


def _has_two_answers(part: Part) -> None:
    assert part.someone.screens == ["Проверили", "Акт"]
    _marks_tell_the_truth(part, 2)


def _marks_tell_the_truth(part: Part, count: int) -> None:
    """At each answer, and nowhere is it said that one waits."""
    harness, group = part.harness, _group(part)
    sql = (
        "SELECT message_id, mark_id FROM appeal_messages WHERE side = 'staff' AND delivery = 'delivered' AND appeal = ?"
    )
    marks = harness.rows(sql, _key(part))
    assert len(marks) == count
    assert [group.messages[message].reactions for message, _ in marks] == [{harness.world.bot["id"]: "👌"}] * count
    said = (group.messages[mark].json["text"] for _, mark in marks if mark)
    assert [text for text in said if not text.startswith("✓")] == []


async def _be_answered_by_an_album(part: Part) -> None:
    for number in range(FEW_PARTS):
        part.harness.world.send_file(
            *(part.other.person, "photo", PICTURE, "p.jpg", f"Фото {number}"),
            media_group_id=f"{part.other.id}",
            mime_type="image/jpeg",
            chat=_group(part),
            thread_id=_thread(part),
        )
    await part.harness.quiet()


def _has_the_album(part: Part) -> None:
    """Each part once, together."""
    assert part.someone.screens == [f"Фото {number}" for number in range(FEW_PARTS)]
    came = [one for one in part.harness.world.chat_view(part.someone.id) if "photo" in one]
    assert len({one["media_group_id"] for one in came}) == 1
    _marks_tell_the_truth(part, FEW_PARTS)


async def _have_an_answer(part: Part) -> None:
    await _have_a_topic(part)
    _staff_writes(part, "Пересчитали")
    await part.harness.quiet()


async def _answer_back(part: Part) -> None:
    """The customer answers the answer, and staff close the appeal."""
    part.someone.types(AGAIN, reply_to=part.someone.last_id)
    await part.harness.quiet()
    _staff_writes(part, "/close")
    await part.harness.quiet()


def _has_been_closed(part: Part) -> None:
    group, thread = _group(part), _thread(part)
    said = [one.json.get("text") for one in group.messages.values() if one.thread_id == thread]
    assert said.count(AGAIN) >= 1, part.someone.screens
    assert group.topics[thread].closed
    assert part.harness.rows("SELECT state, closed_by FROM appeals WHERE key = ?", _key(part)) == [("closed", "staff")]
    assert part.someone.screens[0] == "Пересчитали"
    _marks_tell_the_truth(part, 1)


async def _have_a_locked_account(part: Part) -> None:
    """A note of the staff shows the bot the newest message of the group, which was filled without it."""
    await _have_a_topic(part)
    _staff_writes(part, "// Счёт заперт")
    await part.harness.quiet()
    part.harness.run("INSERT INTO controls (account, anyone_submits, closed, locked) VALUES (?, 1, 0, 1)",
                     part.home.account)  # fmt: skip


async def _be_unlocked(part: Part) -> None:
    """By a member of the staff, from the card; the customer goes home."""
    [(card,)] = part.harness.rows("SELECT card_id FROM desk_topics WHERE appeal = ?", _key(part))
    press = OnDesk(action=DeskAction.UNLOCK, appeal=_key(part)).pack()
    part.harness.world.forge_press(part.other.person, _group(part).id, card, press)
    await part.harness.quiet()
    await _come_home(part)


def _is_unlocked(part: Part) -> None:
    """Once, and the topic says so; in a group of several kills perhaps twice."""
    account = part.home.account
    assert part.harness.rows("SELECT locked FROM controls WHERE account = ?", account) == [(0,)]
    assert part.harness.rows("SELECT action FROM journal WHERE account = ?", account) == [("unlocked_by_company",)]
    group, thread = _group(part), _thread(part)
    said = [one.json.get("text", "") for one in group.messages.values() if one.thread_id == thread]
    assert any(one.endswith("счёт отперт.") for one in said)


ANSWERED: Final = Story("answered", _be_answered, _has_two_answers, "Акт", _have_a_topic)
ANSWERED_BY_ALBUM: Final = Story("answered-by-album", _be_answered_by_an_album, _has_the_album, "Фото 1", _have_a_topic)
ANSWERING_BACK: Final = Story("answering-back", _answer_back, _has_been_closed, "✔️ Обращение №", _have_an_answer)
UNLOCKING: Final = Story("unlocking", _be_unlocked, _is_unlocked, "🏠", _have_a_locked_account)
DESK: Final = (ANSWERED, ANSWERED_BY_ALBUM, ANSWERING_BACK, UNLOCKING)
ALBUM: Final = Story("album", _send_an_album, _has_sent_an_album, "✅ Обращение №", _be_asked_for_a_question)
APPEAL: Final = Story("appeal", _appeal, _has_appealed, "✅ Обращение №", _be_asked_for_a_question)
FIRST_CONTACT: Final = Story(
    "first-contact", _get_to_know, _is_known, "🏠 Счёт …", _nothing, newcomer=True, for_hasty=True
)
READINGS: Final = Story(
    "readings", _hand_in_with_a_doubt, _handed_in, "✅ Показания переданы", _come_home, for_hasty=True
)
HURRY: Final = Story("hurry", _hand_in_in_a_hurry, _handed_in, "✅ Показания переданы", _come_home, for_hasty=True)
FLOOD: Final = Story("flood", _flood, _handed_in, "✅ Показания переданы", _come_home)  # takes too long for crowds
CORRECTION: Final = Story("correction", _correct, _corrected, "🏠 Счёт …", _have_handed_in)
PAPERS: Final = Story("papers", _ask_for_papers, _has_papers, "✉️ Отправляю", _have_handed_in, for_hasty=True)
ACCOUNTS: Final = Story("accounts", _look_after_another, _looks_after_both, "🏠 Счёт …", _come_home)
UNLINKING: Final = Story("unlinking", _name_and_unlink, _looks_after_the_other, "🏠 Дача у реки", _have_both)
LANGUAGE: Final = Story("language", _change_language, _speaks_english, "⚙️ Settings", _come_home, for_hasty=True)
WITHDRAWAL: Final = Story("withdrawal", _take_back_a_consent, _has_taken_back, "Согласие отозвано", _come_home)
ERASURE: Final = Story("erasure", _ask_to_be_forgotten, _is_forgotten, "Готово, всё о вас удалено", _have_handed_in)
PAYING: Final = Story("paying", _pay, _has_paid, "✅ Оплата 100,00 ₽ получена", _come_home)
CHANGED_SUM: Final = Story("changed-sum", _pay_what_is_left, _has_a_link_to_the_rest, "💳 Счёт …", _be_offered_a_sum)
STORIES: Final = (
    *(FIRST_CONTACT, READINGS, HURRY, CORRECTION, PAPERS, ACCOUNTS, UNLINKING, LANGUAGE),
    *(WITHDRAWAL, ERASURE),
)
PROOF: Final = Story("proof", _prove, _has_proved, "✅ Счёт …", _be_asked_for_a_sum)
GUESSING: Final = Story("guessing-flats", _guess_flats, _has_guessed, "Такого лицевого счёта", _be_asked_for_a_flat)
INVITING: Final = Story("inviting", _invite, _has_invited, "✉️ Счёт …", _be_an_owner)
JOINING: Final = Story("joining", _join, _has_joined, "🏠 Счёт …", _be_invited)
ASKING: Final = Story("asking-the-former", _ask_the_former, _has_asked, "♻️ Счёт …", _find_the_former)
RECOVERY: Final = Story("recovery", _wait_for_the_end, _has_recovered, "♻️ Доступ прежнего", _have_both_proved)
REPLACING: Final = Story("replacing", _replace, _has_replaced, "✅ Показания переданы", _find_others_readings)
TOO_LATE: Final = Story("too-late", _come_too_late, _has_replaced_nothing, "Показания по этому", _come_home)
HANDED_OVER: Final = Story("handed-over", _hand_over, _has_been_told, "🏠 Счёт …", _be_an_owner)
SUBSCRIBING: Final = Story("subscribing", _subscribe, _has_subscribed, "✅ Квитанция подключена", _decide_about_paper)
MOVING: Final = Story("moving", _move, _has_moved, "✅ Квитанция подключена", _be_subscribed)
UNSUBSCRIBING: Final = Story("unsubscribing", _unsubscribe, _has_unsubscribed, "✅ Квитанция на e-mail", _be_subscribed)
BY_MAIL: Final = (SUBSCRIBING, MOVING, UNSUBSCRIBING)
TRUST: Final = (  # not for crowds: a guess is spent by a kill
    *(PROOF, GUESSING, INVITING, JOINING, ASKING, RECOVERY),
    *(REPLACING, TOO_LATE, HANDED_OVER),
)
