"""What the bot's database holds of submissions and of forms, as another connection sees it, and after a kill."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from fsm.readings import ReadingDraft
from tests.town import PATIENCE, Town

_COLUMNS = ("key", "number", "meter", "period", "day", "status", "replaces", "cost", "submitted_at", "lines")


def submitted(town: Town) -> list[dict[str, Any]]:
    """Oldest first; `lines` are the values by zone with what was kept beside them."""
    rows = town.rows(f"SELECT {', '.join(_COLUMNS)} FROM submissions ORDER BY number")
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [{**one, "lines": json.loads(one["lines"])} for one in found]


def values(town: Town) -> list[dict[str, int]]:
    return [{line["zone"]: line["value"] for line in one["lines"]} for one in submitted(town)]


def remarks(town: Town) -> list[str]:
    return [line["remark"] for one in submitted(town) for line in one["lines"]]


def statuses(town: Town) -> list[str]:
    return [one["status"] for one in submitted(town)]


def draft(town: Town) -> ReadingDraft:
    """The only form that anybody is filling in."""
    [[data]] = town.rows("SELECT data FROM conversations WHERE data LIKE '%ReadingDraft%'")
    return ReadingDraft.model_validate(json.loads(data)["ReadingDraft"])


async def killed_before_done(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends when the update has had its effect and is not closed yet; another one starts."""
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(town.app.inbox, "finish", die)
        await asyncio.wait_for(died.wait(), PATIENCE)
        await town.stop()
    await town.start()
