"""Letters over SMTP, encrypted on every way but the one inside this machine.

aiosmtplib by itself takes up TLS only where a server offers it: somebody on the way who cuts the offer out would get
letters and password in clear. Here a server without TLS is one that does not work.
"""

from __future__ import annotations

import re
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from services.mail.message import Mailed, mailed
from services.notices.errors import MailPostponed, MailRefused, MailUnavailable, MailUnknown
from services.notices.models import Refusal
from services.notices.ports import Letter

if TYPE_CHECKING:
    from aiosmtplib import SMTP

_PORTS: Final = {"smtp": 587, "smtps": 465}
TIMEOUT = 20  # seconds

# Subjects and details of enhanced status codes (RFC 3463), without the first figure, which says whether for good.
_ENHANCED: Final = re.compile(r"\s*[45]\.(\d{1,3}\.\d{1,3})\b")
_SUBJECTS: Final = {
    **dict.fromkeys(("1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"), Refusal.NO_MAILBOX),
    "2.2": Refusal.FULL,
    **dict.fromkeys(("2.3", "3.4"), Refusal.TOO_LARGE),
}
# Replies without such a code, to a recipient and to the letter itself.
_TO_RECIPIENT: Final = {**dict.fromkeys((550, 551, 553), Refusal.NO_MAILBOX), 552: Refusal.FULL}
_TO_LETTER: Final = {552: Refusal.TOO_LARGE}


class SmtpMail:
    def __init__(self, url: str | None, sender: str, name: str = "") -> None:
        """`url`: smtp://user:password@host:port or smtps://…; without one nothing can be sent. `sender`: an address,
        or `Name <address>`; `name` stands in letters, and before an address without one."""
        self._url = urlsplit(url) if url else None
        self._sender = sender
        self._name = name

    async def send(self, letter: Letter) -> None:
        import aiosmtplib  # most processes never write a letter

        written, leaves = mailed(letter, self._sender, self._name), False
        client = await self._connected()
        try:
            async with client:
                await _announce(client, written)
                leaves = True
                await client.data(written.content)
        except aiosmtplib.SMTPNotSupported:  # letters of that alphabet in an address
            raise MailRefused from None
        except aiosmtplib.SMTPRecipientRefused as error:
            raise _refusal(error.code, error.message, to_recipient=True) from None
        except aiosmtplib.SMTPSenderRefused as error:
            raise _sender_refusal(error.code, error.message) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from None
        except (aiosmtplib.SMTPException, OSError):
            raise (MailUnknown() if leaves else MailUnavailable("the server hangs up before a letter")) from None

    async def answers(self) -> bool:
        try:
            await self.log_in()
        except MailUnavailable:
            return False
        return True

    async def log_in(self) -> None:
        """And send nothing. Raises MailUnavailable."""
        async with await self._connected():
            return

    async def _connected(self) -> SMTP:
        """Raises MailUnavailable: no letter has left, and no password in clear."""
        import aiosmtplib

        if self._url is None or self._url.hostname is None:
            raise MailUnavailable("no mail server is set")
        url, host = self._url, self._url.hostname
        port, encrypted = url.port or _PORTS[url.scheme], url.scheme == "smtps"
        client = aiosmtplib.SMTP(hostname=host, port=port, use_tls=encrypted, start_tls=False, timeout=TIMEOUT)
        try:
            await client.connect()
            if not (encrypted or _is_this_machine(host)):
                await _encrypt(client)
            if url.username:
                await client.login(unquote(url.username), unquote(url.password or ""))
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, MailUnavailable) as error:
            client.close()
            raise error if isinstance(error, MailUnavailable) else MailUnavailable(_why(host, error)) from None
        return client


def _is_this_machine(host: str) -> bool:
    """By its address, not by what a name may lead to today."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def _encrypt(client: SMTP) -> None:
    await client.ehlo()
    if not client.supports_extension("starttls"):
        raise MailUnavailable(f"{client.hostname} offers no TLS, letters would go in clear: is it smtps://?")
    await client.starttls()


def _why(host: str, error: Exception) -> str:
    """In words for the operator."""
    from aiosmtplib import SMTPAuthenticationError

    met = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(met, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not to be trusted: {met.verify_message}"
    if isinstance(met, ssl.SSLError):
        return f"TLS with {host} fails: {(met.reason or 'no reason').lower().replace('_', ' ')}"
    if isinstance(error, SMTPAuthenticationError):
        return "the server does not accept the name and password in SMTP_URL"
    return f"{host} does not answer as a mail server"


async def _announce(client: SMTP, letter: Mailed) -> None:
    """Sender, size and recipient, before the letter itself."""
    from aiosmtplib import SMTPNotSupported

    options = [f"size={len(letter.content)}"] if client.supports_extension("size") else []
    if letter.utf8:
        if not client.supports_extension("smtputf8"):
            raise SMTPNotSupported("SMTPUTF8")
        options.append("SMTPUTF8")
    encoding = "utf-8" if letter.utf8 else "ascii"
    await client.mail(letter.sender, options=options, encoding=encoding)
    await client.rcpt(letter.to, encoding=encoding)


def _refusal(code: int, message: str, *, to_recipient: bool = False) -> MailRefused | MailPostponed | MailUnknown:
    if not 400 <= code < 600:
        return MailUnknown()  # no answer that SMTP knows
    reason = _reason(code, message, to_recipient=to_recipient)
    return MailRefused(reason) if code >= 500 else MailPostponed(reason)


def _sender_refusal(code: int, message: str) -> MailRefused | MailPostponed | MailUnknown | MailUnavailable:
    """A server that does not take our address takes no letter at all; but with the address it hears the size."""
    if code >= 500 and _reason(code, message) is not Refusal.TOO_LARGE:
        return MailUnavailable("the server refuses MAIL_FROM")
    return _refusal(code, message)


def _reason(code: int, message: str, *, to_recipient: bool = False) -> Refusal:
    if found := _ENHANCED.match(message):
        subject = found[1]
        return _SUBJECTS.get(subject, Refusal.SPAM if subject.startswith("7.") else Refusal.OTHER)
    return (_TO_RECIPIENT if to_recipient else _TO_LETTER).get(code, Refusal.OTHER)
