"""Addresses of people's own: how they name one, and how they follow its letter's link."""

from __future__ import annotations

import re

from services.notices.ports import Letter
from tests.harness import BotHarness
from tests.people import Someone


async def name(someone: Someone, address: str) -> None:
    """Ask for a letter to an address."""
    await someone.send("/settings")
    await someone.press("Почта")
    if "Другой адрес" in someone.buttons:
        await someone.press("Другой адрес")
    await someone.send(address)


def link_in(letter: Letter) -> str:
    """The message of a person who follows the letter's link."""
    found = re.findall(r"https://t\.me/energy_sandbox_bot\?start=(\S+)", letter.text)
    assert len(found) == 1
    assert re.fullmatch(r"[A-Za-z0-9_-]{20,64}", found[0])
    return f"/start {found[0]}"


async def link(harness: BotHarness) -> str:
    return link_in(await harness.letterbox.letter())


async def confirm(harness: BotHarness, someone: Someone, address: str) -> None:
    await name(someone, address)
    await someone.send(link_in(await harness.letterbox.letter(address)))
    assert "подтверждён" in "".join(someone.screens[-2:])  # a notice of a replaced address comes after it
