/** A message's text and its entities as DOM nodes. */
import { copy, el } from "./dom.js";
import { nameOf } from "./world.js";

const WRAPPERS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s",
  mention: "span", hashtag: "span", cashtag: "span", custom_emoji: "span", date_time: "span", text_mention: "span",
};
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const LONG_QUOTE = { lines: 3, characters: 180 };

/**
 * `open` gets the address of a pressed link, `send` a pressed command, `say` a short notice.
 * Offsets are UTF-16 units, exactly what JavaScript strings count.
 */
export function renderText(text, entities, { open, send, say }) {
  const tree = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return render(0, text.length, tree);

  function render(start, end, inside) {
    const nodes = [];
    let at = start;
    for (let index = 0; index < inside.length; ) {
      const entity = inside[index];
      const from = Math.max(entity.offset, at);
      const to = Math.min(entity.offset + entity.length, end);
      let next = index + 1;
      while (next < inside.length && inside[next].offset < to) next += 1;
      if (from < to) {
        if (from > at) nodes.push(text.slice(at, from));
        nodes.push(element(entity, text.slice(from, to), render(from, to, inside.slice(index + 1, next))));
        at = to;
        // A block begins and ends its own line, so the line break after it would show as an empty one.
        if (BLOCKS.has(entity.type) && text[at] === "\n" && at < end) at += 1;
      }
      index = next;
    }
    if (at < end) nodes.push(text.slice(at, end));
    return nodes;
  }

  function element(entity, part, children) {
    switch (entity.type) {
      case "spoiler": return spoiler(children);
      case "code": return copyable(part, children);
      case "pre": return el("pre", { "data-language": entity.language, tabindex: "0" }, children);
      case "blockquote": return el("blockquote", {}, children);
      case "expandable_blockquote": return expandable(part, children);
      case "url": return link(/^[a-z]+:/i.test(part) ? part : `https://${part}`, children);
      case "text_link": return link(entity.url, children);
      case "email": return link(`mailto:${part}`, children);
      case "phone_number": return link(`tel:${part}`, children);
      case "bot_command": return el("button", { type: "button", class: "command", onclick: () => send(part) }, children);
      default: return el(WRAPPERS[entity.type] ?? "span", { class: entity.type }, children);
    }
  }

  function link(address, children) {
    if (!/^(https?|mailto|tel|tg):/i.test(address)) return el("span", {}, children);
    return el("a", {
      href: address, target: "_blank", rel: "noopener noreferrer", title: address,
      onclick: (event) => open(address, event),
    }, children);
  }

  function copyable(part, children) {
    const copied = async () => { await copy(part); say(`Скопировано: ${part}`); };
    return el("code", {
      tabindex: "0", title: "Нажмите, чтобы скопировать", onclick: copied,
      onkeydown: (event) => event.key === "Enter" && copied(),
    }, children);
  }
}

function spoiler(children) {
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    node.classList.add("revealed");
  };
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", title: "Показать скрытое", onclick: reveal, onkeydown: reveal }, children);
  return node;
}

function expandable(part, children) {
  const long = part.split("\n").length > LONG_QUOTE.lines || part.length > LONG_QUOTE.characters;
  if (!long) return el("blockquote", {}, children);
  const quote = el("blockquote", { class: "folded" }, children);
  const toggle = el("button", { type: "button", class: "unfold", onclick: () => {
    toggle.textContent = quote.classList.toggle("folded") ? "Показать полностью" : "Свернуть";
  } }, "Показать полностью");
  quote.append(toggle);
  return quote;
}

const KINDS = {
  photo: "Фотография", voice: "Голосовое сообщение", audio: "Аудио", video: "Видео", video_note: "Видеосообщение",
  animation: "Анимация", location: "Геопозиция", venue: "Место", poll: "Опрос", dice: "Кубик",
};

/** What happened, when a message is a notice of the messenger itself. */
export function serviceText(message) {
  const who = nameOf(message.from);
  if (message.forum_topic_created) return `Тема «${message.forum_topic_created.name}» создана`;
  if (message.forum_topic_edited?.name) return `Тема переименована: «${message.forum_topic_edited.name}»`;
  if (message.forum_topic_edited) return "Значок темы изменён";
  if (message.forum_topic_closed) return `${who}: тема закрыта`;
  if (message.forum_topic_reopened) return `${who}: тема снова открыта`;
  if (message.pinned_message) return `${who} закрепляет сообщение`;
  if (message.new_chat_members) return `В группе: ${message.new_chat_members.map(nameOf).join(", ")}`;
  if (message.left_chat_member) return `${nameOf(message.left_chat_member)} покидает группу`;
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "Группа стала супергруппой";
  return null;
}

/** One line about a message, for the chat list and quotes. */
export function summary(message) {
  if (message.text) return message.text;
  if (message.document) return `📎 ${message.document.file_name ?? "Файл"}`;
  if (message.sticker) return `Стикер ${message.sticker.emoji ?? ""}`;
  if (message.contact) return `Контакт: ${nameOf(message.contact)}`;
  const kind = Object.keys(KINDS).find((name) => message[name]);
  return message.caption ?? KINDS[kind] ?? serviceText(message) ?? "Сообщение";
}
