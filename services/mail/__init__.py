"""Letters over SMTP."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.ports import Letter

if TYPE_CHECKING:
    from aiosmtplib import SMTP

_PORTS = {"smtp": 587, "smtps": 465}
TIMEOUT = 20  # seconds


class SmtpMail:
    def __init__(self, url: str | None, sender: str) -> None:
        """`url`: smtp://user:password@host:port or smtps://…; without one nothing can be sent."""
        self._url = urlsplit(url) if url else None
        self._sender = sender

    async def send(self, letter: Letter) -> None:
        import aiosmtplib  # most processes never write a letter

        try:
            async with self._client() as client:
                await client.send_message(_message(letter, self._sender))
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPAuthenticationError):
            raise MailUnavailable from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(max(one.code for one in error.recipients)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code) from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailUnknown from None

    async def answers(self) -> bool:
        try:
            await self.log_in()
        except (MailUnavailable, MailRefused):
            return False
        return True

    async def log_in(self) -> None:
        """And send nothing. Raises MailUnavailable, MailRefused."""
        import aiosmtplib

        try:
            async with self._client():
                return
        except aiosmtplib.SMTPAuthenticationError:
            raise MailRefused from None
        except (aiosmtplib.SMTPException, OSError):
            raise MailUnavailable from None

    def _client(self) -> SMTP:
        import aiosmtplib

        if self._url is None:
            raise MailUnavailable
        return aiosmtplib.SMTP(
            hostname=self._url.hostname,
            port=self._url.port or _PORTS[self._url.scheme],
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=self._url.scheme == "smtps",
            timeout=TIMEOUT,
        )


def _refusal(code: int) -> MailRefused | MailPostponed:
    return MailRefused() if code >= 500 else MailPostponed()


def _message_id(key: str, sender: str) -> str:
    digest = blake2b(key.encode(), digest_size=16).hexdigest()
    return f"<{digest}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(), _message_id(letter.key, sender)
    message.set_content(letter.text)
    if letter.attachment:
        name, pdf = letter.attachment
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return message
