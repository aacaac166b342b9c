"""One's e-mail address: it counts when its letter's link was opened by the same person; the old address hears of it."""

from __future__ import annotations

import pytest

import bot.app
import bot.outbox.sender
from services.notices.errors import MailRefused, MailUnavailable, MailUnknown
from services.notices.letters import mailbox_of
from services.notices.ports import Letter
from tests.flows.kept import killed_before_done
from tests.flows.mailed import confirm, link, link_in, name
from tests.flows.test_erasure import erase, places
from tests.flows.test_privacy import ASKED_AGAIN, download, withdraw
from tests.flows.test_submissions import hand_in
from tests.people import Someone
from tests.test_delivery import once_more
from tests.town import Town

FIRST = "maria@mail.ru"
SECOND = "masha@yandex.ru"
CONFIRMED = "Адрес m•••@mail.ru подтверждён."


def confirmed(town: Town) -> list[str]:
    """Everybody's."""
    return [row[0] for row in town.rows("SELECT email FROM users WHERE email NOT NULL")]


async def test_an_address_counts_when_its_link_was_opened(town: Town, maria: Someone) -> None:
    await maria.press("Настройки")
    await maria.press("Почта")
    assert "Пришлите адрес, например maria@mail.ru." in maria.screen
    await maria.send(f"  {FIRST} ")
    assert "m•••@mail.ru ждёт подтверждения" in maria.screen
    assert "до 24.11.2026 10:14" in maria.screen
    assert confirmed(town) == []
    letter = await town.letterbox.letter()
    assert letter.to == FIRST
    assert letter.subject == "Подтвердите адрес почты"
    assert "24 часа" in letter.text
    assert FIRST not in letter.text
    await maria.send(link_in(letter))
    assert maria.screen == f"✅ {CONFIRMED}"
    assert confirmed(town) == [FIRST]
    await maria.press("Почта")
    assert maria.screen == "📧 Почта\n\n✅ m•••@mail.ru, подтверждён"
    await maria.press("Назад")
    assert "Почта: m•••@mail.ru" in maria.screen
    assert FIRST not in maria.seen.replace("например maria@mail.ru", ""), "only masked, also in previews"
    assert town.letterbox.letters.empty()


async def test_a_link_opened_by_another_person_changes_nothing(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(town)
    oleg = await town.customer("Олег")
    await oleg.send(payload)
    assert "Эта ссылка не ваша" in oleg.screen
    assert "mail.ru" not in oleg.seen
    assert confirmed(town) == []
    await maria.send(payload)
    assert confirmed(town) == [FIRST]
    await oleg.send(payload)
    assert "Эта ссылка не ваша" in oleg.screen
    assert confirmed(town) == [FIRST]


async def test_a_link_works_for_a_day(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(town)
    town.clock.advance(hours=24)
    await maria.send(payload)
    assert "она работает 24 часа. Запросите новое письмо." in maria.screen
    await maria.press("Почта")
    assert "Пришлите адрес" in maria.screen
    await maria.send(FIRST)
    town.clock.advance(hours=23, minutes=59)
    await maria.send(await link(town))
    assert confirmed(town) == [FIRST]


async def test_a_link_that_another_address_has_replaced_says_so(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    old = await link(town)
    await name(maria, SECOND)
    new = await link(town)
    await maria.send(old)
    assert "после неё вы указали другой адрес или удалили этот" in maria.screen
    assert confirmed(town) == []
    await maria.press("Почта")
    assert "m•••@yandex.ru ждёт подтверждения" in maria.screen
    await maria.send(new)
    assert confirmed(town) == [SECOND]
    await maria.send(old)
    assert confirmed(town) == [SECOND]


async def test_a_link_works_once_and_both_letters_to_one_address_hold_good_ones(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    first = await link(town)
    await maria.press("Отправить письмо ещё раз")
    second = await link(town)
    assert first != second
    await maria.send(first)
    assert confirmed(town) == [FIRST]
    for payload in (first, second):
        await maria.send(payload)
        assert "Эта ссылка уже сработала: адрес m•••@mail.ru подтверждён." in maria.screen
    await remove(maria)
    for payload in (first, second):
        await maria.send(payload)
        assert "больше не действует" in maria.screen
    assert confirmed(town) == []


@pytest.mark.parametrize("payload", ["eml_", "eml_nobody", "eml_" + "x" * 60, "eml_<b>"])
async def test_an_unknown_link_is_explained(town: Town, maria: Someone, payload: str) -> None:
    await maria.send(f"/start {payload}")
    assert "больше не действует" in maria.screen
    assert "Почта" in maria.buttons


async def test_who_comes_back_by_a_link_agrees_first(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(town)
    await withdraw(maria, "services")
    await maria.send(payload)
    assert ASKED_AGAIN in maria.screen
    assert confirmed(town) == []
    await maria.press("Даю оба согласия")
    assert CONFIRMED in maria.screen
    assert confirmed(town) == [FIRST]


# Changing and removing


async def test_the_old_address_and_the_person_hear_of_a_change(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(town)
    assert confirmed(town) == [FIRST]
    before = town.world.cursor
    await maria.send(payload)
    assert "Адрес m•••@yandex.ru подтверждён." in "".join(maria.screens)
    await town.told(maria, "Адрес почты в ваших настройках заменён. Если это сделали не вы", before)
    warning = await town.letterbox.letter()
    assert (warning.to, warning.subject) == (FIRST, "Адрес почты заменён")
    assert "Если это сделали не вы" in warning.text
    assert "8 800" in warning.text
    assert "yandex" not in warning.text
    assert confirmed(town) == [SECOND]


async def test_a_change_is_told_once_also_when_its_update_runs_again(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await confirm(town, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(town)
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    maria.types(payload)
    await killed_before_done(town, monkeypatch)
    await town.quiet()
    assert "адрес m•••@yandex.ru подтверждён" in "".join(maria.screens)
    assert (await town.letterbox.letter()).to == FIRST
    await town.tick()
    assert town.letterbox.letters.empty()
    kinds = "SELECT kind, channel FROM outbox WHERE kind = 'email_changed' ORDER BY channel"
    assert town.rows(kinds) == [("email_changed", "mail"), ("email_changed", "telegram")]


async def remove(someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Почта")
    await someone.press("Удалить")
    await someone.press("Да, удалить")


async def test_an_address_is_removed_and_hears_of_it(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    assert maria.screen == "Удалить адрес m•••@mail.ru? Письма на него больше не придут."
    await maria.press("Нет, оставить")
    assert confirmed(town) == [FIRST]
    await maria.press("Удалить")
    for _ in range(2):
        maria.taps("Да, удалить")
    await town.quiet()
    assert confirmed(town) == []
    warning = await town.letterbox.letter()
    assert (warning.to, warning.subject) == (FIRST, "Адрес почты удалён")
    await town.tick()
    assert town.letterbox.letters.empty()


async def test_an_address_that_waits_is_taken_back(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(town)
    await maria.press("Удалить")
    assert "m•••@yandex.ru" in maria.screen
    await maria.press("Да, удалить")
    await maria.send(payload)
    assert "больше не действует" in maria.screen
    assert confirmed(town) == [FIRST]
    assert town.letterbox.letters.empty()


async def test_an_old_button_does_not_remove_what_was_named_later(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    press = maria.find("Да, удалить")
    await confirm(town, maria, SECOND)
    assert (await town.letterbox.letter()).to == FIRST
    await maria.press_data(*press)
    assert confirmed(town) == [SECOND]


async def test_who_names_the_confirmed_address_again_gets_no_letter(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await name(maria, SECOND)
    pending = await link(town)
    await name(maria, FIRST)
    assert maria.screen == "📧 Почта\n\n✅ m•••@mail.ru, подтверждён"
    await maria.send(pending)
    assert "больше не действует" in maria.screen
    assert confirmed(town) == [FIRST]
    assert town.letterbox.letters.empty()


async def test_somebody_elses_buttons_touch_no_address(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    _, data = maria.find("Да, удалить")
    oleg = await town.customer("Олег")
    for one in (data, "go1:email_remove:0", "go1:email_again:0", "go1:email:0"):
        await oleg.press_data(oleg.last_id, one)
        assert "mail.ru" not in oleg.screen.replace("maria@mail.ru", "")
    assert confirmed(town) == [FIRST]
    assert town.letterbox.letters.empty()


# Letters


@pytest.mark.parametrize("typed", ["кракозябра", "a@b", "maria@mail.ru, oleg@mail.ru", "3650 1580"])
async def test_a_wrong_address_is_explained_and_asked_for_again(town: Town, maria: Someone, typed: str) -> None:
    await name(maria, typed)
    assert "Это не похоже на адрес электронной почты." in maria.screen
    assert town.rows("SELECT * FROM outbox") == []
    await maria.send(FIRST)
    assert (await town.letterbox.letter()).to == FIRST


async def test_letters_of_all_kinds_count_together(town: Town, maria: Someone) -> None:
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("a@mail.ru")
    for number in range(4):
        await name(maria, f"b{number}@mail.ru")
    await name(maria, "c@mail.ru")
    assert maria.screen == "Больше писем отправить пока нельзя. Попробуйте завтра."
    town.clock.advance(hours=1)
    await maria.send("/settings")
    await maria.press("Почта")
    assert "b•••@mail.ru ждёт подтверждения" in maria.screen, "the one before still stands"
    for _ in range(5):
        await town.letterbox.letter()
    assert town.letterbox.letters.empty()
    town.clock.advance(days=1)
    await name(maria, "c@mail.ru")
    assert (await town.letterbox.letter()).to == "c@mail.ru"


@pytest.mark.parametrize("spelled", ["{0}@mail.ru", "Victim@Mail.ru", "victim+{0}@mail.ru", "v.i.c-tim@mail.ru"])
async def test_many_people_fill_nobodys_mailbox(town: Town, spelled: str) -> None:
    """Eight people who ask for five letters each; the answer does not tell that there were others."""
    asked = 0
    for number in range(8):
        stranger = await town.customer(f"Чужой {number}")
        for again in range(5):
            await name(stranger, spelled.format("victim" if "+" not in spelled else again))
            asked += 1
        assert stranger.screen == "Больше писем отправить пока нельзя. Попробуйте завтра." or number == 0
        if number == 3:
            await erase(stranger)
    assert asked == 40
    for _ in range(5):
        await town.letterbox.letter()
    assert town.letterbox.letters.empty()
    await name(stranger, "another@mail.ru")
    assert (await town.letterbox.letter()).to == "another@mail.ru"
    town.clock.advance(days=1)
    await name(stranger, "victim@mail.ru")
    assert (await town.letterbox.letter()).to == "victim@mail.ru"


async def test_nobody_uses_up_the_letters_of_who_reads_them(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    for number in range(5):
        stranger = await town.customer(f"Чужой {number}")
        await name(stranger, FIRST)
    assert stranger.screen.startswith("Больше писем отправить пока нельзя"), "the first was Maria's own"
    for _ in range(4):
        await town.letterbox.letter()
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("MARIA@mail.ru")
    assert (await town.letterbox.letter()).to == "MARIA@mail.ru"


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b@gmail.com", "AB+x@googlemail.com"), ("a-b@yandex.ru", "a.b@ya.ru"), ("a@mail.ru", "A@MAIL.RU")],
)
def test_one_mailbox_has_many_spellings(one: str, other: str) -> None:
    assert mailbox_of(one) == mailbox_of(other)


async def test_nothing_that_is_kept_holds_the_link(town: Town, maria: Someone) -> None:
    """Neither the database nor the file of one's own data, also while the letter waits."""
    town.letterbox.trouble = MailUnavailable()
    await name(maria, FIRST)
    found = await download(maria)
    assert [one["address"] for one in found["emails"]] == [FIRST]
    assert "digest" not in str(found["emails"])
    town.letterbox.trouble = None
    payload = await link(town)
    token = payload.removeprefix("/start eml_")
    assert token not in str(found)
    assert places(town, token) == set()
    await maria.send(payload)
    assert places(town, token) == set()
    assert confirmed(town) == [FIRST]


async def test_a_letter_that_may_have_arrived_holds_the_same_link_the_second_time(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Letter] = []
    send = town.letterbox.send

    async def lose(letter: Letter) -> None:
        lost.append(letter)
        if len(lost) == 1:
            raise MailUnknown
        await send(letter)

    monkeypatch.setattr(bot.outbox.sender, "BACK", (0,))
    monkeypatch.setattr(town.letterbox, "send", lose)
    await name(maria, FIRST)
    await once_more(town, 1)
    assert await link(town) == link_in(lost[0])


async def test_an_address_that_will_not_do_is_told_without_it(town: Town, maria: Someone) -> None:
    town.letterbox.trouble = MailRefused()
    before = town.world.cursor
    await name(maria, FIRST)
    await town.told(maria, "Письмо на m•••@mail.ru не доставлено. Проверьте адрес.", before)


async def test_that_the_old_address_is_dead_is_no_news(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    town.letterbox.trouble = MailRefused()
    await remove(maria)
    await town.until("SELECT state FROM outbox WHERE kind = 'email_removed'", [("failed",)])
    assert town.rows("SELECT * FROM outbox WHERE kind = 'undelivered'") == []


async def test_links_that_are_too_old_are_forgotten(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    town.clock.advance(hours=12)
    await name(maria, SECOND)
    town.clock.advance(hours=13)
    await town.every_tick()
    assert town.rows("SELECT address FROM email_requests") == [(SECOND,)]


async def test_where_no_letters_can_be_sent_none_are_offered(silent_town: Town) -> None:
    silent_town.letterbox = None  # type: ignore[assignment]
    await silent_town.start()
    maria = await silent_town.customer("Мария", "360000123456")
    await maria.send("/settings")
    assert "Почта" not in maria.buttons
    assert "Почта" not in maria.screen
    for place in ("email", "email_ask", "email_again", "email_remove"):
        await maria.press_data(maria.last_id, f"go1:{place}:0")
        assert maria.screen.startswith("⚙️ Настройки")
    await maria.send(FIRST)
    assert silent_town.rows("SELECT * FROM email_requests") == []


# Readings by e-mail


async def test_readings_go_to_the_confirmed_address_by_one_tap(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await hand_in(maria)
    await maria.press("На e-mail")
    press = maria.find("На m•••@mail.ru")
    for _ in range(2):
        town.world.press(maria.person, maria.id, *press)
    await town.quiet()
    assert "Отправляю на m•••@mail.ru" in "".join(maria.screens)
    letter = await town.letterbox.letter()
    assert (letter.to, letter.attachment is not None) == (FIRST, True)
    assert town.letterbox.letters.empty()
    await maria.send("/history")
    await maria.press("П-2611")
    await maria.press("На e-mail")
    await maria.send(SECOND)
    assert (await town.letterbox.letter()).to == SECOND, "another one may still be typed"


async def test_an_address_that_only_waits_is_not_offered(town: Town, maria: Someone) -> None:
    await name(maria, FIRST)
    await town.letterbox.letter()
    await hand_in(maria)
    await maria.press("На e-mail")
    assert maria.buttons == ["На главную"]


async def test_the_button_to_an_address_removed_since_sends_nothing(town: Town, maria: Someone) -> None:
    await confirm(town, maria, FIRST)
    await hand_in(maria)
    await maria.press("На e-mail")
    press = maria.find("На m•••@mail.ru")
    await town.run("UPDATE users SET email = NULL")
    await maria.press_data(*press)
    assert maria.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert town.letterbox.letters.empty()


async def test_letters_speak_english(town: Town) -> None:
    john = await town.customer("John", "360000123456", language="en")
    await john.send("/settings")
    await john.press("E-mail")
    await john.send("john@example.org")
    assert "j•••@example.org is waiting to be confirmed" in john.screen
    letter = await town.letterbox.letter()
    assert letter.subject == "Confirm your e-mail address"
    await john.send(link_in(letter))
    assert "The address j•••@example.org is confirmed." in john.screen
