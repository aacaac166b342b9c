/** One message as a bubble. */
import { fileUrl } from "./api.js";
import { clock, colour, el, fileSize, icon, iconButton } from "./dom.js";
import { viewPhoto } from "./dialogs.js";
import { inlineKeyboard } from "./keyboard.js";
import { renderText, serviceText, summary } from "./text.js";
import { nameOf, world } from "./world.js";

const PHOTO = { width: 460, height: 360 };

/**
 * `own`: written by the person this conversation is shown for; `named`: show who wrote it;
 * `actions`: {open, send, say, press(message, button, node), menu(message, anchor), goTo(messageId)}.
 */
export function renderMessage(message, { own, named, actions }) {
  const service = serviceText(message);
  if (service) return frame(message, "service", el("span", { class: "pill" }, service));
  const keyboard = message.reply_markup?.inline_keyboard;
  const node = frame(message, own ? "out" : "in",
    el("div", { class: "bubble" },
      named && !own && author(message.from),
      message.forward_origin && el("div", { class: "forwarded" }, `Переслано от: ${originOf(message.forward_origin)}`),
      quotedMessage(message, actions),
      content(message),
      words(message, actions),
      meta(message, own),
      iconButton("more", "Действия с сообщением", (event) => actions.menu(message, event.currentTarget), { class: "icon-button tools" })),
    el("span", { class: "reaction", hidden: !message.reaction }, message.reaction ?? ""),
    keyboard && inlineKeyboard(keyboard, { ...actions, press: (button, pressed) => actions.press(message, button, pressed) }));
  node.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, img") || getSelection().toString()) return; // the browser's own menu serves these
    event.preventDefault();
    actions.menu(message, node.querySelector(".tools"));
  });
  return node;
}

export function showReaction(node, emoji) {
  const chip = node.querySelector(".reaction");
  chip.textContent = emoji ?? "";
  chip.hidden = !emoji;
}

function frame(message, side, ...children) {
  return el("article", { class: `message ${side}`, "data-testid": `message-${message.message_id}`, tabindex: "-1" }, children);
}

function author(user) {
  const node = el("div", { class: "author" }, nameOf(user));
  node.style.setProperty("--author", colour(world.people.get(user.id)?.number));
  return node;
}

function originOf(origin) {
  return nameOf(origin.sender_user) || origin.sender_user_name || origin.chat?.title || origin.sender_chat?.title || "кого-то";
}

function quotedMessage(message, actions) {
  const quoted = message.reply_to_message;
  if (!quoted || quoted.forum_topic_created) return null;
  return el("button", { type: "button", class: "quoted", onclick: () => actions.goTo(quoted.message_id) },
    el("b", {}, nameOf(quoted.from)), el("span", {}, summary(quoted)));
}

function words(message, actions) {
  const text = message.text ?? message.caption;
  if (!text) return null;
  return el("div", { class: "text" }, renderText(text, message.entities ?? message.caption_entities ?? [], actions));
}

function meta(message, own) {
  return el("span", { class: "meta" },
    message.edit_date && "изменено ",
    el("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date)),
    own && icon("check"));
}

function content(message) {
  if (message.photo) return photo(message);
  if (message.animation) return video(message.animation, { autoplay: true, muted: true, loop: true });
  if (message.document) return documentLink(message.document);
  if (message.voice) return el("audio", { controls: true, preload: "metadata", src: fileUrl(message.voice.file_id), "aria-label": "Голосовое сообщение" });
  if (message.audio) return el("audio", { controls: true, preload: "metadata", src: fileUrl(message.audio.file_id), "aria-label": message.audio.title ?? "Аудио" });
  if (message.video) return video(message.video);
  if (message.video_note) return video(message.video_note);
  if (message.sticker) return el("img", { class: "sticker", src: fileUrl(message.sticker.file_id), alt: `Стикер ${message.sticker.emoji ?? ""}` });
  if (message.contact) return card("person", nameOf(message.contact), message.contact.phone_number);
  if (message.venue) return card("pin", message.venue.title, message.venue.address);
  if (message.location) return card("pin", "Геопозиция", `${message.location.latitude}, ${message.location.longitude}`);
  if (message.text) return null;
  return el("em", {}, "Песочница не умеет показывать такие сообщения");
}

function photo(message) {
  const size = message.photo.at(-1);
  const url = fileUrl(size.file_id);
  const description = message.caption ? `Фотография: ${message.caption}` : "Фотография";
  const image = el("img", { src: url, alt: description });
  // Its place is kept while it loads, so that the conversation does not jump.
  image.style.width = `${Math.round(size.width * Math.min(1, PHOTO.width / size.width, PHOTO.height / size.height))}px`;
  image.style.aspectRatio = `${size.width} / ${size.height}`;
  const covered = message.has_media_spoiler ? "photo covered" : "photo";
  return el("button", { type: "button", class: covered, "aria-label": "Открыть фотографию", onclick: ({ currentTarget }) => {
    if (currentTarget.classList.contains("covered")) currentTarget.classList.remove("covered");
    else viewPhoto(url, description);
  } }, image);
}

function video(file, options = {}) {
  return el("video", { controls: true, preload: "metadata", playsinline: true, src: fileUrl(file.file_id), ...options });
}

function documentLink(file) {
  const name = file.file_name ?? "Файл";
  const extension = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "";
  return el("a", { class: "document", href: fileUrl(file.file_id), target: "_blank", rel: "noopener", title: name },
    el("span", { class: "file-icon", "aria-hidden": "true" }, extension || icon("document")),
    el("span", { class: "file-name" }, el("b", {}, name), el("small", {}, fileSize(file.file_size))));
}

function card(iconName, title, detail) {
  return el("div", { class: "document" },
    el("span", { class: "file-icon" }, icon(iconName)),
    el("span", { class: "file-name" }, el("b", {}, title), el("small", {}, detail)));
}
