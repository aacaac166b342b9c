"""What the bot's database holds of submissions and of forms, as another connection sees it."""

from __future__ import annotations

import json
from typing import Any

from fsm.drafts import ReadingDraft
from tests.town import Town

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
