"""The card form as people fill it in, and the ways out of the payment page."""

from __future__ import annotations

import pytest

from sandbox.bank.cards import Typed
from sandbox.links import leads_to
from tests.sandbox.merchant import HandClock


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://t.me/energy_sandbox_bot?start=pay_abc", "/#start=pay_abc"),
        ("https://t.me/Energy_Sandbox_Bot", "/#start="),
        ("https://telegram.me/energy_sandbox_bot?start=a&x=1", "/#start=a"),
        ("tg://resolve?domain=energy_sandbox_bot&start=a%26b", "/#start=a%26b"),
        ("https://t.me/another_bot?start=a", "https://t.me/another_bot?start=a"),
        ("http://t.me.example/energy_sandbox_bot?start=a", "http://t.me.example/energy_sandbox_bot?start=a"),
        ("https://shop.example/thanks?order=1", "https://shop.example/thanks?order=1"),
        ("javascript://t.me/%0aalert(1)", None),
        ("https://[t.me/energy_sandbox_bot", None),
        ("", None),
    ],
)
def test_where_a_return_url_leads(url: str, link: str | None) -> None:
    assert leads_to(url, "energy_sandbox_bot") == link


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        ("12/30", (2030, 12)), ("12 / 30", (2030, 12)), ("1230", (2030, 12)), ("01/2031", (2031, 1)),
        *((one, None) for one in ("13/30", "00/30", "1/30", "", "12-30", "١٢/٣٠", "12/30/1")),
    ],
)  # fmt: skip
def test_how_people_type_a_date(expiry: str, expected: tuple[int, int] | None) -> None:
    assert Typed(expiry=expiry).expires() == expected


def test_a_card_is_good_to_the_end_of_its_month(bank_clock: HandClock) -> None:
    today = bank_clock.now().date()  # 23.11.2026
    assert Typed("5555 5555 5555 4444", "11/26", "123").mistakes(today) == {}
    assert list(Typed("5555 5555 5555 4444", "10/26", "123").mistakes(today)) == ["expiry"]
