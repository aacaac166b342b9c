"""Words for letters, by their notice's kind: subject and plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from locales import _
from services.supplier.profile import SupplierProfile

CONFIRMATION = "eml_"  # how the payload of a letter's link begins
WARNINGS = {"email_changed", "email_removed"}  # to an address that no longer counts


def words(kind: str, facts: Mapping[str, str], profile: SupplierProfile) -> tuple[str, str]:
    """Raises KeyError for a kind without words."""
    subject, text = _WORDS[kind](facts, profile)
    return subject, "\n\n".join((_("Здравствуйте."), *text, f"{profile.name}\n{profile.phone} · {profile.site}"))


def _confirm(facts: Mapping[str, str], profile: SupplierProfile) -> tuple[str, tuple[str, ...]]:
    asked = _(
        "Этот адрес указали в боте компании {name}. Чтобы подтвердить его, откройте ссылку на устройстве, где у вас "
        "Telegram, и нажмите «Запустить»:"
    )
    url = f"https://t.me/{facts['bot']}?start={CONFIRMATION}{facts['token']}"
    life = _("Ссылка действует 24 часа и только для того, кто указал адрес. Если это были не вы, ничего не делайте.")
    return _("Подтвердите адрес почты"), (asked.format(name=profile.name), url, life)


def _changed(_facts: Mapping[str, str], profile: SupplierProfile) -> tuple[str, tuple[str, ...]]:
    text = _("В боте компании {name} этот адрес заменён на другой, письма сюда больше не придут.")
    return _("Адрес почты заменён"), (text.format(name=profile.name), _not_me(profile))


def _removed(_facts: Mapping[str, str], profile: SupplierProfile) -> tuple[str, tuple[str, ...]]:
    text = _("В боте компании {name} этот адрес удалён, письма сюда больше не придут.")
    return _("Адрес почты удалён"), (text.format(name=profile.name), _not_me(profile))


def _not_me(profile: SupplierProfile) -> str:
    text = _("Если это сделали не вы, проверьте настройки бота и позвоните нам: {phone}.")
    return text.format(phone=profile.phone)


_WORDS: dict[str, Callable[[Mapping[str, str], SupplierProfile], tuple[str, tuple[str, ...]]]] = {
    "email_confirm": _confirm,
    "email_changed": _changed,
    "email_removed": _removed,
}
