"""Greetings and thanks: they are answered, and a question that is open stays so."""

from __future__ import annotations

from aiogram import Router

from handlers.commands import is_thanks
from handlers.conversation import Conversation
from handlers.filters import SaidInCourtesy
from handlers.keyboards import home_button, rows
from handlers.show import Screen
from locales import _

router = Router(name="courtesy")


@router.message(SaidInCourtesy())
async def answer(talk: Conversation) -> None:
    answer = _("Пожалуйста!") if is_thanks(talk.text) else _("Здравствуйте!")
    question = await talk.question()
    if question:
        await talk.show(Screen(f"{answer}\n\n{question.text}", question.markup))
    else:
        await talk.show(Screen(answer + " " + _("Если что-то понадобится, я здесь."), rows([home_button()])))
