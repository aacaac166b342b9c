"""Readings replace others, but none of a higher trust, and the replaced submitter hears of it."""

from __future__ import annotations

import pytest

from services.readings.submitting import Submitting
from services.supplier.errors import SupplierRefused, SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.kept import statuses, submitted, values
from tests.harness import BotHarness, link_of
from tests.people import Someone

LADDER = ["confirmed", "shared", "verified"]
GOOD = {"day": 3650, "night": 1580}
OTHER = {"day": 3660, "night": 1590}
REFUSED = "Показания по этому счётчику уже переданы 23.11.2026, поэтому ваши не приняты."
TOLD = "Ваши показания № П-2611-00001 по счёту …3456 заменены"


async def member(harness: BotHarness, name: str, trust: str) -> Someone:
    """A person who has the account with this trust."""
    someone = await harness.customer(name, TWO_ZONES)
    await trusted(harness, someone, trust)
    return someone


async def trusted(harness: BotHarness, someone: Someone, trust: str) -> None:
    since = "2026-11-20 00:00:00.000000" if trust == "verified" else None
    role = "readings" if trust == "shared" else None
    changed = "UPDATE links SET trust = ?, verified_at = ?, role = ? WHERE id = ?"
    await harness.run(changed, trust, since, role, link_of(someone, TWO_ZONES))


async def hand_in(someone: Someone, typed: str) -> None:
    await someone.send(typed)
    await someone.press("Передать")


@pytest.mark.parametrize("second", LADDER)
@pytest.mark.parametrize("first", LADDER)
async def test_who_replaces_whose_readings(harness: BotHarness, first: str, second: str) -> None:
    anna, boris = await member(harness, "Анна", first), await member(harness, "Борис", second)
    await hand_in(anna, "3650 1580")
    before = harness.world.cursor
    if LADDER.index(second) < LADDER.index(first):
        await boris.send("9999 9999")
        assert boris.screen.startswith(REFUSED)
        assert values(harness) == [GOOD]
        assert harness.outbox("kind") == []
        return
    await hand_in(boris, "3660 1590")
    assert statuses(harness) == ["replaced", "accepted"]
    await harness.told(anna, TOLD, before)
    assert ("Было: День 3 650 · Ночь 1 580\nСтало: День 3 660 · Ночь 1 590" in anna.screen) is (first != "confirmed")
    assert ("3 660" in anna.seen) is (first != "confirmed"), "values are for those who see everything"
    assert ("Исправить" in anna.buttons) is (first == second)
    assert "Борис" not in anna.seen


async def test_whoever_was_replaced_by_an_equal_corrects_it_from_the_notice(harness: BotHarness) -> None:
    anna, boris = await member(harness, "Анна", "verified"), await member(harness, "Борис", "verified")
    await hand_in(anna, "3650 1580")
    before = harness.world.cursor
    await hand_in(boris, "3700 1600")
    await harness.told(anna, TOLD, before)
    await anna.press("Исправить")
    before = harness.world.cursor
    await hand_in(anna, "3650 1580")
    await harness.told(boris, "Ваши показания № П-2611-00002 по счёту …3456 заменены", before)
    assert statuses(harness) == ["replaced", "replaced", "accepted"]


async def test_correcting_ones_own_tells_nobody(harness: BotHarness) -> None:
    anna = await member(harness, "Анна", "verified")
    await hand_in(anna, "3650 1580")
    await trusted(harness, anna, "confirmed")
    await hand_in(anna, "3660 1590")
    assert statuses(harness) == ["replaced", "accepted"]
    assert harness.outbox("kind") == []


async def test_it_is_told_at_once_at_night_too(harness: BotHarness) -> None:
    harness.clock.set("2026-11-24 03:00")
    anna, boris = await member(harness, "Анна", "verified"), await member(harness, "Борис", "verified")
    await hand_in(anna, "3650 1580")
    before = harness.world.cursor
    await hand_in(boris, "3660 1590")
    await harness.told(anna, TOLD, before)


@pytest.mark.parametrize("way", ["/readings", "Передать показания", "9999", "9999 9999"])
async def test_who_stands_lower_is_told_where_the_form_would_begin(harness: BotHarness, way: str) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    await stranger.send("/menu")
    shown = stranger.find("Передать показания")
    await hand_in(anna, "3650 1580")
    await (stranger.press_data(*shown) if way == "Передать показания" else stranger.send(way))
    assert stranger.screen.startswith(REFUSED)
    await stranger.send("/menu")
    assert "Показания за ноябрь переданы 23.11.2026" in stranger.screen
    assert not any("Передать" in label or "Продолжить" in label for label in stranger.buttons)
    assert "3 650" not in stranger.seen
    assert values(harness) == [GOOD]


@pytest.mark.parametrize("down", [False, True], ids=["supplier is there", "supplier is away"])
@pytest.mark.parametrize("step", ["values", "doubt", "preview"])
async def test_the_owner_submits_while_the_other_stands_in_the_form(harness: BotHarness, step: str, down: bool) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    typed = {"values": "3700", "doubt": "3700 1400", "preview": "3700 1700"}[step]
    await stranger.send(typed)
    await hand_in(anna, "3650 1580")
    harness.supplier.trouble = SupplierUnavailable() if down and step == "preview" else None
    if step == "preview":
        await stranger.press("Передать")
    else:
        await stranger.send("1700")
    assert stranger.screen.startswith(REFUSED)
    assert values(harness) == [GOOD]
    await stranger.send("/menu")
    assert not any("Продолжить" in label for label in stranger.buttons)


async def test_the_database_decides_at_the_last_moment(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner is quicker than the other's press, which has found nothing yet."""
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    await anna.send("3650 1580")
    await stranger.send("9999 9999")
    while "Всё верно" in stranger.buttons:
        await stranger.press("Всё верно")
    submitting = harness.app.use(Submitting)
    submit = submitting.submit

    async def late(*given: object, **more: object) -> object:
        monkeypatch.setattr(submitting, "submit", submit)
        anna.taps("Передать")
        await harness.until("SELECT count(*) FROM submissions", [(1,)])
        return await submit(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(submitting, "submit", late)
    await stranger.press("Передать")
    await harness.quiet()
    assert stranger.screen.startswith(REFUSED)
    assert values(harness) == [GOOD]


async def test_what_waits_for_the_supplier_does_not_come_after_the_owners(harness: BotHarness) -> None:
    """The stranger's was first and could not be handed over; nor could the owner's. Both are tried again."""
    stranger = await member(harness, "Чужой", "confirmed")
    anna = await member(harness, "Анна", "verified")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(stranger, "3700 1700")
    await hand_in(anna, "3650 1580")
    assert harness.alerts()
    harness.supplier.trouble = None
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert statuses(harness) == ["replaced", "accepted"]
    assert harness.rows("SELECT value FROM ledger_readings WHERE submission != '' ORDER BY value") == [(1580,), (3650,)]


async def test_what_the_owner_has_waiting_is_as_good_as_handed_over(harness: BotHarness) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await hand_in(anna, "3650 1580")
    assert harness.alerts()
    await stranger.send("9999 9999")
    assert stranger.screen.startswith(REFUSED)


async def test_after_a_refusal_others_may_submit(harness: BotHarness) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    harness.supplier.trouble, harness.supplier.only = SupplierRefused(reason="нет"), frozenset({"submit"})
    await hand_in(anna, "3650 1580")
    assert harness.alerts()
    harness.supplier.trouble = None
    await hand_in(stranger, "3660 1590")
    assert statuses(harness) == ["refused", "accepted"]


@pytest.mark.parametrize("gone", ["unlinked", "erased"])
async def test_an_owner_who_has_gone_leaves_what_stands(harness: BotHarness, gone: str) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    await hand_in(anna, "3650 1580")
    await harness.run("DELETE FROM links WHERE id = ?", link_of(anna, TWO_ZONES))
    if gone == "erased":
        await harness.run("UPDATE submissions SET user_id = NULL")
    await stranger.send("9999 9999")
    assert stranger.screen.startswith(REFUSED)


async def test_what_was_submitted_before_the_proof_is_the_owners_from_then_on(harness: BotHarness) -> None:
    anna = await member(harness, "Анна", "confirmed")
    stranger = await member(harness, "Чужой", "confirmed")
    await hand_in(anna, "3650 1580")
    await trusted(harness, anna, "verified")
    await stranger.send("9999 9999")
    assert stranger.screen.startswith(REFUSED)
    await trusted(harness, stranger, "verified")
    await stranger.send("3660 1590")
    assert "Заменят показания от 23.11.2026." in stranger.screen


async def test_the_next_month_is_open_to_everybody(harness: BotHarness) -> None:
    anna = await member(harness, "Анна", "verified")
    stranger = await member(harness, "Чужой", "confirmed")
    await hand_in(anna, "3650 1580")
    harness.clock.set("2026-12-23 10:00")
    await hand_in(stranger, "3800 1660")
    assert [one["period"] for one in submitted(harness)] == ["2026-11", "2026-12"]


async def test_only_the_meter_that_has_them_is_barred(harness: BotHarness) -> None:
    two_meters = "360000200066"
    zoya, stranger = await harness.customer("Зоя", two_meters), await harness.customer("Чужой", two_meters)
    await harness.run("UPDATE links SET trust = 'verified' WHERE id = ?", link_of(zoya, two_meters))
    await zoya.send("/readings")
    await zoya.press("баня")
    await hand_in(zoya, "8500")
    await stranger.send("13700 6420")
    await stranger.press("баня")
    assert stranger.screen.startswith(REFUSED)
    await stranger.press("дом")
    await stranger.press("Передать")
    assert len(submitted(harness)) == 2
