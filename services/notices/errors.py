"""Errors about letters."""

from __future__ import annotations

from services.errors import N_, NotAllowed, OurFault


class TooManyMails(NotAllowed):
    """Letters to this address or of this person: it does not say which, for the address may be another person's."""

    text = N_("Больше писем отправить пока нельзя. Попробуйте завтра.")


class MailUnavailable(OurFault):
    text = N_("Почта сейчас не работает. Мы отправим письмо позже.")


class MailPostponed(OurFault):
    text = MailUnavailable.text


class MailRefused(OurFault):
    text = N_("Письмо на этот адрес не доставить. Проверьте адрес.")


class MailUnknown(OurFault):
    text = MailUnavailable.text
