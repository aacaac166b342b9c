"""Letters over SMTP."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from services.errors import MailRefused, MailUnavailable
from services.ports import Letter

_PORTS = {"smtp": 587, "smtps": 465}
TIMEOUT = 20  # seconds


class SmtpMail:
    def __init__(self, url: str | None, sender: str) -> None:
        """`url`: smtp://user:password@host:port or smtps://…; without one nothing can be sent."""
        self._url = urlsplit(url) if url else None
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        import aiosmtplib  # most processes never write a letter

        if self._url is None:
            raise MailUnavailable
        try:
            await aiosmtplib.send(
                _message(letter, self._sender),
                hostname=self._url.hostname,
                port=self._url.port or _PORTS[self._url.scheme],
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPResponseException as error:
            raise (MailRefused if error.code >= 500 else MailUnavailable) from None
        except aiosmtplib.SMTPRecipientsRefused:
            raise MailRefused from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable from error


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
    message.set_content(letter.text)
    if letter.attachment:
        name, pdf = letter.attachment
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return message
