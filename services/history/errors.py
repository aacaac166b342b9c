"""Errors about periods and what they hold."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed


class PeriodUnclear(InputError):
    text = N_("Не понял период. Напишите, например, «2024», «март 2025» или «с марта 2024 по май 2025».")


class PeriodTooEarly(InputError):
    """`year`: the first one."""

    text = N_("История хранится с января {year} года. Пришлите период не раньше.")


class PeriodAhead(InputError):
    text = N_("Этот период ещё не наступил. Пришлите другой.")


class TooFewReadings(NotAllowed):
    text = N_("Для графика нужны показания хотя бы двух месяцев, а их пока нет.")
