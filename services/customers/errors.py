"""Errors about a customer's own data."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed


class EmailWrong(InputError):
    text = N_("Это не похоже на адрес электронной почты. Пример: maria@mail.ru")


class EmailDoubtful(InputError):
    """`typed` may be a slip of `meant`."""

    text = N_(
        "Вы написали <code>{typed}</code>. Может быть, <code>{meant}</code>? Пришлите адрес ещё раз: исправленный или "
        "тот же, если он верный."
    )


class QuietUnclear(InputError):
    text = N_("Не понял. Пришлите целые часы, например «с 23 до 7», или «нет», чтобы я писал в любое время.")


class ConsentMissing(NotAllowed):
    text = N_("Сначала нужны оба согласия.")
