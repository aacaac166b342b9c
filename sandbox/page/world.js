/** What the page knows of the sandbox: fetched once, then kept current by the event stream. */
import * as api from "./api.js";

const ACTION_SECONDS = 5; // Telegram shows a chat action for as long
const RECONNECT_SECONDS = 1;
const PREVIEWS = 40; // chats whose last message is fetched at the start

const GENERAL = 1; // the topic that every forum has; its messages name no thread

/** A private chat with the bot, or one topic of a staff group. */
class Chat {
  constructor(key, chatId, threadId) {
    this.key = key;
    this.chatId = chatId;
    this.threadId = threadId;
    this.isPrivate = chatId > 0;
    this.messages = new Map();
    this.loaded = false;
    this.replyKeyboard = null;
    this.unread = 0;
    this.action = null;
  }

  get last() {
    return [...this.messages.values()].at(-1);
  }
}

/**
 * Emits: `reset` (all is new), `ready` (and shown), `chats` (the list changed), `texts` (the bot's about itself), `link` (connection lost or found) and, with the
 * chat in detail, `message`, `edited`, `deleted`, `closed` (a deleted topic), `action`, `keyboard` and `reaction`.
 */
class World extends EventTarget {
  bot = {};
  people = new Map();
  groups = new Map();
  commands = [];
  descriptions = {};
  #chats = new Map();
  #viewers = new Map();
  #stream = null;
  #pressed = new Map();
  #earlyAnswers = new Map(); // an answer may overtake the reply to the press itself

  /** Loads everything and follows the events; after a lost connection starts again. */
  async connect() {
    try {
      const state = await api.state();
      this.bot = state.bot;
      this.commands = state.commands;
      this.descriptions = state.descriptions;
      this.people.clear();
      state.people.forEach((person) => this.#learn(person));
      this.groups = new Map(state.groups.map((group) => [group.id, group]));
      this.#chats.clear();
      await Promise.all(this.chats().slice(0, PREVIEWS).map((chat) => this.load(chat)));
      this.#follow(state.cursor);
    } catch {
      this.#reconnect();
      return;
    }
    this.#emit("link", { up: true });
    this.#emit("reset");
    this.#emit("ready");
  }

  #follow(cursor) {
    this.#stream = api.events(cursor);
    this.#stream.onmessage = ({ data }) => this.#apply(JSON.parse(data));
    this.#stream.onerror = () => this.#reconnect();
  }

  // The browser would resume from its cursor, but a restarted sandbox counts from the beginning.
  #reconnect() {
    this.#stream?.close();
    this.#emit("link", { up: false });
    setTimeout(() => this.connect(), RECONNECT_SECONDS * 1000);
  }

  /** A private chat by its id, or a topic of a group (General, when none is named). */
  chat(chatId, threadId) {
    const thread = chatId > 0 ? null : threadId ?? GENERAL;
    const key = thread ? `${chatId}-${thread}` : String(chatId);
    if (!this.#chats.has(key)) this.#chats.set(key, new Chat(key, chatId, thread));
    return this.#chats.get(key);
  }

  /** The chat behind a stored key, or nothing when the sandbox no longer has it. */
  find(key) {
    return this.chats().find((chat) => chat.key === key);
  }

  chats() {
    return [...this.customers(), ...this.staff()].map((person) => this.chat(person.id)).concat(
      [...this.groups.values()].flatMap((group) => this.topics(group)),
    );
  }

  topics(group) {
    return group.topics.map((topic) => this.chat(group.id, topic.thread_id));
  }

  topic(chat) {
    return this.groups.get(chat.chatId)?.topics.find((topic) => topic.thread_id === chat.threadId);
  }

  members(group) {
    return group.members.filter(({ status }) => !["left", "kicked"].includes(status)).map(({ id }) => this.people.get(id));
  }

  staff() {
    return [...new Set([...this.groups.values()].flatMap((group) => this.members(group)))];
  }

  customers() {
    const staff = new Set(this.staff());
    return [...this.people.values()].filter((person) => !staff.has(person));
  }

  isOrdinaryTopic(chat) {
    return !chat.isPrivate && chat.threadId !== GENERAL;
  }

  /** Who acts in a chat from this page: its customer, or the chosen member of the group. */
  viewer(chat) {
    if (chat.isPrivate) return this.people.get(chat.chatId);
    return this.people.get(this.#viewers.get(chat.chatId)) ?? this.members(this.groups.get(chat.chatId))[0];
  }

  setViewer(chat, personId) {
    this.#viewers.set(chat.chatId, personId);
    this.#emit("reset");
  }

  isOwn(chat, message) {
    return message.from?.id === this.viewer(chat)?.id;
  }

  title(chat) {
    if (chat.isPrivate) return nameOf(this.people.get(chat.chatId));
    return chat.threadId === GENERAL ? "Общая тема" : this.topic(chat)?.name ?? "Удалённая тема";
  }

  /** The bot's words about itself in the viewer's language, for an empty chat. */
  descriptionIn(chat) {
    return this.descriptions[this.viewer(chat)?.language_code] || this.descriptions[""] || "";
  }

  /** Commands as Telegram resolves them: the narrowest scope first, then the language. */
  commandsIn(chat) {
    const language = this.viewer(chat)?.language_code;
    const scopes = chat.isPrivate
      ? [{ type: "chat", chat_id: chat.chatId }, { type: "all_private_chats" }, { type: "default" }]
      : [
          { type: "chat_administrators", chat_id: chat.chatId }, { type: "chat", chat_id: chat.chatId },
          { type: "all_chat_administrators" }, { type: "all_group_chats" }, { type: "default" },
        ];
    for (const scope of scopes) {
      const sets = this.commands.filter(
        (set) => set.scope.type === scope.type && Number(set.scope.chat_id ?? 0) === (scope.chat_id ?? 0));
      const found = sets.find((set) => set.language_code === language) ?? sets.find((set) => !set.language_code);
      if (found?.commands.length) return found.commands;
    }
    return [];
  }

  async load(chat) {
    const view = await api.messages(chat);
    const shown = view.messages.filter((message) => !message.deleted);
    const newest = shown.at(-1)?.message_id ?? 0;
    const arrivedMeanwhile = [...chat.messages.values()].filter((message) => message.message_id > newest);
    chat.messages = new Map([...shown, ...arrivedMeanwhile].map((message) => [message.message_id, message]));
    chat.replyKeyboard = view.reply_keyboard;
    chat.loaded = true;
    return chat;
  }

  read(chat) {
    if (chat.unread === 0) return;
    chat.unread = 0;
    this.#emit("chats");
  }

  /** Presses a button and resolves to the bot's answer, or to null when it never came. */
  async press(chat, message, data) {
    const { callback_query_id: id } = await api.press(chat, this.viewer(chat).id, message.message_id, data);
    return new Promise((resolve) => {
      if (this.#earlyAnswers.has(id)) resolve(this.#earlyAnswers.get(id));
      else this.#pressed.set(id, resolve);
      this.#earlyAnswers.clear();
    });
  }

  addPerson(person) {
    this.#learn(person);
    this.#emit("chats");
  }

  #learn(person) {
    const number = this.people.get(person.id)?.number ?? this.people.size;
    this.people.set(person.id, { ...person, number });
  }

  #emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #apply(event) {
    this.#handlers[event.type]?.(event);
  }

  #handlers = {
    message: ({ chat_id, thread_id, message }) => {
      const chat = this.chat(chat_id, thread_id);
      if (chat.messages.has(message.message_id)) return; // loaded before its event was read
      chat.messages.set(message.message_id, message);
      if (message.from?.is_bot) this.#act(chat, null);
      if (!this.isOwn(chat, message)) chat.unread += 1;
      this.#emit("message", { chat, message });
      this.#emit("chats");
    },
    edited: ({ chat_id, message }) => {
      const chat = this.#holder(chat_id, message.message_id);
      if (!chat) return;
      chat.messages.set(message.message_id, { ...message, reaction: chat.messages.get(message.message_id)?.reaction });
      this.#emit("edited", { chat, message: chat.messages.get(message.message_id) });
      this.#emit("chats");
    },
    deleted: ({ chat_id, message_ids }) => {
      for (const id of message_ids) {
        const chat = this.#holder(chat_id, id);
        if (chat?.messages.delete(id)) this.#emit("deleted", { chat, messageId: id });
      }
      this.#emit("chats");
    },
    reaction: ({ chat_id, message_id, emoji }) => {
      const chat = this.#holder(chat_id, message_id);
      if (!chat) return;
      chat.messages.get(message_id).reaction = emoji;
      this.#emit("reaction", { chat, messageId: message_id, emoji });
    },
    reply_keyboard: ({ chat_id, markup }) => {
      const chat = this.chat(chat_id);
      chat.replyKeyboard = markup;
      this.#emit("keyboard", { chat });
    },
    reply_field: ({ chat_id, thread_id, message_id, user_ids, placeholder }) => {
      const chat = this.chat(chat_id, thread_id);
      const message = chat.messages.get(message_id);
      const meant = !user_ids || user_ids.includes(this.viewer(chat)?.id);
      if (message && meant) this.#emit("replyField", { chat, message, placeholder });
    },
    chat_action: ({ chat_id, thread_id, action }) => this.#act(this.chat(chat_id, thread_id), action),
    callback_answer: (answer) => this.#answer(answer.callback_query_id, answer),
    callback_expired: ({ callback_query_id }) => this.#answer(callback_query_id, null),
    commands: async () => {
      this.commands = (await api.state()).commands;
      this.#emit("chats");
    },
    texts: async () => {
      this.descriptions = (await api.state()).descriptions;
      this.#emit("texts");
    },
    person: ({ person }) => this.addPerson(person),
    blocked: ({ user_id, blocked }) => {
      this.people.get(user_id).blocked = blocked;
      this.#emit("keyboard", { chat: this.chat(user_id) });
      this.#emit("chats");
    },
    group: ({ group }) => {
      this.groups.set(group.id, group);
      this.#emit("chats");
    },
    topic: ({ chat_id, topic }) => {
      const group = this.groups.get(chat_id);
      const known = group.topics.find((one) => one.thread_id === topic.thread_id);
      if (known) Object.assign(known, topic);
      else group.topics.push(topic);
      this.#emit("chats");
    },
    topic_deleted: ({ chat_id, thread_id }) => {
      const group = this.groups.get(chat_id);
      group.topics = group.topics.filter((topic) => topic.thread_id !== thread_id);
      const chat = this.chat(chat_id, thread_id);
      this.#chats.delete(chat.key);
      this.#emit("closed", { chat });
      this.#emit("chats");
    },
  };

  #answer(id, answer) {
    if (!this.#pressed.has(id)) this.#earlyAnswers.set(id, answer);
    this.#pressed.get(id)?.(answer);
    this.#pressed.delete(id);
  }

  #holder(chatId, messageId) {
    return [...this.#chats.values()].find((chat) => chat.chatId === chatId && chat.messages.has(messageId));
  }

  #act(chat, action) {
    clearTimeout(chat.actionTimer);
    chat.action = action;
    if (action) chat.actionTimer = setTimeout(() => this.#act(chat, null), ACTION_SECONDS * 1000);
    this.#emit("action", { chat });
    this.#emit("chats");
  }
}

export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ");

export const world = new World();
