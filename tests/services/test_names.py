from __future__ import annotations

import pytest

from services.accounts.names import visible


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Мария", "Мария"),
        ("  Мария \n Ивановна ", "Мария Ивановна"),
        ("Олег\u202eгелО", "ОлеггелО"),
        ("❤️", "❤️"),
        ("...", "..."),
        ("é", "é"),
        ("محمد", "محمد"),
        ("", ""),
        (" \xa0\u2003", ""),
        ("\u200b\u200e\ufeff", ""),
        ("\u3164\uffa0\u1160\u115f\u2800", ""),
        ("\u0301\ufe0f\u034f\u180b", ""),
        ("\U000e0041\U000e0042", ""),
    ],
)
def test_what_can_be_seen_of_a_name(name: str, seen: str) -> None:
    assert visible(name) == seen
