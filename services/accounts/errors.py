"""Errors about accounts, address confirmation, proofs and access."""

from __future__ import annotations

from services.accounts.models import Link
from services.errors import N_, InputError, NotAllowed


class AccountNumberWrong(InputError):
    """`count` digits were sent instead of 12."""

    text = N_("В номере лицевого счёта 12 цифр. Вы прислали цифр: {count}. Номер напечатан вверху квитанции.")


class NoAccountNumber(AccountNumberWrong):
    text = N_("Здесь нет номера лицевого счёта. В нём 12 цифр, он напечатан вверху квитанции.")


class SeveralAccountNumbers(AccountNumberWrong):
    text = N_("Здесь несколько номеров. Пришлите их по одному.")


class AnotherAccount(InputError):
    """`tail`: of the account that was typed beside the readings."""

    text = N_("Это показания для счёта …{tail}, а открыт другой. Перейдите к нужному счёту и пришлите их там.")


class RoundSum(InputError):
    text = N_(
        "Сумма без копеек не подойдёт: её легко угадать. Назовите оплату с копейками. Если таких нет, оплатите здесь "
        "от 1 ₽ и послезавтра назовите эту сумму. Попытка не потрачена."
    )


class FlatMissing(InputError):
    """No number, where the address's hidden one was asked for."""

    text = N_(
        "Чтобы подтвердить адрес, напишите цифрами номер, который в нём закрыт точками ••, например 12. "
        "Если это не ваш адрес, пришлите другой номер счёта."
    )


class LabelWrong(InputError):
    """`limit`: the most characters."""

    text = N_("Название должно быть от 1 до {limit} знаков. Пришлите другое.")


class FlatWrong(NotAllowed):
    """A wrong number for the address, or too many before: it never says which."""

    text = N_(
        "Этот номер к счёту не подошёл. Проверьте по квитанции номер счёта и адрес. Номер нужен целиком, "
        "с буквой или дробью, если они есть. Если всё верно, а не получается, позвоните нам."
    )


class TooManyLookups(NotAllowed):
    text = N_("Сегодня вы уже искали много разных счетов. Продолжить можно завтра.")


class ErasedLately(NotAllowed):
    """The day's counts went with the person's data, so linking waits until they would have been over."""

    text = N_("Вы недавно удалили все свои данные. Привязать счёт можно будет через сутки после этого.")


class TooManyAccounts(NotAllowed):
    """`limit` accounts are linked already."""

    text = N_("К боту можно привязать не больше {limit} счетов. Отвяжите лишний и попробуйте снова.")


class SumNotFound(NotAllowed):
    """`left`: how many guesses remain; `before`: the day before which a payment must have been made."""

    text = N_(
        "Такой оплаты мы не нашли. Подойдёт любая с копейками за последний год, сделанная до {before}: посмотрите "
        "сумму в чеке или в банке. Если таких нет, оплатите здесь от 1 ₽ и послезавтра назовите эту сумму. "
        "Осталось попыток: {left}."
    )


class NoGuessesLeft(NotAllowed):
    text = N_(
        "Попытки подтвердить этот счёт закончились. Новые появятся через сутки, а если попыток было много — в течение "
        "30 дней. Чтобы не ждать, оплатите здесь любую сумму, хоть 1 рубль, и послезавтра назовите её."
    )


class NothingPaid(NotAllowed):
    text = N_(
        "Мы не видим оплат, которыми можно подтвердить этот счёт: нужна оплата за последний год, сделанная до того, "
        "как сумму начал показывать бот. Оплатите здесь любую сумму, хоть 1 рубль, и возвращайтесь послезавтра: "
        "попросим назвать её."
    )


class ProofLocked(NotAllowed):
    text = N_("Владелец этого счёта запретил подтверждать его другим людям. Если счёт ваш, позвоните нам.")


class InvitationGone(NotAllowed):
    text = N_("Это приглашение больше не действует. Попросите владельца счёта прислать новое.")


class AlreadyOwner(NotAllowed):
    text = N_("Этот счёт вы уже подтвердили, приглашение вам не нужно.")


class NotVerified(NotAllowed):
    """`link`: the id of the one that a proof would lift."""

    text = N_("Это доступно, когда подтверждено, что счёт ваш. Подтвердить счёт можно суммой недавнего платежа.")


class OwnersOnly(NotAllowed):
    """For those whom an owner has let in."""

    text = N_("Это доступно только владельцу счёта. Он открыл вам доступ и может сделать это сам.")


class DecidesLater(NotAllowed):
    """`since`: the day from which it is allowed."""

    text = N_(
        "Когда вы подтвердили этот счёт, он уже был подтверждён другим человеком. Поэтому менять то, что разрешено "
        "другим, и закрывать им доступ вы сможете с {since}. Если ждать нельзя, позвоните нам."
    )


class ClosedToOthers(NotAllowed):
    text = N_(
        "Вы запретили управление этим счётом другим, приглашение не сработает. Разрешите его в «Управлении счётом» "
        "и пригласите снова."
    )


class RecoveryTooEarly(NotAllowed):
    text = N_("Отозвать доступ прежнего Telegram можно через сутки после того, как вы подтвердили счёт.")


class RecoveryRefused(NotAllowed):
    text = N_("Этот человек ответил, что доступ ему нужен. Если это не так, позвоните нам или приходите в офис.")


class AccessEnded(NotAllowed):
    text = N_("Этого доступа к счёту уже нет.")


def not_for(link: Link) -> NotAllowed:
    """The error for one who does not see everything about the account."""
    return OwnersOnly() if link.shared else NotVerified(link=link.id)
