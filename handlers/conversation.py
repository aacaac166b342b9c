"""A conversation with a person, as far as one update takes it: the one value that handlers hand on."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol, TypeVar

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import BufferedInputFile, CallbackQuery, ChatMemberUpdated, InlineKeyboardMarkup, Message

from fsm.draft import Draft
from fsm.question import QuestionDraft
from handlers.show import Screen, is_gone, is_same
from handlers.typed import text_of
from services.customers.models import Customer

Event = Message | CallbackQuery | ChatMemberUpdated
Kind = TypeVar("Kind")
Form = TypeVar("Form", bound=Draft)


class UseCases(Protocol):
    def get(self, kind: type[Kind]) -> Kind:
        """The use case, port or setting of a type."""
        ...


class Conversation:
    """`event`: the message or the press that is being answered; `customer`: the one behind it. A handler that changes
    the customer puts the new one in its place."""

    def __init__(self, event: Event, customer: Customer, state: FSMContext, use_cases: UseCases) -> None:
        self.event = event
        self.customer = customer
        self.state = state
        self._use_cases = use_cases
        self._asking: State | None = None

    def about(self, event: Event) -> Conversation:
        """The same one, about something else that the person has done."""
        return Conversation(event, self.customer, self.state, self._use_cases)

    def use(self, kind: type[Kind]) -> Kind:
        """The use case, port or setting of a type."""
        return self._use_cases.get(kind)

    @property
    def bot(self) -> Bot:
        return self.event.bot  # type: ignore[return-value]  # updates are bound to the bot when they are read

    @property
    def chat_id(self) -> int:
        if isinstance(self.event, CallbackQuery):
            return self.event.message.chat.id if self.event.message else self.event.from_user.id
        return self.event.chat.id

    @property
    def pressed(self) -> bool:
        """Whether it is about a button, not a message that was typed."""
        return isinstance(self.event, CallbackQuery)

    @property
    def message(self) -> Message:
        """The one that was typed, or edited by hand."""
        if not isinstance(self.event, Message):
            raise TypeError("a message is typed, not pressed")
        return self.event

    @property
    def press(self) -> CallbackQuery:
        if not isinstance(self.event, CallbackQuery):
            raise TypeError("no button was pressed")
        return self.event

    @property
    def text(self) -> str:
        """The words that were typed. Raises NotText and its kinds for anything else."""
        return text_of(self.message)

    # Answers

    async def show(self, screen: Screen, *, fresh: bool = False) -> int:
        """Edit the screen that was pressed; answer a typed message, or anything when `fresh`, with a new one. The id of
        the message that shows it."""
        await self._remember(screen)
        shown = self._screen()
        if fresh or shown is None:
            return await self._send(screen)
        try:
            await shown.edit_text(screen.text, reply_markup=screen.markup)
        except TelegramBadRequest as error:
            if is_gone(error):
                return await self._send(screen)
            if not is_same(error):
                raise
        return shown.message_id

    async def _remember(self, screen: Screen) -> None:
        """The buttons of a question are kept: they are shown again below the error of an answer."""
        if self._asking and self._asking.state and screen.markup:
            buttons = screen.markup.model_dump(mode="json", exclude_none=True)["inline_keyboard"]
            await self.save(QuestionDraft(form=self._asking.state, text=screen.text, buttons=buttons))

    async def question(self, form: str | None = None) -> Screen | None:
        """The newest question of a form, or of the one in hand, as it was shown."""
        asked = await self.find_draft(QuestionDraft)
        if asked is None or asked.form != (form or await self.state.get_state()):
            return None
        return Screen(asked.text, InlineKeyboardMarkup.model_validate({"inline_keyboard": asked.buttons}))

    async def say(self, text: str) -> None:
        """A notice over the screen; a message where nothing was pressed, or the press was answered already or is too
        old for a notice."""
        if isinstance(self.event, CallbackQuery):
            try:
                await self.event.answer(text, show_alert=True)
            except TelegramBadRequest:
                pass
            else:
                return
        await self._send(Screen(text))

    async def hint(self, text: str) -> None:
        """A short notice over the screen that goes by itself."""
        with suppress(TelegramBadRequest):  # too old for a notice, or answered already
            await self.press.answer(text)

    async def retire(self) -> None:
        """Take away the screen that was pressed; one that Telegram no longer lets go only loses its buttons."""
        if shown := self._screen():
            try:
                await shown.delete()
            except TelegramBadRequest:
                await self.strip(shown.message_id)

    async def strip(self, message_id: int) -> None:
        """Take the buttons off a message of this chat, if it still stands."""
        try:
            await self.bot.edit_message_reply_markup(chat_id=self.chat_id, message_id=message_id, reply_markup=None)
        except TelegramBadRequest as error:
            if not (is_same(error) or is_gone(error)):
                raise

    async def show_action(self, action: ChatAction) -> None:
        """«печатает…», «отправляет документ…» and the like, above the chat."""
        await self.bot.send_chat_action(self.chat_id, action)

    async def send_document(self, content: bytes | str, name: str, below: Screen | None = None) -> str:
        """A file with a screen under it; `content`: the id of a file that Telegram has, or the bytes. The id of the
        file, empty where the answer was not heard."""
        file = content if isinstance(content, str) else BufferedInputFile(content, name)
        text, markup = (below.text, below.markup) if below else (None, None)
        sent: Any = await self.bot.send_document(self.chat_id, file, caption=text, reply_markup=markup)
        return str(sent.file_id)

    async def resend(self, kind: str, file_id: str) -> None:
        """A file that Telegram has, as the kind of message that it came in: photo, voice, video_note …"""
        await getattr(self.bot, f"send_{kind}")(self.chat_id, file_id)

    async def send_photo(self, content: bytes, name: str, below: Screen) -> None:
        """A picture with a screen under it."""
        photo = BufferedInputFile(content, name)
        await self.bot.send_photo(self.chat_id, photo, caption=below.text, reply_markup=below.markup)

    # Forms

    async def expect(self, state: State | None) -> None:
        """The next message answers the question of this state; None: no question is open."""
        self._asking = state
        await self.state.set_state(state)

    async def draft(self, kind: type[Form], draft_id: str | None = None) -> Form:
        """The draft in hand. Raises DraftLost when there is none or `draft_id` names another."""
        return await kind.load(self.state, draft_id)

    async def find_draft(self, kind: type[Form]) -> Form | None:
        return await kind.find(self.state)

    async def save(self, draft: Draft, expected: State | None = None) -> None:
        """`expected`: the next message answers the question of this state."""
        await draft.save(self.state)
        if expected:
            await self.expect(expected)

    async def drop(self, kind: type[Draft]) -> None:
        """This form is done: no question of its is open, others that are half filled in stay."""
        await kind.drop(self.state)

    def _screen(self) -> Message | None:
        shown = self.event.message if isinstance(self.event, CallbackQuery) else None
        return shown if isinstance(shown, Message) else None

    async def _send(self, screen: Screen) -> int:
        return (await self.bot.send_message(self.chat_id, screen.text, reply_markup=screen.markup)).message_id
