"""A letter as it goes over the wire: headers, the same words as text and as HTML, the attachment."""

from __future__ import annotations

from dataclasses import dataclass
from email.generator import BytesGenerator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import formatdate, parseaddr
from hashlib import blake2b
from io import BytesIO
from typing import Any

from email_validator import validate_email

from services.mail.html import page
from services.notices.ports import Letter


@dataclass(frozen=True, slots=True)
class Mailed:
    """`sender` and `to`: of the envelope. `utf8`: an address has letters that only a server with SMTPUTF8 takes."""

    sender: str
    to: str
    content: bytes
    utf8: bool


class _Headers(EmailPolicy):
    """Addresses of the web stay whole: encoded in pieces, no mail program follows them."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() == "list-unsubscribe":
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def mailed(letter: Letter, sender: str, name: str) -> Mailed:
    """`sender`: an address, or `Name <address>`; `name`: of the supplier."""
    shown, address = parseaddr(sender)
    address, to = _plainest(address), _plainest(letter.to)
    message = EmailMessage()
    message.set_content(letter.text)
    message.add_alternative(page(letter, name), subtype="html")
    if letter.attachment:
        file, content = letter.attachment
        message.add_attachment(content, maintype="application", subtype="pdf", filename=_line(file))
    message["From"], message["To"] = _address(_line(shown or name), address), _address("", to)
    message["Subject"], message["Date"] = _line(letter.subject), formatdate()
    for header, value in _headers(letter, address.rpartition("@")[2]).items():
        message[header] = value
    utf8 = not (to + address).isascii()
    return Mailed(address, to, _bytes(message, utf8=utf8), utf8)


def _address(name: str, address: str) -> Address:
    local, _, host = address.rpartition("@")
    return Address(name, local, host)


def _headers(letter: Letter, host: str) -> dict[str, str]:
    digest = blake2b(letter.key.encode(), digest_size=16).hexdigest()
    headers = {
        "Message-ID": f"<{digest}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": letter.language,
    }
    if letter.unsubscribe:
        headers |= {"List-Id": f"<letters.{host}>", "List-Unsubscribe": f"<{letter.unsubscribe.url}>"}
    return headers


def _plainest(address: str) -> str:
    """The domain in ASCII where the name before it is, for servers that know no other letters."""
    return address if address.isascii() else validate_email(address, check_deliverability=False).ascii_email or address


def _line(words: str) -> str:
    """Without what would begin another header."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def _bytes(message: EmailMessage, *, utf8: bool) -> bytes:
    written = BytesIO()
    policy = _Headers(linesep=SMTP.linesep, cte_type="7bit", utf8=utf8)
    BytesGenerator(written, policy=policy).flatten(message)
    return written.getvalue()
