from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup


class Consenting(StatesGroup):
    choosing = State()


class Linking(StatesGroup):
    number = State()
    address = State()


class Naming(StatesGroup):
    label = State()


ANY_WORDS = frozenset({Naming.label.state})  # where what is typed is the answer, a command's name too


class Proving(StatesGroup):
    sum = State()


class Metering(StatesGroup):
    """Taking readings: which meter, its values, a doubt about one, the preview."""

    meter = State()
    values = State()
    doubt = State()
    preview = State()


class Mailing(StatesGroup):
    """Where a letter is to go, once."""

    address = State()


class SettingEmail(StatesGroup):
    address = State()


class Paying(StatesGroup):
    sum = State()
    email = State()
