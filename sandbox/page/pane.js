/** One open conversation: header, messages, composer. */
import * as api from "./api.js";
import { renderMessage, showReaction } from "./bubble.js";
import { Composer } from "./composer.js";
import { alertBox, ask, openMenu, toast } from "./dialogs.js";
import { avatar, colour, copy, day, el, icon, iconButton } from "./dom.js";
import { nameOf, world } from "./world.js";

const NEAR_BOTTOM = 120; // pixels
export const ACTIONS = {
  typing: "печатает…", upload_photo: "отправляет фото…", record_video: "записывает видео…", upload_video: "отправляет видео…",
  record_voice: "записывает голосовое…", upload_voice: "отправляет голосовое…", upload_document: "отправляет документ…",
  choose_sticker: "выбирает стикер…", find_location: "ищет место…",
};

export class Pane {
  #nodes = new Map(); // message id → its bubble
  #last = null; // the message shown last
  #following = true; // who reads further up is not pulled down
  #listening = new AbortController();

  /** `layout`: {open(chat), close(pane), back(), start(person, payload)}. */
  constructor(chat, layout) {
    this.chat = chat;
    this.layout = layout;
    this.composer = new Composer(chat, (text) => this.say(text));
    this.header = el("header", { class: "pane-header" });
    this.list = el("div", { class: "messages", role: "log", "aria-live": "polite", "aria-label": "Сообщения" });
    this.scroller = el("div", { class: "scroller", tabindex: "0", onscroll: () => this.#scrolled() }, this.list);
    this.toBottom = iconButton("down", "К последнему сообщению", () => this.scrollDown(), { class: "icon-button to-bottom", hidden: true });
    this.area = el("div", { class: "scroll-area" }, this.scroller, this.toBottom);
    this.node = el("section", { class: "pane", "data-testid": "conversation", "data-chat": chat.key, "aria-label": world.title(chat) },
      this.header, this.area, this.composer.node);
    this.#listen();
    this.#refresh();
    const keepAtBottom = new ResizeObserver(() => this.#following && this.scrollDown());
    for (const node of [this.scroller, this.list]) keepAtBottom.observe(node);
    if (!chat.loaded) world.load(chat).then(() => this.#refresh());
  }

  close() {
    this.#listening.abort();
    this.node.remove();
  }

  say(text) {
    toast(this.area, text);
  }

  scrollDown() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #listen() {
    const on = (type, react) => world.addEventListener(type, ({ detail }) => {
      if (!detail.chat || detail.chat === this.chat) react(detail);
    }, { signal: this.#listening.signal });
    on("message", ({ message }) => this.#arrived(message));
    on("edited", ({ message }) => this.#edited(message));
    on("deleted", ({ messageId }) => this.#deleted(messageId));
    on("reaction", ({ messageId, emoji }) => this.#nodes.has(messageId) && showReaction(this.#nodes.get(messageId), emoji));
    on("keyboard", () => { this.composer.keyboardArrived(); this.#updateHeader(); });
    on("replyField", ({ message, placeholder }) => this.composer.askReply(message, placeholder));
    on("action", () => this.#updateHeader());
    on("chats", () => { this.#updateHeader(); this.composer.update(); });
    on("texts", () => this.list.querySelector(".welcome").replaceWith(this.#welcome()));
    on("closed", () => this.layout.close(this));
    on("reset", () => this.#reset());
  }

  #reset() {
    const chat = world.find(this.chat.key);
    if (!chat) return this.layout.close(this);
    this.chat = this.composer.chat = chat;
    return this.#refresh();
  }

  #refresh() {
    this.#nodes.clear();
    this.#last = null;
    this.list.replaceChildren(this.#welcome());
    for (const message of this.chat.messages.values()) this.#append(message);
    this.#buildHeader();
    this.composer.update();
    this.scrollDown();
  }

  #welcome() {
    const { first_name: name } = world.bot;
    return el("div", { class: "welcome" },
      this.chat.isPrivate
        ? [avatar(name, colour()), el("b", {}, name), el("p", {}, world.descriptionIn(this.chat) || "Нажмите «Начать», чтобы написать боту.")]
        : [el("b", {}, world.title(this.chat)), el("p", {}, "Здесь пока нет сообщений.")]);
  }

  #buildHeader() {
    this.title = el("h1");
    this.status = el("span", { class: "status" });
    this.header.replaceChildren(
      iconButton("back", "К списку чатов", () => this.layout.back(), { class: "icon-button back" }),
      chatAvatar(this.chat),
      el("div", { class: "titles" }, this.title, this.status),
      iconButton("more", "Действия", (event) => this.#menu(event.currentTarget), { "aria-haspopup": "true" }),
      iconButton("close", "Закрыть", () => this.layout.close(this), { class: "icon-button close-pane" }));
    this.#updateHeader();
  }

  #updateHeader() {
    const { chat } = this;
    const action = ACTIONS[chat.action];
    const group = world.groups.get(chat.chatId);
    const usual = chat.isPrivate
      ? (world.viewer(chat).blocked ? "бот остановлен" : `в чате с ботом ${world.bot.first_name}`)
      : [world.topic(chat)?.closed && "тема закрыта", `вы — ${nameOf(world.viewer(chat))}`, group.title].filter(Boolean).join(" · ");
    this.title.textContent = world.title(chat);
    this.status.textContent = action ? `бот ${action}` : usual;
    this.status.classList.toggle("acting", Boolean(action));
    this.header.querySelector(".avatar").replaceWith(chatAvatar(chat));
  }

  #menu(anchor) {
    openMenu(anchor, "Действия", this.chat.isPrivate ? this.#privateActions() : this.#topicActions());
  }

  #privateActions() {
    const person = world.viewer(this.chat);
    return [person.blocked
      ? { text: "Вернуть бота", icon: "chat", action: () => this.#attempt(() => api.unblock(person)) }
      : { text: "Остановить бота", icon: "stop", danger: true, action: () => this.#attempt(() => api.block(person)) }];
  }

  #topicActions() {
    const { chat } = this;
    const me = world.viewer(chat);
    const others = world.members(world.groups.get(chat.chatId)).filter((member) => member !== me);
    const items = [
      ...others.map((member) => ({ text: `Писать как ${nameOf(member)}`, icon: "person", action: () => world.setViewer(chat, member.id) })),
      { text: "Личный чат с ботом", icon: "chat", action: () => this.layout.open(world.chat(me.id)) },
    ];
    if (!world.isOrdinaryTopic(chat)) return items;
    const { closed } = world.topic(chat);
    return [
      ...items,
      { text: closed ? "Открыть тему снова" : "Закрыть тему", icon: "lock", action: () => this.#attempt(() => api.closeTopic(chat, me.id, !closed)) },
      { text: "Удалить тему", icon: "trash", danger: true, action: () => this.#deleteTopic() },
    ];
  }

  async #deleteTopic() {
    const sure = await ask({
      title: "Удалить тему?", text: `«${world.title(this.chat)}» исчезнет со всеми сообщениями.`, confirm: "Удалить", danger: true,
    });
    if (sure) await this.#attempt(() => api.deleteTopic(this.chat));
  }

  #arrived(message) {
    const own = world.isOwn(this.chat, message);
    this.#append(message);
    this.composer.update();
    if (own || this.#following) this.scrollDown();
    else this.toBottom.hidden = false;
    this.markRead();
  }

  markRead() {
    if (!document.hidden && this.node.checkVisibility()) world.read(this.chat);
  }

  #append(message) {
    const node = this.#bubble(message);
    if (!this.#last || day(this.#last.date) !== day(message.date)) {
      this.list.append(el("div", { class: "day" }, el("span", { class: "pill" }, day(message.date))));
    }
    this.#last = message;
    const album = message.media_group_id;
    if (!album) return this.list.append(node);
    if (this.list.lastElementChild?.dataset.album !== album) {
      const side = world.isOwn(this.chat, message) ? "out" : "in";
      this.list.append(el("div", { class: `album ${side} ${message.photo ? "photos" : ""}`, "data-album": album }));
    }
    return this.list.lastElementChild.append(node);
  }

  #bubble(message) {
    const node = renderMessage(message, {
      own: world.isOwn(this.chat, message),
      named: !this.chat.isPrivate,
      actions: {
        open: (url, event) => this.#open(url, event),
        send: (command) => this.composer.send(command),
        say: (text) => this.say(text),
        press: (...pressed) => this.#press(...pressed),
        menu: (of, anchor) => this.#messageMenu(of, anchor),
        goTo: (id) => this.#goTo(id),
      },
    });
    this.#nodes.set(message.message_id, node);
    return node;
  }

  #edited(message) {
    const old = this.#nodes.get(message.message_id);
    if (!old) return;
    const focused = [...old.querySelectorAll(".keyboard button")].indexOf(document.activeElement);
    const node = this.#bubble(message);
    old.replaceWith(node);
    // Who pressed a button by keyboard stays where he was, although the buttons are new.
    if (focused >= 0) (node.querySelectorAll(".keyboard button")[focused] ?? node).focus({ preventScroll: true });
    if (this.#following) this.scrollDown();
  }

  #deleted(messageId) {
    const node = this.#nodes.get(messageId);
    if (!node) return;
    const album = node.closest(".album");
    node.remove();
    this.#nodes.delete(messageId);
    if (album && !album.hasChildNodes()) album.remove();
    this.composer.update();
  }

  async #press(message, button, node) {
    if (node.getAttribute("aria-busy")) return;
    node.setAttribute("aria-busy", "true");
    try {
      const answer = await world.press(this.chat, message, button.callback_data);
      if (answer === null) this.say("Бот не ответил на нажатие");
      else if (answer.url) this.#open(answer.url);
      else if (answer.text && answer.show_alert) alertBox(world.bot.first_name, answer.text);
      else if (answer.text) this.say(answer.text);
    } catch (error) {
      this.say(error.message);
    }
    node.removeAttribute("aria-busy");
  }

  /** Links to the bot itself act here; all others open in a new tab. */
  #open(url, event) {
    const payload = startPayload(url, world.bot.username);
    if (payload === null) {
      if (!event) window.open(reachable(url), "_blank", "noopener");
      return;
    }
    event?.preventDefault();
    this.layout.start(world.viewer(this.chat), payload);
  }

  #messageMenu(message, anchor) {
    const items = [{ text: "Ответить", icon: "reply", action: () => this.composer.reply(message) }];
    if (message.text && world.isOwn(this.chat, message)) items.push({ text: "Изменить", icon: "edit", action: () => this.composer.edit(message) });
    if (message.text ?? message.caption) {
      items.push({ text: "Копировать текст", icon: "copy", action: async () => { await copy(message.text ?? message.caption); this.say("Скопировано"); } });
    }
    if (world.isOwn(this.chat, message)) {
      const remove = () => api.deleteMessage(this.chat, message.from.id, message.message_id);
      items.push({ text: "Удалить", icon: "trash", danger: true, action: () => this.#attempt(remove) });
    }
    openMenu(anchor, "Действия с сообщением", items);
  }

  #goTo(messageId) {
    const node = this.#nodes.get(messageId);
    if (!node) return this.say("Сообщение удалено");
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    return node.focus({ preventScroll: true });
  }

  async #attempt(request) {
    try {
      await request();
    } catch (error) {
      this.say(error.message);
    }
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (this.#following) this.toBottom.hidden = true;
  }
}

export function chatAvatar(chat) {
  if (chat.isPrivate) return avatar(world.title(chat), colour(world.viewer(chat).number));
  const topic = world.topic(chat);
  const node = avatar("#", `#${(topic?.icon_color ?? 0x6c7a86).toString(16).padStart(6, "0")}`);
  node.classList.add("topic");
  if (topic?.closed) node.append(icon("lock"));
  return node;
}

/** A server that listens on every interface calls itself 0.0.0.0; this browser knows it by another name. */
function reachable(address) {
  const url = URL.parse(address);
  if (url?.hostname === "0.0.0.0") url.hostname = location.hostname;
  return url?.href ?? address;
}

/** The payload of a link to this bot («» for none), or null for any other address. */
function startPayload(address, username) {
  const url = URL.parse(address);
  if (!url) return null;
  const telegram = ["t.me", "telegram.me"].includes(url.hostname) && url.pathname.slice(1).toLowerCase() === username.toLowerCase();
  const scheme = url.protocol === "tg:" && url.searchParams.get("domain")?.toLowerCase() === username.toLowerCase();
  return telegram || scheme ? url.searchParams.get("start") ?? "" : null;
}
