"""One's e-mail address: it counts when its letter's link was opened by the same person; the old address hears of it."""

from __future__ import annotations

import pytest

from services.notices.catalog import AddressRemovedLetter
from services.notices.errors import MailRefused, MailUnavailable, MailUnknown
from services.notices.letters import NEWS_PER_DAY, mailbox_of
from services.notices.models import Notice
from services.notices.ports import Letter
from tests.flows.kept import killed_before_done
from tests.flows.mailed import confirm, link, link_in, name
from tests.flows.test_erasure import erase, places
from tests.flows.test_privacy import ASKED_AGAIN, download, withdraw
from tests.flows.test_submissions import hand_in
from tests.harness import BotHarness
from tests.people import Someone
from tests.test_delivery import once_more

FIRST = "maria@mail.ru"
SECOND = "masha@yandex.ru"
CONFIRMED = "Адрес m•••@mail.ru подтверждён."


def confirmed(harness: BotHarness) -> list[str]:
    """Everybody's."""
    return [row[0] for row in harness.rows("SELECT email FROM users WHERE email NOT NULL")]


async def test_an_address_counts_when_its_link_was_opened(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Настройки")
    await maria.press("Почта")
    assert "Пришлите адрес, например maria@mail.ru." in maria.screen
    await maria.send(f"  {FIRST} ")
    assert "m•••@mail.ru ждёт подтверждения" in maria.screen
    assert "до 24.11.2026 10:14" in maria.screen
    assert confirmed(harness) == []
    letter = await harness.letterbox.letter()
    assert letter.to == FIRST
    assert letter.subject == "Подтвердите адрес почты"
    assert "24 часа" in letter.text
    assert FIRST not in letter.text
    await maria.send(link_in(letter))
    assert maria.screen == f"✅ {CONFIRMED}"
    assert confirmed(harness) == [FIRST]
    await maria.press("Почта")
    assert maria.screen == "📧 Почта\n\n✅ m•••@mail.ru, подтверждён"
    await maria.press("Назад")
    assert "Почта: m•••@mail.ru" in maria.screen
    assert FIRST not in maria.seen.replace("например maria@mail.ru", ""), "only masked, also in previews"
    assert harness.letterbox.letters.empty()


async def test_a_link_opened_by_another_person_changes_nothing(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(harness)
    oleg = await harness.customer("Олег")
    await oleg.send(payload)
    assert "Эта ссылка не ваша" in oleg.screen
    assert "mail.ru" not in oleg.seen
    assert confirmed(harness) == []
    await maria.send(payload)
    assert confirmed(harness) == [FIRST]
    await oleg.send(payload)
    assert "Эта ссылка не ваша" in oleg.screen
    assert confirmed(harness) == [FIRST]


async def test_a_link_works_for_a_day(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(harness)
    harness.clock.advance(hours=24)
    await maria.send(payload)
    assert "она работает 24 часа. Запросите новое письмо." in maria.screen
    await maria.press("Почта")
    assert "Пришлите адрес" in maria.screen
    await maria.send(FIRST)
    harness.clock.advance(hours=23, minutes=59)
    await maria.send(await link(harness))
    assert confirmed(harness) == [FIRST]


async def test_a_link_that_another_address_has_replaced_says_so(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    old = await link(harness)
    await name(maria, SECOND)
    new = await link(harness)
    await maria.send(old)
    assert "после неё вы указали другой адрес или удалили этот" in maria.screen
    assert confirmed(harness) == []
    await maria.press("Почта")
    assert "m•••@yandex.ru ждёт подтверждения" in maria.screen
    await maria.send(new)
    assert confirmed(harness) == [SECOND]
    await maria.send(old)
    assert confirmed(harness) == [SECOND]


async def test_a_link_works_once_and_both_letters_to_one_address_hold_good_ones(
    harness: BotHarness, maria: Someone
) -> None:
    await name(maria, FIRST)
    first = await link(harness)
    await maria.press("Отправить письмо ещё раз")
    second = await link(harness)
    assert first != second
    await maria.send(first)
    assert confirmed(harness) == [FIRST]
    for payload in (first, second):
        await maria.send(payload)
        assert "✅ Адрес m•••@mail.ru подтверждён." in maria.screen
    await remove(maria)
    for payload in (first, second):
        await maria.send(payload)
        assert "больше не действует" in maria.screen
    assert confirmed(harness) == []


@pytest.mark.parametrize("payload", ["eml_", "eml_nobody", "eml_" + "x" * 60, "eml_<b>"])
async def test_an_unknown_link_is_explained(harness: BotHarness, maria: Someone, payload: str) -> None:
    await maria.send(f"/start {payload}")
    assert "больше не действует" in maria.screen
    assert "Почта" in maria.buttons


async def test_who_comes_back_by_a_link_agrees_first(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    payload = await link(harness)
    await withdraw(maria, "services")
    await maria.send(payload)
    assert ASKED_AGAIN in maria.screen
    assert confirmed(harness) == []
    await maria.press("Согласен с обоими")
    assert CONFIRMED in maria.screen
    assert confirmed(harness) == [FIRST]


# Changing and removing


async def test_the_old_address_and_the_person_hear_of_a_change(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(harness)
    assert confirmed(harness) == [FIRST]
    before = harness.world.cursor
    await maria.send(payload)
    assert "Адрес m•••@yandex.ru подтверждён." in "".join(maria.screens)
    await harness.told(maria, "Адрес почты в ваших настройках заменён. Если это сделали не вы", before)
    warning = await harness.letterbox.letter()
    assert (warning.to, warning.subject) == (FIRST, "Адрес почты заменён")
    assert "Если это сделали не вы" in warning.text
    assert "8 800" in warning.text
    assert "yandex" not in warning.text
    assert confirmed(harness) == [SECOND]


@pytest.mark.limits(patience=0)
async def test_a_change_is_told_once_also_when_its_update_runs_again(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await confirm(harness, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(harness)
    maria.types(payload)
    await killed_before_done(harness, monkeypatch)
    await harness.quiet()
    assert "✅ Адрес m•••@yandex.ru подтверждён" in "".join(maria.screens)
    assert (await harness.letterbox.letter()).to == FIRST
    await harness.tick()
    assert harness.letterbox.letters.empty()
    assert sorted(harness.outbox("kind, channel", kind="email_changed")) == [
        ("email_changed", "mail"),
        ("email_changed", "telegram"),
    ]


async def remove(someone: Someone) -> None:
    await someone.send("/settings")
    await someone.press("Почта")
    await someone.press("Удалить")
    await someone.press("Да, удалить")


async def test_an_address_is_removed_and_hears_of_it(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    assert maria.screen == "Удалить адрес m•••@mail.ru? Письма на него больше не придут."
    await maria.press("Нет, оставить")
    assert confirmed(harness) == [FIRST]
    await maria.press("Удалить")
    for _ in range(2):
        maria.taps("Да, удалить")
    await harness.quiet()
    assert confirmed(harness) == []
    warning = await harness.letterbox.letter()
    assert (warning.to, warning.subject) == (FIRST, "Адрес почты удалён")
    await harness.tick()
    assert harness.letterbox.letters.empty()


async def test_an_address_that_waits_is_taken_back(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await name(maria, SECOND)
    payload = await link(harness)
    await maria.press("Удалить")
    assert "m•••@yandex.ru" in maria.screen
    await maria.press("Да, удалить")
    await maria.send(payload)
    assert "больше не действует" in maria.screen
    assert confirmed(harness) == [FIRST]
    assert harness.letterbox.letters.empty()


async def test_what_is_done_again_and_again_fills_nobodys_mailbox(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    said = [Notice(f"N{number}", maria.id, AddressRemovedLetter(FIRST)) for number in range(NEWS_PER_DAY)]
    await harness.tell(*said)
    await harness.outbox_is_done()
    await remove(maria)
    assert confirmed(harness) == []
    assert len(harness.outbox("key", kind="email_removed")) == NEWS_PER_DAY


async def test_an_old_button_does_not_remove_what_was_named_later(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    press = maria.find("Да, удалить")
    await confirm(harness, maria, SECOND)
    assert (await harness.letterbox.letter()).to == FIRST
    await maria.press_data(*press)
    assert confirmed(harness) == [SECOND]


async def test_who_names_the_confirmed_address_again_gets_no_letter(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await name(maria, SECOND)
    pending = await link(harness)
    await name(maria, FIRST)
    assert maria.screen == "📧 Почта\n\n✅ m•••@mail.ru, подтверждён"
    await maria.send(pending)
    assert "больше не действует" in maria.screen
    assert confirmed(harness) == [FIRST]
    assert harness.letterbox.letters.empty()


async def test_somebody_elses_buttons_touch_no_address(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await maria.press("Почта")
    await maria.press("Удалить")
    _, data = maria.find("Да, удалить")
    oleg = await harness.customer("Олег")
    for one in (data, "go1:email_remove:0", "go1:email_again:0", "go1:email:0"):
        await oleg.press_data(oleg.last_id, one)
        assert "mail.ru" not in oleg.screen.replace("maria@mail.ru", "")
    assert confirmed(harness) == [FIRST]
    assert harness.letterbox.letters.empty()


# Letters


@pytest.mark.parametrize("typed", ["кракозябра", "a@b", "maria@mail.ru, oleg@mail.ru", "3650 1580"])
async def test_a_wrong_address_is_explained_and_asked_for_again(
    harness: BotHarness, maria: Someone, typed: str
) -> None:
    await name(maria, typed)
    assert "Это не похоже на адрес электронной почты." in maria.screen
    assert harness.outbox("key") == []
    await maria.send(FIRST)
    assert (await harness.letterbox.letter()).to == FIRST


async def test_letters_of_all_kinds_count_together(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("a@mail.ru")
    for number in range(4):
        await name(maria, f"b{number}@mail.ru")
    await name(maria, "c@mail.ru")
    assert maria.screen == "Больше писем отправить пока нельзя. Попробуйте завтра."
    harness.clock.advance(hours=1)
    await maria.send("/settings")
    await maria.press("Почта")
    assert "b•••@mail.ru ждёт подтверждения" in maria.screen, "the one before still stands"
    for _ in range(5):
        await harness.letterbox.letter()
    assert harness.letterbox.letters.empty()
    harness.clock.advance(days=1)
    await name(maria, "c@mail.ru")
    assert (await harness.letterbox.letter()).to == "c@mail.ru"


@pytest.mark.parametrize("spelled", ["{0}@mail.ru", "Victim@Mail.ru", "victim+{0}@mail.ru", "v.i.c-tim@mail.ru"])
async def test_many_people_fill_nobodys_mailbox(harness: BotHarness, spelled: str) -> None:
    """Eight people who ask for five letters each; the answer does not tell that there were others."""
    asked = 0
    for number in range(8):
        stranger = await harness.customer(f"Чужой {number}")
        for again in range(5):
            await name(stranger, spelled.format("victim" if "+" not in spelled else again))
            asked += 1
        assert stranger.screen == "Больше писем отправить пока нельзя. Попробуйте завтра." or number == 0
        if number == 3:
            await erase(stranger)
    assert asked == 40
    for _ in range(5):
        await harness.letterbox.letter()
    assert harness.letterbox.letters.empty()
    await name(stranger, "another@mail.ru")
    assert (await harness.letterbox.letter()).to == "another@mail.ru"
    harness.clock.advance(days=1)
    await name(stranger, "victim@mail.ru")
    assert (await harness.letterbox.letter()).to == "victim@mail.ru"


async def test_nobody_uses_up_the_letters_of_who_reads_them(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    for number in range(5):
        stranger = await harness.customer(f"Чужой {number}")
        await name(stranger, FIRST)
    assert stranger.screen.startswith("Больше писем отправить пока нельзя"), "the first was Maria's own"
    for _ in range(4):
        await harness.letterbox.letter()
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("MARIA@mail.ru")
    assert (await harness.letterbox.letter()).to == "MARIA@mail.ru"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.b@gmail.com", "AB+x@googlemail.com"),
        ("a-b@yandex.ru", "a.b@ya.ru"),
        ("a@mail.ru", "A@MAIL.RU"),
        ("a@me.com", "a@icloud.com"),
    ],
)
def test_one_mailbox_has_many_spellings(one: str, other: str) -> None:
    assert mailbox_of(one) == mailbox_of(other)


async def test_nothing_that_is_kept_holds_the_link(harness: BotHarness, maria: Someone) -> None:
    """Neither the database nor the file of one's own data, also while the letter waits."""
    harness.letterbox.trouble = MailUnavailable()
    await name(maria, FIRST)
    found = await download(maria)
    assert [one["address"] for one in found["emails"]] == [FIRST]
    assert "digest" not in str(found["emails"])
    harness.letterbox.trouble = None
    payload = await link(harness)
    token = payload.removeprefix("/start eml_")
    assert token not in str(found)
    assert places(harness, token) == set()
    await maria.send(payload)
    assert places(harness, token) == set()
    assert confirmed(harness) == [FIRST]


async def test_a_letter_that_may_have_arrived_holds_the_same_link_the_second_time(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Letter] = []
    send = harness.letterbox.send

    async def lose(letter: Letter) -> None:
        lost.append(letter)
        if len(lost) == 1:
            raise MailUnknown
        await send(letter)

    monkeypatch.setattr(harness.letterbox, "send", lose)
    await name(maria, FIRST)
    await once_more(harness, 1)
    assert await link(harness) == link_in(lost[0])


async def test_an_address_that_will_not_do_is_told_without_it(harness: BotHarness, maria: Someone) -> None:
    harness.letterbox.trouble = MailRefused()
    before = harness.world.cursor
    await name(maria, FIRST)
    await harness.told(maria, "Письмо на m•••@mail.ru не доставлено. Проверьте адрес.", before)


async def test_that_the_old_address_is_dead_is_no_news(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    harness.letterbox.trouble = MailRefused()
    await remove(maria)
    await harness.outbox_becomes("state", [("failed",)], kind="email_removed")
    assert harness.outbox("key", kind="undelivered") == []


async def test_links_that_are_too_old_are_forgotten(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    harness.clock.advance(hours=12)
    await name(maria, SECOND)
    harness.clock.advance(hours=13)
    await harness.every_tick()
    assert harness.rows("SELECT address FROM email_requests") == [(SECOND,)]


async def test_where_no_letters_can_be_sent_none_are_offered(idle_harness: BotHarness) -> None:
    idle_harness.letterbox = None  # type: ignore[assignment]
    await idle_harness.start()
    maria = await idle_harness.customer("Мария", "360000123456")
    await maria.send("/settings")
    assert "Почта" not in maria.buttons
    assert "Почта" not in maria.screen
    for place in ("email", "email_ask", "email_again", "email_remove"):
        await maria.press_data(maria.last_id, f"go1:{place}:0")
        assert maria.screen.startswith("⚙️ Настройки")
    await maria.send(FIRST)
    assert idle_harness.rows("SELECT * FROM email_requests") == []


# Readings by e-mail


async def test_readings_go_to_the_confirmed_address_by_one_tap(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await hand_in(maria)
    await maria.press("На e-mail")
    press = maria.find("На m•••@mail.ru")
    for _ in range(2):
        harness.world.press(maria.person, maria.id, *press)
    await harness.quiet()
    assert "Отправляю на m•••@mail.ru" in "".join(maria.screens)
    letter = await harness.letterbox.letter()
    assert (letter.to, letter.attachment is not None) == (FIRST, True)
    assert harness.letterbox.letters.empty()
    await maria.send("/submissions")
    await maria.press("П-2611")
    await maria.press("На e-mail")
    await maria.send(SECOND)
    assert (await harness.letterbox.letter()).to == SECOND, "another one may still be typed"


async def test_an_address_that_only_waits_is_not_offered(harness: BotHarness, maria: Someone) -> None:
    await name(maria, FIRST)
    await harness.letterbox.letter()
    await hand_in(maria)
    await maria.press("На e-mail")
    assert maria.buttons == ["На главную"]


async def test_the_button_to_an_address_removed_since_sends_nothing(harness: BotHarness, maria: Someone) -> None:
    await confirm(harness, maria, FIRST)
    await hand_in(maria)
    await maria.press("На e-mail")
    press = maria.find("На m•••@mail.ru")
    await harness.run("UPDATE users SET email = NULL")
    await maria.press_data(*press)
    assert maria.toast == "Эта кнопка устарела. Показываю то, что есть сейчас."
    assert harness.letterbox.letters.empty()


async def test_letters_speak_english(harness: BotHarness) -> None:
    john = await harness.customer("John", "360000123456", language="en")
    await john.send("/settings")
    await john.press("E-mail")
    await john.send("john@example.org")
    assert "j•••@example.org is waiting to be confirmed" in john.screen
    letter = await harness.letterbox.letter()
    assert letter.subject == "Confirm your e-mail address"
    await john.send(link_in(letter))
    assert "The address j•••@example.org is confirmed." in john.screen


async def test_a_probable_slip_is_asked_about_once_wherever_an_address_is_typed(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.press("Настройки")
    await maria.press("Почта")
    await maria.send("maria@gmial.com")
    assert "Может быть, maria@gmail.com? Пришлите адрес ещё раз" in maria.screen
    await maria.send("maria@gmial.com")
    assert "m•••@gmial.com ждёт подтверждения" in maria.screen
    await maria.send("masha@yandex.ry")
    assert "Может быть, masha@yandex.ru?" in maria.screen
    await maria.send(SECOND)
    assert "m•••@yandex.ru ждёт подтверждения" in maria.screen
    await hand_in(maria)
    await maria.press("На e-mail")
    await maria.send("maria@mail.ry")
    assert "Может быть, maria@mail.ru?" in maria.screen
    await maria.send("maria@mail.ry")
    assert "maria@mail.ry" in maria.screen
    assert "Может быть" not in maria.screen
