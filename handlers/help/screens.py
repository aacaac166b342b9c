from __future__ import annotations

from handlers.appeals.doors import support_button
from handlers.callbacks import Go, Place
from handlers.commands import COMMANDS
from handlers.help.callbacks import Offices
from handlers.keyboards import button, copy_button, home_button, rows
from handlers.show import Screen
from handlers.wording import escape
from locales import _
from services.supplier.profile import Office, Region, SupplierProfile


def help_screen(profile: SupplierProfile, *, agreed: bool) -> Screen:
    text = _(
        "<b>{name}</b>\n"
        "☎️ {phone}\n"
        "🕘 {hours}\n"
        "🌐 {site}\n\n"
        "Чтобы передать показания, просто пришлите числа со счётчика. Команды: {commands}."
    )
    filled = text.format(
        name=escape(profile.name),
        phone=escape(profile.phone),
        hours=escape(profile.hours),
        site=escape(profile.site),
        commands=", ".join(f"/{command.name} — {_(command.short)}" for command in COMMANDS if command.short),
    )
    documents = [button(_("📄 Документы"), Go(to=Place.DOCUMENTS))]
    return Screen(
        filled,
        rows(
            support_button(offered=profile.takes_appeals),
            [button(_("📟 Как снять показания"), Go(to=Place.GUIDE))],
            [button(_("🏢 Офисы"), Go(to=Place.OFFICES)), *documents],
            [copy_button(_("📋 Скопировать телефон"), profile.phone)],
            [home_button()] if agreed else [button(_("Назад"), Go(to=Place.HOME))],
        ),
    )


def guide() -> Screen:
    text = _(
        "<b>Как снять показания</b>\n\n"
        "Спишите цифры до запятой, остальные не нужны.\n\n"
        "<b>Один тариф:</b> одно число.\n"
        "<b>День и ночь:</b> на экране <b>T1</b> — день, <b>T2</b> — ночь.\n"
        "<b>Три зоны:</b> <b>T1</b> — пик, <b>T2</b> — ночь, <b>T3</b> — полупик.\n"
        "Экран переключается кнопкой на счётчике или сам.\n\n"
        "Ночь — с 23 до 7 часов, пик — с 7 до 10 и с 17 до 21, остальное — полупик. День — это пик и полупик вместе."
    )
    return Screen(text, rows([button(_("Назад"), Go(to=Place.HELP))]))


def offices(profile: SupplierProfile, region: Region | None) -> Screen:
    others = [
        [button(other.name, Offices(region=index))]
        for index, other in enumerate(profile.regions)
        if other is not region
    ]
    back = [button(_("Назад"), Go(to=Place.HELP))]
    if region is None:
        return Screen(_("В каком вы регионе?"), rows(*others, back))
    listed = "\n\n".join(map(_office, region.offices)) or _("Офисов здесь нет, звоните: {phone}").format(
        phone=escape(profile.phone)
    )
    return Screen(f"<b>{escape(region.name)}</b>\n\n{listed}", rows(*others, back))


def _office(office: Office) -> str:
    details = [office.address, office.phone and f"☎️ {office.phone}", office.hours and f"🕘 {office.hours}"]
    return "\n".join([f"<b>{escape(office.name)}</b>", *(escape(detail) for detail in details if detail)])
