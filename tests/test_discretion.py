"""The search of the logs finds what it is there for."""

from __future__ import annotations

import pytest

from sandbox.world import World
from tests.discretion import betrayed, secrets_of


@pytest.fixture
def world() -> World:
    world = World("1234567:a-token_of_nobody")
    maria = world.add_person("Мария", last_name="Синичкина")
    for text in ("/start", "3650 1580", "10", "Дача у реки", "?"):
        world.send_text(maria, text)
    return world


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("POST http://telegram/bot1234567:a-token_of_nobody/getMe", ["1234567:a-token_of_nobody", "a-token_of_nobody"]),
        ("ValueError: 'a-token_of_nobody'", ["a-token_of_nobody"]),
        ("first_name:Мария, Синичкина пишет", ["Мария", "Синичкина"]),
        ("{'text': '3650 1580'}", ["1580", "3650", "3650 1580"]),
        ("label=Дача у реки", ["Дача у реки"]),
        ("2026-11-23T10:14:00.003650Z /start pid 36501580 Мариям what?", []),
    ],
)
def test_secrets_are_found_as_words_of_their_own(world: World, line: str, found: list[str]) -> None:
    assert betrayed(line, secrets_of(world)) == found
