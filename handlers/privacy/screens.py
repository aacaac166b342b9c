from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.callbacks import Go, Place
from handlers.keyboards import button, home_button, rows
from handlers.privacy.callbacks import ConsentAction, Erase, OnConsent
from handlers.show import Screen
from handlers.start.screens import consent_name
from handlers.wording import escape
from locales import _, moment
from services.customers.models import Consent, GivenConsent


def my_data() -> Screen:
    text = _(
        "🗂 <b>Мои данные</b>\n\n"
        "Здесь ваши согласия и всё, что бот хранит о вас: посмотреть, отозвать, скачать, удалить."
    )
    return Screen(
        text,
        rows(
            [button(_("📄 Мои согласия"), Go(to=Place.MY_CONSENTS))],
            [button(_("⬇️ Скачать мои данные"), Go(to=Place.EXPORT))],
            [_erasure_button()],
            [button(_("Назад"), Go(to=Place.SETTINGS)), home_button()],
        ),
    )


def consents(given: Iterable[GivenConsent], zone: ZoneInfo) -> Screen:
    listed = [f"<b>{escape(one.text.title)}</b>\n{_history(one, zone)}" for one in given]
    buttons = [[button(consent_name(one.text.consent), _on(one, ConsentAction.VIEW))] for one in given]
    return Screen(
        "\n\n".join(listed) or _("Вы ещё не давали согласий."),
        rows(*buttons, [button(_("Назад"), Go(to=Place.MY_DATA))]),
    )


def _history(given: GivenConsent, zone: ZoneInfo) -> str:
    lines = [
        _("Версия от {version}").format(version=escape(given.text.version)),
        _("Дано {moment}").format(moment=moment(given.given_at, zone)),
    ]
    if given.withdrawn_at:
        lines.append(_("Отозвано {moment}").format(moment=moment(given.withdrawn_at, zone)))
    return "\n".join(lines)


def _on(given: GivenConsent, action: ConsentAction) -> OnConsent:
    return OnConsent(action=action, given=given.id)


def consent(given: GivenConsent, zone: ZoneInfo) -> Screen:
    """The document as it was shown when the customer agreed to it, in the language of that day."""
    text = f"<b>{escape(given.text.title)}</b>\n<i>{_history(given, zone)}</i>\n\n{escape(given.text.text)}"
    return Screen(
        text,
        rows(
            [] if given.withdrawn_at else [button(_("Отозвать"), _on(given, ConsentAction.WITHDRAW), "danger")],
            [button(_("Назад"), Go(to=Place.MY_CONSENTS))],
        ),
    )


def confirm_withdrawal(given: GivenConsent) -> Screen:
    question = {
        Consent.SERVICES: _("Отозвать соглашение?"),
        Consent.PERSONAL_DATA: _("Отозвать согласие на обработку личных данных?"),
    }[given.text.consent]
    stops = _(
        "Без него бот для вас не работает: показания, счета и сведения о них закроются, останется только справка. "
        "Привязанные счета сохранятся, и согласие можно дать снова. О том, что вы уже передали, ещё может прийти "
        "сообщение."
    )
    return Screen(
        f"<b>{question}</b>\n\n{stops}",
        rows(
            [button(_("Да, отозвать"), _on(given, ConsentAction.WITHDRAW_YES), "danger")],
            [button(_("Нет, оставить"), _on(given, ConsentAction.VIEW))],
        ),
    )


def withdrawn() -> Screen:
    text = _(
        "Согласие отозвано, бот больше не работает с вашими данными. Они пока сохранены: можно дать согласие снова "
        "и продолжить."
    )
    return Screen(
        text,
        rows(
            [button(_("Дать согласие снова"), Go(to=Place.CONSENTS))],
            [_erasure_button()],
        ),
    )


def _erasure_button() -> InlineKeyboardButton:
    return button(_("🗑 Удалить всё обо мне"), Go(to=Place.ERASURE), "danger")


def erasure() -> Screen:
    text = _(
        "🗑 <b>Удалить всё обо мне</b>\n\n"
        "<b>Удалим:</b> привязанные счета и их названия, адреса писем, незаконченный ввод, сообщения в очереди, "
        "доступ, который вы дали другим.\n\n"
        "<b>Останется:</b> показания, которые вы передали, — по ним идёт расчёт, но в боте они больше не связаны "
        "с вами; оплаты через бота, без вашего имени; записи о том, на что и когда вы соглашались, с номером вашей "
        "учётной записи Telegram — "
        "их требует закон.\n\n"
        "На лицевой счёт, начисления и оплаты это не влияет, но о начатой оплате я уже не сообщу. Вернуться "
        "можно сразу, а привязать счёт по номеру — "
        "через сутки."
    )
    return Screen(
        text,
        rows(
            [button(_("Удалить"), Go(to=Place.ERASE), "danger")],
            [button(_("Назад"), Go(to=Place.MY_DATA))],
        ),
    )


def confirm_erasure(draft: str) -> Screen:
    text = _("<b>Точно удалить всё?</b> Вернуть удалённое будет нельзя.")
    return Screen(
        text,
        rows(
            [button(_("Да, удалить всё обо мне"), Erase(draft=draft), "danger")],
            [button(_("Нет, оставить"), Go(to=Place.MY_DATA))],
        ),
    )


def erased() -> Screen:
    text = _(
        "Готово, всё о вас удалено. Переписку в этом чате хранит Telegram, её можно удалить в самом приложении.\n\n"
        "Начать заново: /start"
    )
    return Screen(text)
