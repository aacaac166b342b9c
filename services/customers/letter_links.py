"""Links in letters: who opens one reads the mailbox that it was sent to. A link is good for a day and for the person
who asked for the letter, and works once."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum

from services.customers.models import Customer, EmailRequest, Errand, Purpose
from services.customers.ports import EmailRequestRepository
from services.notices.letters import post
from services.notices.models import ByMail
from services.ports import UnitOfWork

LIFE = timedelta(hours=24)


class Opened(StrEnum):
    """The result of a link. CONFIRMED: it has worked, now or before, which is said in the same words; ENDED: another
    address was asked for or this one removed since; GONE: too old, or never ours; FOREIGN: somebody else's."""

    CONFIRMED = "confirmed"
    ENDED = "ended"
    GONE = "gone"
    FOREIGN = "foreign"


class LetterLinks:
    def __init__(self, secret: str) -> None:
        """`secret`: what tokens are made with."""
        self._secret = secret.encode()

    def token(self, user_id: int, request: str) -> str:
        """The token in a letter's link. It is made anew for each try to send the letter, so that nothing that is kept
        holds it, neither the outbox nor the file of a person's own data."""
        digest = hmac.digest(self._secret, f"email:{user_id}:{request}".encode(), "sha256")
        return urlsafe_b64encode(digest[:18]).decode()

    async def post(
        self, unit: UnitOfWork, customer: Customer, request: str, errand: Errand, letter: ByMail, at: datetime
    ) -> bool:
        """Queue a letter with a link; the same `request` again is the same letter, and False. Raises TooManyMails."""
        new = await post(unit, customer, f"email:{request}", letter, at)
        asked = EmailRequest(customer.user_id, letter.address, at + LIFE, errand=errand)
        await unit.of(EmailRequestRepository).ask(digest_of(self.token(customer.user_id, request)), asked)
        return new


async def find(
    unit: UnitOfWork, customer: Customer, token: str, purpose: Purpose, at: datetime
) -> tuple[Opened, EmailRequest | None]:
    """The link with this token, None where it is not this customer's to know. CONFIRMED: it is good, and what it is for
    is still to be done; ENDED: it is good no more, whyever."""
    request = await unit.of(EmailRequestRepository).find(digest_of(token))
    if request is None or request.errand.purpose is not purpose:
        return Opened.GONE, None
    if request.user_id != customer.user_id:
        return Opened.FOREIGN, None
    if request.ended_at:
        return Opened.ENDED, request
    return (Opened.GONE, None) if request.expires_at <= at else (Opened.CONFIRMED, request)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
