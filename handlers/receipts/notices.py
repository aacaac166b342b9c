"""Receipts that come by themselves: in the chat and as letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.letters import letter
from handlers.notices import FileScreen, LetterText, Making, Words
from handlers.receipts import screens
from handlers.receipts.links import delivery_link, receipt_links
from handlers.show import Screen
from handlers.wording import masked
from locales import _, day, money
from services.notices.catalog import ReceiptLetter, ReceiptMissed, ReceiptReady
from services.notices.models import Channel
from services.notices.ports import LetterLink, LetterPart
from services.payments.due import Dues
from services.receipts.archive import ReceiptArchive
from services.receipts.delivering import Delivering, MadeReceipt, Outgoing
from services.receipts.models import Receipt, ReceiptLinks
from services.supplier.profile import SupplierProfile

words = Words()


@words.made(ReceiptReady)
async def ready(facts: ReceiptReady, making: Making) -> FileScreen | None:
    outgoing = Outgoing(making.user_id, facts.account, facts.month, facts.edition, Channel.TELEGRAM)
    paper = await making.use(Delivering).make(outgoing, _links(making))
    if paper is None:
        return None
    due = await making.use(Dues).offered(paper.link)

    async def keep(file_id: str) -> None:
        await making.use(ReceiptArchive).keep(making.bot.id, file_id, paper.paper)

    below = screens.ready(paper.link, paper.receipt, paper.was, due)
    return FileScreen(screens.receipt_name(paper.receipt), paper.pdf, below, keep=keep)


@words.made(ReceiptLetter)
async def ready_letter(facts: ReceiptLetter, making: Making) -> LetterText | None:
    outgoing = Outgoing(making.user_id, facts.account, facts.month, facts.edition, Channel.MAIL)
    paper = await making.use(Delivering).make(outgoing, _links(making))
    if paper is None:
        return None
    month = screens.month_title(paper.receipt.month)
    subject = _("Квитанция за {month}") if paper.was is None else _("Исправленная квитанция за {month}")
    attachment = (screens.receipt_name(paper.receipt), paper.pdf)
    return letter(
        making.use(SupplierProfile),
        subject.format(month=month),
        *_said(paper),
        attachment=attachment,
        unsubscribe=await delivery_link(making.bot, making.use(ReceiptArchive), facts.account),
        to=paper.address,
    )


@words.text(ReceiptMissed)
def missed(facts: ReceiptMissed) -> Screen:
    return screens.missed(facts.own, facts.tail, facts.month, masked(facts.address) if facts.address else "")


def _links(making: Making) -> Callable[[str], Awaitable[ReceiptLinks]]:
    async def links(account: str) -> ReceiptLinks:
        return await receipt_links(making.bot, making.use(ReceiptArchive), account)

    return links


def _said(paper: MadeReceipt) -> list[LetterPart]:
    receipt, links = paper.receipt, paper.receipt.links
    text = _("Квитанция за {month} по счёту …{tail} — в приложении к этому письму.")
    said: list[LetterPart] = [
        text.format(month=screens.month_title(receipt.month), tail=receipt.account[-4:]),
        _sum(receipt),
    ]
    if paper.was is not None:
        said.append(_("Она исправлена. {change}.").format(change=screens.change(paper.was, receipt)))
    if receipt.to_pay > 0 and paper.link.pays:
        said.append(LetterLink(_("Оплатить"), links.pay))
    if paper.link.submits:
        said.append(LetterLink(_("Передать показания"), links.readings))
    return said


def _sum(receipt: Receipt) -> str:
    if receipt.to_pay > 0:
        return _("К оплате {sum} до {day}.").format(sum=money(receipt.to_pay), day=day(receipt.pay_by))
    if receipt.to_pay < 0:
        return _("Переплата {sum}, платить не нужно.").format(sum=money(-receipt.to_pay))
    return _("Платить по ней не нужно.")
