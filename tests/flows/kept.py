"""Submissions and forms in the bot's database, as another connection sees it, and after a kill."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from fsm.readings import ReadingDraft
from tests.harness import PATIENCE, BotHarness

_COLUMNS = ("key", "number", "meter", "period", "day", "status", "replaces", "cost", "submitted_at", "lines")


def submitted(harness: BotHarness) -> list[dict[str, Any]]:
    """Oldest first; `lines` are the values by zone with what was kept beside them."""
    rows = harness.rows(f"SELECT {', '.join(_COLUMNS)} FROM submissions ORDER BY number")
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [{**one, "lines": json.loads(one["lines"])} for one in found]


def values(harness: BotHarness) -> list[dict[str, int]]:
    return [{line["zone"]: line["value"] for line in one["lines"]} for one in submitted(harness)]


def remarks(harness: BotHarness) -> list[str]:
    return [line["remark"] for one in submitted(harness) for line in one["lines"]]


def statuses(harness: BotHarness) -> list[str]:
    return [one["status"] for one in submitted(harness)]


def draft(harness: BotHarness) -> ReadingDraft:
    """The only form that anybody is filling in."""
    [found] = [stored["ReadingDraft"] for stored in harness.drafts() if "ReadingDraft" in stored]
    return ReadingDraft.model_validate(found)


async def killed_before_done(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends when the update has had its effect and is not closed yet; another one starts."""
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(harness.app.inbox, "finish", die)
        await asyncio.wait_for(died.wait(), PATIENCE)
        await harness.stop()
    await harness.start()
