"""Errors about letters."""

from __future__ import annotations

from services.errors import N_, NotAllowed, OurFault
from services.notices.models import Refusal


class TooManyMails(NotAllowed):
    """Letters to this address or of this person: it does not say which, for the address may be another person's."""

    text = N_("Больше писем отправить пока нельзя. Попробуйте завтра.")


class MailUnavailable(OurFault):
    """Our mail server takes nothing. `why`: in words for the operator."""

    text = N_("Почта сейчас не работает. Мы отправим письмо позже.")

    def __init__(self, why: str = "") -> None:
        super().__init__()
        self.why = why


class _NotTaken(OurFault):
    """`refusal`: the reason that a mailbox's server gave."""

    def __init__(self, refusal: Refusal = Refusal.OTHER) -> None:
        super().__init__()
        self.refusal = refusal


class MailPostponed(_NotTaken):
    text = MailUnavailable.text


class MailRefused(_NotTaken):
    text = N_("Письмо на этот адрес не доставить. Проверьте адрес.")


class MailUnknown(OurFault):
    text = MailUnavailable.text
