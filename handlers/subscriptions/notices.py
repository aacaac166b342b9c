"""Notices about subscriptions to receipts: letters to the addresses that they come to, and messages to people."""

from __future__ import annotations

from handlers.emails.notices import not_me
from handlers.keyboards import button, home_button, rows
from handlers.letters import letter
from handlers.notices import LetterText, Making, Words
from handlers.show import Screen
from handlers.subscriptions.callbacks import DeliveryAction, OnDelivery, StopFor
from handlers.wording import email_shown, month_name
from locales import _
from services.customers.letter_links import LetterLinks
from services.notices.catalog import (
    PaperBack,
    PaperEnded,
    ReceiptsAskedLetter,
    ReceiptsEnded,
    ReceiptsMovedLetter,
    ReceiptsStopped,
    SubscribedBeside,
    SubscribedLetter,
    SubscribeLetter,
    UnsubscribedLetter,
    UnsubscribeLetter,
)
from services.notices.ports import LetterLink
from services.supplier.models import Month
from services.supplier.profile import SupplierProfile

SUBSCRIPTION, END = "ers_", "ere_"  # how the payloads of letters' links begin
words = Words()


@words.text(ReceiptsEnded)
def ended(facts: ReceiptsEnded) -> Screen:
    text = _(
        "📧 Квитанции по счёту …{tail} на e-mail больше не приходят. Когда подтвердите счёт заново, их можно будет "
        "подключить снова."
    )
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(ReceiptsStopped)
def stopped(facts: ReceiptsStopped) -> Screen:
    text = _("📧 Владелец счёта …{tail} отключил вам квитанции на e-mail.")
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(SubscribedBeside)
def subscribed_beside(facts: SubscribedBeside) -> Screen:
    text = _(
        "📧 К счёту …{tail} подключили квитанцию на {address}. Это сделал человек, который знает номер счёта и адрес. "
        "В квитанции видны начисления и показания."
    ).format(tail=facts.tail, address=email_shown(facts.shown))
    if facts.link is None:
        ask = _("Если вы его не знаете, позвоните нам.")
        return Screen(f"{text}\n\n{ask}", rows([home_button(fresh=True)]))
    stop = button(_("🚫 Отключить ему квитанцию"), StopFor(link=facts.link, own=facts.own), "danger")
    return Screen(text, rows([stop], [home_button(fresh=True)]))


@words.text(PaperEnded)
def paper_ended(facts: PaperEnded) -> Screen:
    text = _(
        "📄 Бумажная квитанция по счёту …{tail} больше не приходит: другой владелец счёта получает её на e-mail. "
        "Вам она доступна здесь, а бумажную можно вернуть."
    )
    ways = button(_("📬 Доставка квитанций"), OnDelivery(action=DeliveryAction.SHOW, link=facts.own))
    return Screen(text.format(tail=facts.tail), rows([ways], [home_button(fresh=True)]))


@words.text(PaperBack)
def paper_back(facts: PaperBack) -> Screen:
    text = _(
        "📄 Бумажная квитанция по счёту …{tail} снова приходит: так решил другой владелец счёта. Письма на e-mail "
        "приходят по-прежнему."
    )
    ways = button(_("📬 Доставка квитанций"), OnDelivery(action=DeliveryAction.SHOW, link=facts.own))
    return Screen(text.format(tail=facts.tail), rows([ways], [home_button(fresh=True)]))


@words.made(SubscribeLetter)
async def subscribe_letter(facts: SubscribeLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    asked = _(
        "На этот адрес просят присылать квитанции компании {name} по счёту …{tail}. Чтобы подтвердить, откройте ссылку "
        "на устройстве, где у вас Telegram, и нажмите «Запустить»."
    )
    text = asked.format(name=profile.name, tail=facts.tail)
    return letter(
        profile,
        _("Подтвердите адрес для квитанций"),
        text,
        _link(_("Подтвердить адрес"), facts, making, SUBSCRIPTION),
        _life(),
    )


@words.made(UnsubscribeLetter)
async def unsubscribe_letter(facts: UnsubscribeLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    asked = _(
        "Чтобы отключить квитанции по счёту …{tail}, которые приходят на этот адрес, откройте ссылку на устройстве, "
        "где у вас Telegram, и нажмите «Запустить»."
    )
    text = asked.format(tail=facts.tail)
    return letter(
        profile,
        _("Подтвердите отключение квитанций"),
        text,
        _link(_("Отключить квитанции"), facts, making, END),
        _life(),
    )


def _link(label: str, facts: ReceiptsAskedLetter, making: Making, prefix: str) -> LetterLink:
    token = making.use(LetterLinks).token(making.user_id, facts.request)
    return LetterLink(label, f"https://t.me/{facts.bot}?start={prefix}{token}")


def _life() -> str:
    return _("Ссылка действует 24 часа и только для того, кто её запросил. Если это были не вы, ничего не делайте.")


@words.made(SubscribedLetter)
async def subscribed_letter(facts: SubscribedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("Квитанции по счёту …{tail} теперь приходят на этот адрес.").format(tail=facts.tail)
    paper = [_("Бумажные больше не приходят.")] if facts.paperless else []
    return letter(profile, _("Квитанция на e-mail подключена"), " ".join([text, *paper]), _way_back(), not_me(profile))


def _way_back() -> str:
    return _("Изменить адрес или отключить их можно в боте, в разделе «Доставка квитанций».")


@words.made(ReceiptsMovedLetter)
async def moved_letter(facts: ReceiptsMovedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    text = _("Квитанции по счёту …{tail} сюда больше не приходят: для них указан другой адрес.")
    return letter(profile, _("Адрес для квитанций изменён"), text.format(tail=facts.tail), not_me(profile))


@words.made(UnsubscribedLetter)
async def unsubscribed_letter(facts: UnsubscribedLetter, making: Making) -> LetterText:
    profile = making.use(SupplierProfile)
    parts = [_("Квитанции по счёту …{tail} на этот адрес больше не приходят.").format(tail=facts.tail)]
    if facts.paper_from:
        first = Month.of(facts.paper_from)
        paper = _("Бумажные придут, начиная с квитанции за {month}.")
        parts.append(paper.format(month=f"{month_name(first)} {first.year}"))
    return letter(profile, _("Квитанция на e-mail отключена"), " ".join(parts), not_me(profile))
