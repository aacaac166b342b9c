"""An e-mail address as customers type it."""

from __future__ import annotations

from fsm.emails import DoubtedAddress
from handlers.conversation import Conversation
from handlers.typed import email_of
from services.customers.addresses import meant
from services.customers.errors import EmailDoubtful


async def typed_address(talk: Conversation) -> str:
    """Raises EmailWrong, and EmailDoubtful the first time that one with a probable slip is typed."""
    address = email_of(talk.message)
    probable, doubted = meant(address), await talk.find_draft(DoubtedAddress)
    if probable and (doubted is None or doubted.address != address):
        await talk.save(DoubtedAddress(address=address))
        raise EmailDoubtful(typed=address, meant=probable)
    return address
