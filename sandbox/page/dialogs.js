/** What appears over the conversation: notices, alerts, forms, menus, the photo viewer. */
import { el, icon } from "./dom.js";

const TOAST_SECONDS = 4;

/** A short notice over one conversation; a newer one takes its place. */
export function toast(place, text) {
  place.querySelector(".toast")?.remove();
  const notice = el("div", { class: "toast", role: "status", "data-testid": "toast" }, text);
  place.append(notice);
  setTimeout(() => notice.remove(), TOAST_SECONDS * 1000);
}

function showDialog(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export function alertBox(title, text) {
  showDialog(el("dialog", { class: "dialog", role: "alertdialog", "aria-label": title, "data-testid": "alert" },
    el("h2", {}, title), el("p", {}, text),
    el("form", { method: "dialog", class: "dialog-buttons" }, el("button", { class: "filled", autofocus: true }, "ОК"))));
}

/**
 * A form in a dialog; resolves to its values by field name, or to null when given up.
 * A field: {name, label, value?, type?, options?: [[value, label]…], required?}.
 */
export function ask({ title, text, fields = [], extra, confirm, danger }) {
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" },
      el("h2", {}, title), text && el("p", {}, text), extra, fields.map(fieldRow),
      el("div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "flat", onclick: () => dialog.close() }, "Отмена"),
        el("button", { class: danger ? "filled danger" : "filled", value: "yes" }, confirm)));
    const dialog = el("dialog", { class: "dialog", "aria-label": title }, form);
    dialog.addEventListener("close", () =>
      resolve(dialog.returnValue === "yes" ? Object.fromEntries(new FormData(form)) : null));
    showDialog(dialog);
  });
}

function fieldRow({ name, label, value = "", type = "text", options, required = true }) {
  const input = options
    ? el("select", { name }, options.map(([key, words]) => el("option", { value: key, selected: key === value }, words)))
    : el("input", { name, type, value, required, step: type === "number" ? "any" : null, autocomplete: "off" });
  return el("label", { class: "field" }, el("span", {}, label), input);
}

export function viewPhoto(url, description) {
  const dialog = el("dialog", { class: "viewer", "aria-label": description, onclick: () => dialog.close() },
    el("button", { type: "button", class: "icon-button", "aria-label": "Закрыть" }, icon("close")),
    el("img", { src: url, alt: description }));
  showDialog(dialog);
}

/** Opens a list of actions beside a button; items: {text, hint?, icon?, danger?, action}. */
export function openMenu(anchor, label, items) {
  if (anchor.getAttribute("aria-expanded") === "true") return;
  const pick = (item) => { menu.hidePopover(); item.action(); };
  const menu = el("div", { class: "menu", popover: "auto", role: "group", "aria-label": label },
    items.map((item) => el("button", { type: "button", class: item.danger ? "danger" : null, onclick: () => pick(item) },
      item.icon && icon(item.icon), el("span", {}, item.text), item.hint && el("small", {}, item.hint))));
  menu.addEventListener("keydown", moveFocus);
  menu.addEventListener("toggle", ({ newState }) => {
    anchor.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") menu.remove();
  });
  document.body.append(menu);
  menu.showPopover({ source: anchor });
  placeBeside(menu, anchor.getBoundingClientRect());
  menu.querySelector("button")?.focus();
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const index = buttons.indexOf(document.activeElement) + step;
  buttons.at(index % buttons.length).focus();
}

function placeBeside(menu, { left, right, top, bottom }) {
  const margin = 8;
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = bottom + height + margin < innerHeight;
  const start = left + width + margin < innerWidth ? left : right - width;
  menu.style.left = `${Math.max(margin, start)}px`;
  menu.style.top = `${Math.max(margin, below ? bottom + 4 : top - height - 4)}px`;
}
