"""Roots of the tree of errors. Each subject's own errors stand beside its use cases.

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


class NotAllowed(ServiceError):
    text = N_("Это сейчас недоступно.")


class NotYours(NotAllowed):
    text = N_("Этот счёт больше не привязан к вам. Показываю то, что есть сейчас.")


class DraftLost(ServiceError):
    """`typed`: what is said to an answer whose question is gone."""

    text = N_("Эта кнопка устарела. Показываю то, что есть сейчас.")
    typed: ClassVar[str] = N_("Вопрос, на который вы отвечаете, уже закрыт. Показываю то, что есть сейчас.")


class OurFault(ServiceError):
    """`told`: to the operator."""

    told: ClassVar[str] = "a customer was told of an error of ours"
    text = N_("Это наша ошибка, мы о ней уже знаем. Попробуйте ещё раз немного позже.")


class DocumentsBusy(OurFault):
    """Too many papers wait to be set."""

    told = "papers wait too long to be set"
    text = N_("Сейчас готовим много документов сразу. Попробуйте через минуту.")
