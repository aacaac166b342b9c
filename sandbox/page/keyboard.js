/** Inline keyboards under messages and reply keyboards under the input. */
import { copy, el, icon } from "./dom.js";

const BADGES = { url: "link", web_app: "link", login_url: "link", copy_text: "copy" };

/** `press(button, node)` is called for a callback button, `open(url)` for a link, `say(text)` for a notice. */
export function inlineKeyboard(rows, actions) {
  return el("div", { class: "keyboard" }, rows.map((row) => el("div", { class: "row" },
    row.map((button) => inlineButton(button, actions)))));
}

function inlineButton(button, actions) {
  const badge = Object.keys(BADGES).find((kind) => kind in button);
  return el("button", {
    type: "button", class: button.style, disabled: "disabled" in button,
    onclick: (event) => activate(button, event.currentTarget, actions),
  }, button.text, badge && icon(BADGES[badge]));
}

async function activate(button, node, { press, open, say }) {
  if ("callback_data" in button) {
    press(button, node);
  } else if ("copy_text" in button) {
    await copy(button.copy_text.text);
    say(`Скопировано: ${button.copy_text.text}`);
  } else if ("url" in button || "web_app" in button || "login_url" in button) {
    open(button.url ?? (button.web_app ?? button.login_url).url);
  } else {
    say("Такие кнопки в песочнице не действуют");
  }
}

/** `press(button)` gets the pressed button of the reply keyboard. */
export function replyKeyboard(markup, press) {
  return el("div", { class: "reply-keyboard", role: "group", "aria-label": "Кнопки бота" },
    markup.keyboard.map((row) => el("div", { class: "row" }, row.map((button) => {
      const key = typeof button === "string" ? { text: button } : button;
      return el("button", { type: "button", class: key.style, onclick: () => press(key) }, key.text);
    }))));
}
