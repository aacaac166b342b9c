"""Errors of appeals."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed


class NoAppeals(NotAllowed):
    """No desk is set up."""

    text = N_("Обращения здесь не принимаются. Позвоните, пожалуйста: {phone}.")


class TooManyAppeals(NotAllowed):
    text = N_("Сегодня вы отправили уже {count} обращений. Добавьте вопрос к одному из них или напишите завтра.")


class TooManyMessages(NotAllowed):
    text = N_("За последний час вы прислали уже {count} сообщений, больше пока не принять. Продолжите через час.")


class AppealGone(NotAllowed):
    text = N_("Этого обращения больше нет. Показываю то, что есть сейчас.")


class NameWrong(InputError):
    text = N_("Напишите, как к вам обращаться: до {longest} букв, например «Мария Ивановна».")


class PhoneWrong(InputError):
    text = N_("Не похоже на номер телефона. Напишите его с кодом, например +7 900 000-00-00.")


class TextTooLong(InputError):
    text = N_("Это слишком длинно: {length} знаков, а помещается {longest}. Сократите, пожалуйста.")


class FileRefused(InputError):
    """`what`: the file's name."""

    text = N_("Такой файл мы не принимаем: {what}. Можно фото, PDF, документы и таблицы.")


class FileTooLarge(InputError):
    text = N_("Файл слишком большой: {size} МБ, а принимаем до {largest} МБ.")


class TooManyFiles(InputError):
    text = N_("К обращению помещается {most} файлов. Остальные можно прислать после отправки, вторым сообщением.")


class NotTaken(InputError):
    """A kind of message that no appeal has: a sticker, a poll, a place on the map."""

    text = N_("К обращению это не приложить. Подойдёт текст, фото, документ, голосовое сообщение или видео.")


class PlaceWrong(InputError):
    text = N_("Напишите словами: до {longest} знаков, например «{example}».")


class NothingToSend(InputError):
    text = N_("В обращении ещё нет вопроса. Напишите его одним или несколькими сообщениями.")
