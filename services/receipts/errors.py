"""Errors about receipts."""

from __future__ import annotations

from services.errors import N_, NotAllowed


class ReceiptLinkUnknown(NotAllowed):
    text = N_("По этому адресу квитанция не найдена. Откройте бота и пришлите номер лицевого счёта.")


class ArchiveTooLarge(NotAllowed):
    text = N_("Квитанции за год не помещаются в один файл. Пришлю по одной: выберите месяц.")


class ReceiptMissing(NotAllowed):
    """The month is not charged, not yet or not at all."""

    text = N_("Квитанции за этот месяц нет: начислений за него ещё не было. Выберите другой месяц.")
