"""Refusals of broadcasts: staff read them in Russian, the command line says them in English."""

from __future__ import annotations

from services.errors import N_, InputError


class CannotBroadcast(InputError):
    text = N_("С этой рассылкой так сделать нельзя.")


class NoText(CannotBroadcast):
    text = N_("В сообщении нет текста. Пришлите текст рассылки; фото и файлы в ней не отправить.")


class BroadcastTooLong(CannotBroadcast):
    text = N_("Текст слишком длинный: знаков {count}, а можно не больше {most}.")


class NoSuchRegion(CannotBroadcast):
    text = N_("Региона «{region}» нет. Есть: {regions}.")


class NoStreet(CannotBroadcast):
    text = N_("Напишите улицу или улицу с домом.")


class NotANumber(CannotBroadcast):
    text = N_("Строка {line}: это не номер счёта, в нём 12 цифр.")


class NoAccounts(CannotBroadcast):
    text = N_("В списке нет ни одного номера счёта.")


class TooManyRecipients(CannotBroadcast):
    text = N_("В списке слишком много счетов: {count}, а можно не больше {most}.")


class NotAText(CannotBroadcast):
    text = N_("Файл должен быть текстом в UTF-8, не больше 1 МБ.")


class NoRecipients(CannotBroadcast):
    text = N_("Рассылку никто не получит: ни один клиент бота не подходит.")


class UnknownBroadcast(CannotBroadcast):
    text = N_("Рассылки № {number} нет.")


class NoBroadcastNumber(CannotBroadcast):
    text = N_("Напишите номер рассылки, например: /correct 7, или ответьте этой командой на её карточку.")


class NotBegun(CannotBroadcast):
    text = N_("Рассылка № {number} никому не отправлена: исправлять нечего, составьте другую.")


class StillGoing(CannotBroadcast):
    text = N_("Рассылка № {number} ещё идёт. Остановите её или дождитесь конца, потом исправляйте.")


class NotReady(CannotBroadcast):
    text = N_("Рассылка № {number} ещё не составлена.")


class NotCounted(CannotBroadcast):
    text = N_("Получателей рассылки № {number} ещё считаем. Число появится на карточке, тогда её можно подтвердить.")


class SecondPersonNeeded(CannotBroadcast):
    text = N_("Подтвердить рассылку должен не тот, кто её составил: попросите другого сотрудника.")


class ConfirmedAlready(CannotBroadcast):
    text = N_("Рассылка № {number} уже подтверждена: {name}.")


class StoppedAlready(CannotBroadcast):
    text = N_("Рассылка № {number} уже остановлена.")


class DoneAlready(CannotBroadcast):
    text = N_("Рассылка № {number} уже закончена, остановить её нельзя.")


class ChangedMeanwhile(CannotBroadcast):
    text = N_("Рассылка № {number} тем временем изменилась. Посмотрите на неё ещё раз.")


class OldCard(CannotBroadcast):
    text = N_("Эта карточка устарела: рассылка № {number} ниже.")


class WrittenByAnother(CannotBroadcast):
    text = N_("Эту рассылку составляет {name}. Свою начните командой /broadcast.")


class NamelessAuthor(CannotBroadcast):
    text = N_("Рассылку составляют от своего имени: отключите анонимность и повторите команду.")


class NotOfThisGroup(CannotBroadcast):
    text = N_("Из этой группы рассылки не отправляют.")


class NotInAppeals(CannotBroadcast):
    text = N_("Здесь обращение клиента. Рассылку составляйте в общей или отдельной теме.")
