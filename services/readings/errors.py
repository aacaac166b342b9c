"""Errors about typed numbers and submissions."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed, NotYours


class NoNumber(InputError):
    text = N_("Здесь нет числа. Пришлите показание цифрами, например 3650.")


class NegativeNumber(InputError):
    text = N_("Показание не бывает меньше нуля. Пришлите число без минуса.")


class StrangeDigits(InputError):
    text = N_("Напишите число обычными цифрами от 0 до 9.")


class NumberUnclear(InputError):
    """`piece`: the part that could not be read, shortened."""

    text = N_("Не понял «{piece}». Пришлите только показания, например 3650.")


class NumberTooLong(InputError):
    """`limit`: the most digits that a reading may have."""

    text = N_(
        "«{piece}» — слишком длинное число, в показании не больше {limit} цифр. Пришлите цифры с экрана счётчика."
    )


class DateUnclear(InputError):
    """`piece`: a number that may be a date or a reading."""

    text = N_("Не уверен, «{piece}» — это дата или показание? Пришлите только показания.")


class MeterNumber(InputError):
    """`piece`: the meter's own number, and no reading beside it."""

    text = N_("«{piece}» — номер счётчика. Пришлите показания с его экрана.")


class AnotherMeter(InputError):
    """`piece`: the number of a meter that is not the one whose readings are asked for."""

    text = N_("«{piece}» — номер не этого счётчика. Проверьте, какой счётчик выбран, и пришлите только показания.")


class TooManyNumbers(InputError):
    """`count` numbers came for `expected` zones."""

    text = N_("Чисел больше, чем у счётчика зон: пришло {count}, нужно {expected}. Пришлите по одному числу на зону.")


class NumbersAmbiguous(InputError):
    text = N_("Не уверен, где кончается одно число и начинается другое. Напишите числа без пробелов внутри.")


class SeparatorUnclear(InputError):
    """`piece` is `joined` where the comma parts thousands, `whole` where it begins decimals."""

    text = N_(
        "Не уверен, что значит «{piece}»: {joined} или {whole} и дробная часть? "
        "Пришлите целое число без запятых и точек. Если чисел несколько, поставьте между ними пробел."
    )


class ZoneUnknown(InputError):
    """`zone`: the zone that this meter lacks, `zones`: those it has."""

    text = N_("У этого счётчика нет зоны «{zone}».")


class NoReadings(NotAllowed):
    text = N_("Показания по этому счёту не принимаются.")


class AccountClosed(NoReadings):
    text = N_("Этот лицевой счёт закрыт, показания по нему не принимаются. Если это ошибка, позвоните нам.")


class AccountGone(NoReadings):
    """It is linked, and the supplier has it no more."""

    text = N_("Этого счёта больше нет в базе компании. Если это ошибка, позвоните нам.")


class NoMeters(NoReadings):
    text = N_("На этом счёте нет счётчика, по которому принимаются показания. Если счётчик есть, позвоните нам.")


class ClosedByOwner(NoReadings):
    text = N_("Владелец этого счёта не разрешает передавать показания за него. Если счёт ваш, подтвердите его.")


class OwnerSubmits(ClosedByOwner):
    """For those whom an owner has let in."""

    text = N_(
        "Владелец этого счёта не разрешает передавать показания за него. Он открыл вам доступ и может сделать это сам."
    )


class MeterGone(NotYours):
    text = N_("Этого счётчика на счёте больше нет. Показываю то, что есть сейчас.")


class PeriodClosed(NotAllowed):
    text = N_("Исправить эти показания уже нельзя: приём за тот месяц закончен. Передайте новые показания.")


class PeriodOver(NotAllowed):
    """The month of the preview closed before it was confirmed."""

    text = N_("Пока вы проверяли, приём за этот месяц закончился. Проверьте показания ещё раз.")


class ReadingsStand(NotAllowed):
    text = N_("Эти показания уже переданы, изменить их нельзя.")


class AlreadySubmitted(ReadingsStand):
    """A customer with a higher trust submitted, on `day`."""

    text = N_(
        "Показания по этому счётчику уже переданы {day}, поэтому ваши не приняты. Изменить их может тот, кто их "
        "передал, или владелец счёта. Если счёт ваш, подтвердите его."
    )


class OwnerSubmitted(AlreadySubmitted):
    """For those whom an owner has let in."""

    text = N_(
        "Показания по этому счётчику уже переданы {day}, поэтому ваши не приняты. Изменить их может владелец счёта: "
        "он открыл вам доступ и может сделать это сам."
    )


class AlreadyCounted(ReadingsStand):
    """`since`: the day from which the next readings are taken."""

    text = N_("Переданные показания уже учтены в расчёте, изменить их нельзя. Новые примем с {since}.")
