"""Errors about receipts."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed


class ReceiptLinkUnknown(NotAllowed):
    text = N_("По этому адресу квитанция не найдена. Откройте бота и пришлите номер лицевого счёта.")


class ArchiveTooLarge(NotAllowed):
    text = N_("Квитанции за год не помещаются в один файл. Пришлю по одной: выберите месяц.")


class ReceiptMissing(NotAllowed):
    """The month is not charged, not yet or not at all."""

    text = N_("Квитанции за этот месяц нет: начислений за него ещё не было. Выберите другой месяц.")


class NotSubscribed(NotAllowed):
    text = N_("Квитанция на e-mail по этому счёту не подключена.")


class StoppedByOwner(NotAllowed):
    """A customer who has only confirmed the address subscribes again."""

    text = N_(
        "Владелец счёта отключил вам квитанцию на e-mail. Чтобы подключить её снова, подтвердите счёт суммой оплаты."
    )


class WordsTooLong(InputError):
    """`limit`: the most characters."""

    text = N_("Слишком длинно. Напишите, пожалуйста, короче: до {limit} знаков.")
