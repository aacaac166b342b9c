"""Errors about sums and payments."""

from __future__ import annotations

from services.errors import N_, InputError, NotAllowed, OurFault


class SumMissing(InputError):
    text = N_("Здесь нет суммы. Пришлите её числом, например 1234,56.")


class NegativeSum(InputError):
    text = N_("Сумма не бывает меньше нуля. Пришлите её без минуса.")


class SumUnclear(InputError):
    """`piece`: the beginning of what could not be read."""

    text = N_("Не понял сумму «{piece}». Пришлите рубли и копейки через запятую, например 1234,56.")


class SumTooSmall(InputError):
    text = N_("Меньше 1 рубля оплатить нельзя. Пришлите другую сумму.")


class SumTooBig(InputError):
    """`limit`: roubles."""

    text = N_("За один раз можно оплатить не больше {limit}. Пришлите сумму поменьше.")


class PayingClosed(NotAllowed):
    text = N_("Владелец этого счёта не разрешает оплачивать его через бота. Если счёт ваш, подтвердите его.")


class OwnerPays(PayingClosed):
    """For those whom an owner has let in."""

    text = N_(
        "Владелец этого счёта не разрешает вам оплачивать его через бота. Он открыл вам доступ и может сделать это сам."
    )


class SumChanged(NotAllowed):
    text = N_("Сумма к оплате с тех пор изменилась.")


class NotPaid(NotAllowed):
    text = N_("Эта оплата ещё не прошла, подтверждения пока нет.")


class TooManyOrders(NotAllowed):
    text = N_("У вас уже несколько неоплаченных ссылок. Оплатите одну из них или подождите час, пока они закончатся.")


class ProviderUnavailable(OurFault):
    """The payment provider gave no answer that can be trusted."""

    told = "the payment provider does not answer"


class ProviderRefused(OurFault):
    """`reason`: the provider's words, for the operator."""

    told = "the payment provider has refused a payment"


class ResultUnknown(OurFault):
    """The outcome of a payment cannot be asked now."""

    told = "the payment provider does not answer"
    text = N_(
        "Платёжная система сейчас не отвечает. Если вы уже заплатили, второй раз платить не нужно: "
        "узнаю результат и сообщу."
    )
