"""Addresses that a receipt leads to."""

from __future__ import annotations

from aiogram import Bot
from aiogram.utils.deep_linking import create_start_link

from services.receipts.archive import ReceiptArchive
from services.receipts.models import ReceiptLinks

# Prefixes of payloads; the last is of letters alone.
FROM_PAPER, PAY_FROM_PAPER, READINGS_FROM_PAPER = "rcb_", "rcp_", "rcr_"
DELIVERY_FROM_LETTER = "rcd_"


async def receipt_links(bot: Bot, archive: ReceiptArchive, account: str) -> ReceiptLinks:
    token = await archive.token(account)
    prefixes = (FROM_PAPER, PAY_FROM_PAPER, READINGS_FROM_PAPER)
    return ReceiptLinks(*[await create_start_link(bot, prefix + token) for prefix in prefixes])


async def delivery_link(bot: Bot, archive: ReceiptArchive, account: str) -> str:
    """The way to end letters with receipts."""
    return await create_start_link(bot, DELIVERY_FROM_LETTER + await archive.token(account))
