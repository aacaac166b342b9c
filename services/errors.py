"""What can go wrong, as one tree.

ServiceError
├── InputError                 the customer typed something else than was asked for
│   ├── AccountNumberWrong
│   │   └── NoAccountNumber · SeveralAccountNumbers
│   ├── NoNumber · NegativeNumber · StrangeDigits · NumberUnclear
│   ├── NumberTooLong · DateUnclear · MeterNumber · AnotherMeter · AnotherAccount
│   ├── TooManyNumbers · NumbersAmbiguous · SeparatorUnclear · ZoneUnknown
│   ├── SumMissing · NegativeSum · RoundSum · SumUnclear · SumTooSmall · SumTooBig
│   └── FlatMissing · EmailWrong · LabelWrong
├── NotAllowed                 understood, but it cannot be done
│   ├── AccountUnknown · FlatWrong
│   ├── NoReadings             none are taken for the account
│   │   ├── AccountClosed · AccountGone · NoMeters
│   │   └── ClosedByOwner      a verified owner of the account does not want it
│   ├── TooManyLookups · ErasedLately · TooManyAccounts · TooManyMails
│   ├── SumNotFound · NoGuessesLeft · NothingPaid · ProofLocked · NotVerified · OwnersOnly
│   ├── DecidesLater           another proof stood when this owner's was made, and not long ago
│   ├── InvitationGone · AlreadyOwner · ClosedToOthers
│   ├── RecoveryTooEarly · RecoveryRefused · AccessEnded
│   ├── NotYours               the account or record is not (or no longer) this customer's
│   │   └── MeterGone          its meter is in use no more
│   ├── ConsentMissing
│   ├── SumChanged             what was offered is due no more
│   ├── PeriodClosed · PeriodOver
│   ├── ReadingsStand          what was submitted is not replaced
│   │   └── AlreadyCounted · AlreadySubmitted
│   ├── TooManyOrders          links that nobody has paid yet
│   └── PayingClosed           a verified owner does not want this customer to pay
├── DraftLost                  the form that a button belongs to is gone
└── OurFault                   told to the operator
    ├── SupplierUnavailable    safe to try again later
    ├── SupplierRefused        the supplier's own no
    ├── ProviderUnavailable    the payment provider: nobody knows whether it has heard, ask again
    ├── ProviderRefused        its no, nothing was made
    ├── MailUnavailable        the mail server takes nobody's letters: safe to try again
    ├── MailPostponed          it does not take this letter now
    ├── MailRefused            it never will
    └── MailUnknown            nobody knows whether it has taken it

`text` is a message of the catalogs; `facts` fill its placeholders.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar


def N_(text: str) -> str:
    """Mark a text for the catalogs; handlers translate it."""
    return text


class ServiceError(Exception):
    text: ClassVar[str] = N_("Не получилось. Попробуйте ещё раз.")

    def __init__(self, **facts: str | int | date | Decimal) -> None:
        """Sums of money are Decimals, in roubles."""
        super().__init__(type(self).__name__)
        self.facts = facts


class InputError(ServiceError):
    text = N_("Не понял. Напишите, пожалуйста, ещё раз.")


class AccountNumberWrong(InputError):
    """`count` digits were sent instead of 12."""

    text = N_("В номере лицевого счёта 12 цифр. Вы прислали цифр: {count}. Номер напечатан вверху квитанции.")


class NoAccountNumber(AccountNumberWrong):
    text = N_("Здесь нет номера лицевого счёта. В нём 12 цифр, он напечатан вверху квитанции.")


class SeveralAccountNumbers(AccountNumberWrong):
    text = N_("Здесь несколько номеров. Пришлите их по одному.")


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


class AnotherAccount(InputError):
    """`tail`: of the account that was typed beside the readings."""

    text = N_("Это показания для счёта …{tail}, а открыт другой. Перейдите к нужному счёту и пришлите их там.")


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


class SumMissing(InputError):
    text = N_("Здесь нет суммы. Пришлите её числом, например 1234,56.")


class NegativeSum(InputError):
    text = N_("Сумма не бывает меньше нуля. Пришлите её без минуса.")


class RoundSum(InputError):
    text = N_(
        "Сумма без копеек не подойдёт: её легко угадать. Назовите оплату с копейками. Если таких нет, оплатите здесь "
        "от 1 ₽ и послезавтра назовите эту сумму. Попытка не потрачена."
    )


class SumUnclear(InputError):
    """`piece`: the beginning of what could not be read."""

    text = N_("Не понял сумму «{piece}». Пришлите рубли и копейки через запятую, например 1234,56.")


class SumTooSmall(InputError):
    text = N_("Меньше 1 рубля оплатить нельзя. Пришлите другую сумму.")


class SumTooBig(InputError):
    """`limit`: roubles."""

    text = N_("За один раз можно оплатить не больше {limit}. Пришлите сумму поменьше.")


class FlatMissing(InputError):
    """No number, where the address's hidden one was asked for."""

    text = N_(
        "Чтобы подтвердить адрес, напишите цифрами номер, который в нём закрыт точками ••, например 12. "
        "Если это не ваш адрес, пришлите другой номер счёта."
    )


class EmailWrong(InputError):
    text = N_("Это не похоже на адрес электронной почты. Пример: maria@mail.ru")


class LabelWrong(InputError):
    """`limit`: the most characters."""

    text = N_("Название должно быть от 1 до {limit} знаков. Пришлите другое.")


class NotAllowed(ServiceError):
    text = N_("Это сейчас недоступно.")


class AccountUnknown(NotAllowed):
    text = N_("Такого лицевого счёта у нас нет. Проверьте номер по квитанции и пришлите ещё раз.")


class FlatWrong(NotAllowed):
    """A wrong number for the address, or too many before: it never says which."""

    text = N_(
        "Этот номер к счёту не подошёл. Проверьте по квитанции номер счёта и адрес. Номер нужен целиком, "
        "с буквой или дробью, если они есть. Если всё верно, а не получается, позвоните нам."
    )


class NoReadings(NotAllowed):
    text = N_("Показания по этому счёту не принимаются.")


class AccountClosed(NoReadings):
    text = N_("Этот лицевой счёт закрыт, показания по нему не принимаются. Если это ошибка, позвоните нам.")


class AccountGone(NoReadings):
    """It is linked, and the supplier has it no more."""

    text = N_("Этого счёта больше нет в базе компании. Если это ошибка, позвоните нам.")


class NoMeters(NoReadings):
    text = N_("На этом счёте нет счётчика, по которому принимаются показания. Если счётчик есть, позвоните нам.")


class TooManyLookups(NotAllowed):
    text = N_("Сегодня вы уже искали много разных счетов. Продолжить можно завтра.")


class ErasedLately(NotAllowed):
    """The day's counts went with the person's data, so linking waits until they would have been over."""

    text = N_("Вы недавно удалили все свои данные. Привязать счёт можно будет через сутки после этого.")


class TooManyAccounts(NotAllowed):
    """`limit` accounts are linked already."""

    text = N_("К боту можно привязать не больше {limit} счетов. Отвяжите лишний и попробуйте снова.")


class TooManyMails(NotAllowed):
    """Letters to this address or of this person: it does not say which, for the address may be another person's."""

    text = N_("Больше писем отправить пока нельзя. Попробуйте завтра.")


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


class ClosedByOwner(NoReadings):
    text = N_("Владелец этого счёта не разрешает передавать показания за него. Если счёт ваш, подтвердите его.")


class PayingClosed(NotAllowed):
    text = N_("Владелец этого счёта не разрешает оплачивать его через бота. Если счёт ваш, подтвердите его.")


class SumChanged(NotAllowed):
    text = N_("Сумма к оплате с тех пор изменилась.")


class TooManyOrders(NotAllowed):
    text = N_("У вас уже несколько неоплаченных ссылок. Оплатите одну из них или подождите час, пока они закончатся.")


class InvitationGone(NotAllowed):
    text = N_("Это приглашение больше не действует. Попросите владельца счёта прислать новое.")


class AlreadyOwner(NotAllowed):
    text = N_("Этот счёт вы уже подтвердили, приглашение вам не нужно.")


class NotVerified(NotAllowed):
    text = N_("Это доступно, когда подтверждено, что счёт ваш. Откройте счёт и нажмите «Подтвердить счёт».")


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


class NotYours(NotAllowed):
    text = N_("Этот счёт больше не привязан к вам. Показываю то, что есть сейчас.")


class MeterGone(NotYours):
    text = N_("Этого счётчика на счёте больше нет. Показываю то, что есть сейчас.")


class ConsentMissing(NotAllowed):
    text = N_("Сначала нужны оба согласия.")


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


class AlreadyCounted(ReadingsStand):
    """`since`: the day from which the next readings are taken."""

    text = N_("Переданные показания уже учтены в расчёте, изменить их нельзя. Новые примем с {since}.")


class DraftLost(ServiceError):
    """`typed`: what is said to an answer whose question is gone."""

    text = N_("Эта кнопка устарела. Показываю то, что есть сейчас.")
    typed: ClassVar[str] = N_("Вопрос, на который вы отвечаете, уже закрыт. Показываю то, что есть сейчас.")


class OurFault(ServiceError):
    """`told`: to the operator."""

    told: ClassVar[str] = "a customer was told of an error of ours"
    text = N_("Это наша ошибка, мы о ней уже знаем. Попробуйте ещё раз немного позже.")


class SupplierUnavailable(OurFault):
    told = "the supplier's system does not answer"
    text = N_("Система расчётов сейчас не отвечает. Попробуйте через несколько минут.")


class SupplierRefused(OurFault):
    """`reason`: the supplier's words, for the operator."""

    told = "the supplier's system has refused something"
    text = N_("Система расчётов не приняла показания. Мы разберёмся и сообщим вам.")


class ProviderUnavailable(OurFault):
    """The payment provider gave no answer that can be trusted."""

    told = "the payment provider does not answer"


class ProviderRefused(OurFault):
    """`reason`: the provider's words, for the operator."""

    told = "the payment provider has refused a payment"


class ResultUnknown(OurFault):
    """What became of a payment cannot be asked now."""

    told = "the payment provider does not answer"
    text = N_(
        "Платёжная система сейчас не отвечает. Если вы уже заплатили, второй раз платить не нужно: "
        "узнаю результат и сообщу."
    )


class MailUnavailable(OurFault):
    text = N_("Почта сейчас не работает. Мы отправим письмо позже.")


class MailPostponed(OurFault):
    text = MailUnavailable.text


class MailRefused(OurFault):
    text = N_("Письмо на этот адрес не доставить. Проверьте адрес.")


class MailUnknown(OurFault):
    text = MailUnavailable.text
