/** The lower edge of a conversation: input, attachments, commands, the bot's reply keyboard. */
import * as api from "./api.js";
import { ask, openMenu } from "./dialogs.js";
import { el, icon, iconButton } from "./dom.js";
import { replyKeyboard } from "./keyboard.js";
import * as samples from "./samples.js";
import { summary } from "./text.js";
import { nameOf, world } from "./world.js";

const MESSAGE_LIMIT = 4096; // longer texts leave in several messages, as Telegram's apps do
const ALBUM_LIMIT = 10;
const WITH_MOUSE = matchMedia("(pointer: fine)"); // on a phone, focus would open the keyboard over the chat

export class Composer {
  #target = null; // {mode: "reply" | "edit", message}
  #keyboardOpen = true;
  #commandsOpen = false;
  #shownMarkup = null;

  /** `say(text)` shows a notice in the conversation. */
  constructor(chat, say) {
    this.chat = chat;
    this.say = say;
    this.#build();
    this.update();
  }

  get #me() {
    return world.viewer(this.chat);
  }

  #build() {
    this.input = el("textarea", {
      rows: "1", "aria-label": "Сообщение", "data-testid": "composer-input",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event),
    });
    this.menuButton = el("button", { type: "button", class: "bot-menu", "aria-label": "Меню команд", "aria-expanded": "false", onclick: () => this.#toggleCommands() },
      icon("menu"), el("span", {}, "Меню"));
    this.keyboardButton = iconButton("keyboard", "Показать или скрыть кнопки бота", () => this.#toggleKeyboard());
    this.form = el("form", { class: "input-row", onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
      this.menuButton,
      iconButton("attach", "Прикрепить", (event) => this.#attach(event.currentTarget), { "aria-haspopup": "true" }),
      this.input,
      this.keyboardButton,
      iconButton("send", "Отправить", null, { type: "submit", class: "icon-button send", "data-testid": "composer-send" }));
    this.commands = el("div", { class: "commands", role: "group", "aria-label": "Команды бота" });
    this.context = el("div", { class: "context" });
    this.keys = el("div");
    this.start = el("button", { type: "button", class: "start filled", "data-testid": "start-button", onclick: () => this.send("/start") }, "Начать");
    this.restart = el("button", { type: "button", class: "start filled", onclick: () => this.#restart() }, "Перезапустить бота");
    this.node = el("footer", { class: "composer", onkeydown: ({ key }) => key === "Escape" && this.#leave() }, this.commands, this.context, this.form, this.keys, this.start, this.restart);
  }

  /** Shows what the chat allows now: start, restart or writing. */
  update() {
    const blocked = this.chat.isPrivate && this.#me.blocked;
    const fresh = this.chat.isPrivate && !blocked && this.chat.messages.size === 0;
    const markup = this.chat.replyKeyboard;
    const startedHere = !blocked && !fresh && [this.start, this.restart].includes(document.activeElement);
    this.start.hidden = !fresh;
    this.restart.hidden = !blocked;
    this.form.hidden = this.context.hidden = blocked || fresh;
    this.input.placeholder = this.#target?.placeholder ?? markup?.input_field_placeholder ?? "Сообщение";
    this.menuButton.hidden = world.commandsIn(this.chat).length === 0;
    this.keyboardButton.hidden = !markup?.keyboard;
    this.keyboardButton.setAttribute("aria-expanded", String(this.#keyboardOpen));
    this.keys.hidden = !this.#keyboardOpen || this.form.hidden;
    this.commands.hidden = this.form.hidden;
    if (markup !== this.#shownMarkup) this.#showKeys(markup);
    if (startedHere && WITH_MOUSE.matches) this.input.focus();
  }

  #showKeys(markup) {
    this.#shownMarkup = markup;
    this.keys.replaceChildren(...(markup?.keyboard ? [replyKeyboard(markup, (key) => this.#pressKey(key))] : []));
  }

  /** A new keyboard from the bot opens by itself. */
  keyboardArrived() {
    this.#keyboardOpen = true;
    this.update();
  }

  focus() {
    (this.form.hidden ? this.start : this.input).focus();
  }

  async send(text) {
    const replyTo = this.#target?.mode === "reply" ? this.#target.message.message_id : undefined;
    for (const piece of pieces(text)) {
      if (!await this.#attempt(() => api.sendText(this.chat, this.#me.id, piece, replyTo))) return false;
    }
    return true;
  }

  reply(message) {
    this.#aim({ mode: "reply", message });
  }

  /** The bot asks for a reply; whoever corrects a message goes on with that. */
  askReply(message, placeholder) {
    if (this.#target?.mode === "edit") return;
    this.#aim({ mode: "reply", message, placeholder });
  }

  edit(message) {
    this.#aim({ mode: "edit", message });
    this.input.value = message.text;
    this.#grow();
  }

  #aim(target) {
    this.#target = target;
    this.update();
    if (!target) return this.context.replaceChildren();
    const { mode, message } = target;
    this.context.replaceChildren(
      icon(mode), el("span", {}, el("b", {}, mode === "edit" ? "Изменение" : `В ответ: ${nameOf(message.from)}`), el("span", {}, summary(message))),
      iconButton("close", "Отменить", () => { if (mode === "edit") this.input.value = ""; this.#aim(null); }));
    this.input.focus();
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#typed();
    const edited = this.#target?.mode === "edit" && this.#target.message;
    const done = edited
      ? await this.#attempt(() => api.editText(this.chat, this.#me.id, edited.message_id, text))
      : await this.send(text);
    if (done) this.#aim(null);
    else this.input.value ||= text;
    this.input.focus();
  }

  async #attempt(request) {
    try {
      await request();
      return true;
    } catch (error) {
      this.say(error.message);
      return false;
    }
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    }
  }

  #leave() {
    this.#commandsOpen = false;
    this.#showCommands();
    this.#aim(null);
    this.input.focus();
  }

  #typed() {
    this.#grow();
    this.#commandsOpen = /^\/\w*$/.test(this.input.value);
    this.#showCommands();
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  #toggleCommands() {
    this.#commandsOpen = !this.#commandsOpen;
    this.#showCommands();
    this.commands.querySelector("button")?.focus();
  }

  #showCommands() {
    const typed = this.input.value.slice(1);
    const known = this.#commandsOpen ? world.commandsIn(this.chat).filter(({ command }) => command.startsWith(typed)) : [];
    this.menuButton.setAttribute("aria-expanded", String(known.length > 0));
    this.commands.replaceChildren(...known.map(({ command, description }) =>
      el("button", { type: "button", onclick: () => this.#command(command) },
        el("b", {}, `/${command}`), el("span", {}, description))));
  }

  #command(command) {
    this.input.value = "";
    this.#typed();
    this.input.focus();
    this.send(this.chat.isPrivate ? `/${command}` : `/${command}@${world.bot.username}`);
  }

  #toggleKeyboard() {
    this.#keyboardOpen = !this.#keyboardOpen;
    this.update();
  }

  #pressKey(key) {
    if (key.request_contact) return this.#contact(true);
    if (key.request_location) return this.#location();
    if (this.chat.replyKeyboard.one_time_keyboard) this.#toggleKeyboard();
    return this.send(key.text);
  }

  #attach(anchor) {
    openMenu(anchor, "Прикрепить", [
      { text: "Фотографии", icon: "photo", action: () => this.#pickFiles("photo", "image/*") },
      { text: "Файлы", icon: "document", action: () => this.#pickFiles("document", "") },
      { text: "Голосовое (образец)", icon: "microphone", action: () => this.#files("voice", [samples.voice()]) },
      { text: "Стикер (образец)", icon: "sticker", action: async () => this.#files("sticker", [await samples.sticker()]) },
      ...(this.chat.isPrivate ? [
        { text: "Мой контакт", icon: "person", action: () => this.#contact(true) },
        { text: "Чужой контакт", icon: "person", action: () => this.#contact(false) },
        { text: "Геопозиция", icon: "pin", action: () => this.#location() },
      ] : []),
    ]);
  }

  #pickFiles(kind, accept) {
    const input = el("input", { type: "file", multiple: true, accept });
    input.addEventListener("change", () => this.#offer(kind, [...input.files]));
    input.click();
  }

  async #offer(kind, files) {
    const previews = kind === "photo"
      ? el("div", { class: "previews" }, files.map((file) => el("img", { src: URL.createObjectURL(file), alt: file.name })))
      : el("ul", { class: "previews" }, files.map((file) => el("li", {}, file.name)));
    const answer = await ask({
      title: kind === "photo" ? "Отправить фотографии" : "Отправить файлы", extra: previews, confirm: "Отправить",
      fields: [{ name: "caption", label: "Подпись", required: false }],
    });
    if (answer) await this.#files(kind, files, answer.caption);
  }

  async #files(kind, files, caption) {
    for (let at = 0; at < files.length; at += ALBUM_LIMIT) {
      await this.#attempt(() => api.sendFiles(this.chat, this.#me.id, kind, files.slice(at, at + ALBUM_LIMIT), at === 0 ? caption : ""));
    }
  }

  async #contact(own) {
    const contact = await ask({
      title: own ? "Отправить боту ваш номер телефона?" : "Отправить контакт", confirm: "Отправить",
      fields: [
        { name: "phone_number", label: "Телефон", type: "tel", value: samples.PHONE },
        { name: "first_name", label: "Имя", value: own ? this.#me.first_name : "Пётр" },
      ],
    });
    if (contact) await this.#attempt(() => api.sendContact(this.chat, this.#me.id, { ...contact, own }));
  }

  async #location() {
    const place = await ask({
      title: "Отправить боту геопозицию?", confirm: "Отправить",
      fields: [
        { name: "latitude", label: "Широта", type: "number", value: samples.PLACE.latitude },
        { name: "longitude", label: "Долгота", type: "number", value: samples.PLACE.longitude },
      ],
    });
    if (!place) return;
    const location = { latitude: Number(place.latitude), longitude: Number(place.longitude) };
    await this.#attempt(() => api.sendLocation(this.chat, this.#me.id, location));
  }

  async #restart() {
    await this.#attempt(() => api.unblock(this.#me));
    await this.send("/start");
  }
}

function* pieces(text) {
  for (let at = 0, end; at < text.length; at = end) {
    end = at + MESSAGE_LIMIT;
    const halfOfPair = end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]);
    if (halfOfPair) end -= 1;
    yield text.slice(at, end);
  }
}
