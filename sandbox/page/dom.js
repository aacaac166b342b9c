/** Building blocks of the page. */

/**
 * An element with attributes, `on…` listeners and children. Strings always become text nodes:
 * nothing that a person or a bot wrote is ever parsed as HTML.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** Puts children in this order; when they are so already nothing moves, for moving drops focus and presses. */
export function arrange(parent, children) {
  const same = children.length === parent.children.length && children.every((child, index) => child === parent.children[index]);
  if (!same) parent.replaceChildren(...children);
}

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  attach: "M20 11.5 12.4 19a5 5 0 0 1-7-7.1l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.6 1.6 0 0 1-2.3-2.3l7.2-7.2",
  back: "M19 12H5m7-7-7 7 7 7",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  chat: "M4 5h16v11H9l-5 4z",
  check: "m2.5 12.5 4.5 4.5 9-10m-4 9 1.5 1.5 8-10.5",
  close: "m6 6 12 12M18 6 6 18",
  columns: "M4 5h16v14H4zM12 5v14",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  document: "M6 3h8l5 5v13H6zM14 3v5h5",
  down: "m6 9 6 6 6-6",
  edit: "m4 20 1-4L16 5l3 3L8 19zM14 7l3 3",
  keyboard: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8",
  link: "M8 16 17 7M10 7h7v7",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  menu: "M4 7h16M4 12h16M4 17h16",
  microphone: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20c1-4 4-5 7.5-5s6.5 1 7.5 5",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  pin: "M12 21s-7-6.5-7-11.5a7 7 0 0 1 14 0C19 14.5 12 21 12 21zM12 7.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6 4 12l6 6v-4c5 0 8 1.5 10 4-.5-5-3.5-8-10-8z",
  send: "M4 4.5 21 12 4 19.5 6 12zM6 12h8",
  sticker: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8.5 14.5c2 2.5 5 2.5 7 0M9 9.5h.01M15 9.5h.01",
  stop: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM6 6l12 12",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
};

/** A line icon; it says nothing to screen readers, its button carries the label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, attributes = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

const AVATAR_COLOURS = ["#c8503c", "#7b61c9", "#3d8b37", "#b8651b", "#2a7f9e", "#b9487f"];
const BOT_COLOUR = "#2a6fc0";

/** People get colours in the order they came, so the first few never share one; without a number it is the bot's. */
export function colour(number) {
  return number === undefined ? BOT_COLOUR : AVATAR_COLOURS[number % AVATAR_COLOURS.length];
}

export function avatar(title, background) {
  const words = title.match(/[\p{L}\p{N}#]+/gu) ?? [];
  const initials = words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  const node = el("span", { class: "avatar", "aria-hidden": "true" }, initials);
  node.style.backgroundColor = background;
  return node;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" });
}

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString("ru-RU", { day: "numeric", month: "long" });
}

export function fileSize(bytes = 0) {
  if (bytes < 1024) return `${bytes} Б`;
  const [size, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "КБ"] : [bytes / 1024 ** 2, "МБ"];
  return `${size.toLocaleString("ru-RU", { maximumFractionDigits: 1 })} ${unit}`;
}

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Over plain HTTP from another machine browsers offer only the old way.
  const area = el("textarea", {}, text);
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
