"""Errors of the supplier's system."""

from __future__ import annotations

from services.errors import N_, NotAllowed, OurFault


class AccountUnknown(NotAllowed):
    text = N_("Такого лицевого счёта у нас нет. Проверьте номер по квитанции и пришлите ещё раз.")


class SupplierUnavailable(OurFault):
    told = "the supplier's system does not answer"
    text = N_("Система расчётов сейчас не отвечает. Попробуйте через несколько минут.")


class SupplierRefused(OurFault):
    """`reason`: the supplier's words, for the operator."""

    told = "the supplier's system has refused something"
    text = N_("Система расчётов не приняла показания. Мы разберёмся и сообщим вам.")
