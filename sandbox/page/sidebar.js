/** The list of chats: customers, the staff group with its topics, staff members in private. */
import * as api from "./api.js";
import { ask } from "./dialogs.js";
import { arrange, clock, day, el, icon, iconButton } from "./dom.js";
import { ACTIONS, chatAvatar } from "./pane.js";
import { serviceText, summary } from "./text.js";
import { nameOf, world } from "./world.js";

const LANGUAGES = [["ru", "Русский"], ["en", "English"]];

export class Sidebar {
  // Kept from one rendering to the next, so that a press never loses its target: by title and by chat key.
  #sections = new Map();
  #rows = new Map();
  #openKeys = [];

  /** `layout`: {open(chat, {beside})}. */
  constructor(node, layout) {
    this.layout = layout;
    this.title = el("h1", {}, "Песочница");
    this.list = el("nav", { class: "chat-list", "data-testid": "chat-list", "aria-label": "Список чатов" });
    node.replaceChildren(
      el("header", { class: "sidebar-header" },
        el("div", { class: "titles" }, this.title, el("span", { class: "status" }, "Песочница: всё на этой машине"))),
      this.list,
      this.links = el("nav", { class: "links", "aria-label": "Другие страницы песочницы" }),
      el("button", { type: "button", class: "add-customer", onclick: () => this.#addCustomer() }, icon("plus"), "Добавить клиента"));
    world.addEventListener("chats", () => this.render());
    world.addEventListener("reset", () => { this.#sections.clear(); this.#rows.clear(); });
  }

  /** In sight, not in a menu: a newcomer looks there for an account number to type. */
  async showLinks() {
    const links = await api.links().catch(() => []);
    this.links.replaceChildren(...links.map(({ title, url }) =>
      el("a", { href: url, target: "_blank", rel: "noopener" }, icon("link"), el("span", {}, title))));
  }

  markOpen(keys) {
    this.#openKeys = keys;
    this.render();
  }

  render() {
    this.title.textContent = world.bot.first_name ?? "Песочница";
    const alone = (people) => people.map((person) => world.chat(person.id));
    const focused = document.activeElement;
    arrange(this.list, [
      this.#section("Клиенты", alone(world.customers())),
      ...[...world.groups.values()].map((group) => this.#section(group.title, world.topics(group), group)),
      ...(world.staff().length ? [this.#section("Сотрудники наедине с ботом", alone(world.staff()))] : []),
    ]);
    if (this.list.contains(focused)) focused.focus();
    const unread = world.chats().reduce((sum, chat) => sum + chat.unread, 0);
    document.title = `${unread ? `(${unread}) ` : ""}${world.bot.first_name ?? ""} · песочница`;
  }

  #section(title, chats, group) {
    if (!this.#sections.has(title)) this.#sections.set(title, this.#newSection(title, group));
    const section = this.#sections.get(title);
    const recent = chats.toSorted((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0));
    arrange(section.lastElementChild, recent.map((chat) => this.#row(chat)));
    return section;
  }

  #newSection(title, group) {
    return el("section", { "aria-label": title },
      el("h2", {}, el("span", {}, title), group && iconButton("plus", "Новая тема", () => this.#addTopic(group))),
      el("ul"));
  }

  #row(chat) {
    if (!this.#rows.has(chat.key)) this.#rows.set(chat.key, this.#newRow(chat.key));
    const row = this.#rows.get(chat.key);
    const open = this.#openKeys.includes(chat.key);
    const button = row.firstElementChild;
    button.setAttribute("aria-current", String(open));
    button.replaceChildren(
      chatAvatar(chat),
      el("span", { class: "row-title" }, world.title(chat)),
      el("time", {}, chat.last && when(chat.last.date)),
      el("span", { class: chat.action ? "row-preview acting" : "row-preview" }, preview(chat)),
      chat.unread ? el("span", { class: "unread", "aria-label": `непрочитанных: ${chat.unread}` }, String(chat.unread)) : "");
    row.lastElementChild.hidden = open;
    return row;
  }

  #newRow(key) {
    return el("li", { class: "chat-row" },
      el("button", { type: "button", class: "chat", "data-testid": `chat-${key}`, onclick: () => this.layout.open(world.find(key)) }),
      iconButton("columns", "Открыть рядом", () => this.layout.open(world.find(key), { beside: true }), { class: "icon-button beside" }));
  }

  async #addCustomer() {
    const answer = await ask({
      title: "Новый клиент", confirm: "Добавить",
      fields: [
        { name: "first_name", label: "Имя" },
        { name: "last_name", label: "Фамилия", required: false },
        { name: "language_code", label: "Язык Telegram", options: LANGUAGES },
      ],
    });
    if (!answer) return;
    const person = await api.addPerson({ ...answer, last_name: answer.last_name || undefined });
    world.addPerson(person);
    this.layout.open(world.chat(person.id));
  }

  async #addTopic(group) {
    const answer = await ask({ title: "Новая тема", confirm: "Создать", fields: [{ name: "name", label: "Название" }] });
    if (answer) await api.openTopic(group, world.viewer(world.chat(group.id)).id, answer.name);
  }
}

function when(seconds) {
  return day(seconds) === day(Date.now() / 1000) ? clock(seconds) : day(seconds);
}

function preview(chat) {
  if (chat.action) return `бот ${ACTIONS[chat.action] ?? "занят…"}`;
  if (chat.isPrivate && world.viewer(chat).blocked) return "Бот остановлен";
  const { last } = chat;
  if (!last) return chat.isPrivate ? "Ещё не начинал" : "Пусто";
  if (serviceText(last)) return serviceText(last);
  const author = world.isOwn(chat, last) ? "Вы: " : chat.isPrivate ? "" : `${nameOf(last.from)}: `;
  return author + summary(last);
}
