/** Puts the page together: which chats are open, and where. */
import * as api from "./api.js";
import { Pane } from "./pane.js";
import { Sidebar } from "./sidebar.js";
import { world } from "./world.js";

const OPEN_CHATS = "sandbox-open-chats";
const IN_CHAT = "in-chat"; // history state on a phone while a conversation covers the list
const SAMPLE_CUSTOMER = { first_name: "Мария", last_name: "Соколова", language_code: "ru" };
const TWO_PANES = matchMedia("(min-width: 1000px)");
const PHONE = matchMedia("(max-width: 700px)");
const WITH_MOUSE = matchMedia("(pointer: fine)");

const layout = { open, close, back, start };
const sidebar = new Sidebar(document.getElementById("sidebar"), layout);
const place = document.getElementById("panes");
let panes = [];
let active = null;

function open(chat, { beside = false } = {}) {
  let pane = panes.find((one) => one.chat === chat);
  if (!pane) {
    pane = new Pane(chat, layout);
    pane.node.addEventListener("focusin", () => activate(pane));
    if (beside && TWO_PANES.matches && active) {
      panes.filter((one) => one !== active).forEach(remove);
      place.append(pane.node);
    } else if (active) {
      active.node.replaceWith(pane.node);
      remove(active);
    } else {
      place.append(pane.node);
    }
    panes.push(pane);
  }
  document.body.classList.add("in-chat");
  if (PHONE.matches && history.state !== IN_CHAT) history.pushState(IN_CHAT, ""); // for the phone's own «back»
  activate(pane);
  pane.scrollDown();
  if (WITH_MOUSE.matches) pane.composer.focus();
  return pane;
}

function close(pane) {
  remove(pane);
  if (active === pane) active = null;
  if (panes.length) activate(panes[0]);
  else back();
  remember();
}

function remove(pane) {
  panes = panes.filter((one) => one !== pane);
  pane.close();
}

function back() {
  if (history.state === IN_CHAT) history.back();
  else showList();
}

function showList() {
  document.body.classList.remove("in-chat");
  sidebar.list.querySelector("[aria-current=true]")?.focus();
}

function activate(pane) {
  active = pane;
  for (const one of panes) one.node.classList.toggle("active", one === pane);
  place.classList.toggle("two", panes.length > 1);
  pane.markRead();
  remember();
}

function remember() {
  const keys = panes.map((pane) => pane.chat.key);
  sidebar.markOpen(keys);
  localStorage.setItem(OPEN_CHATS, JSON.stringify(keys));
}

function start(person, payload) {
  const pane = open(world.chat(person.id));
  pane.composer.send(payload ? `/start ${payload}` : "/start");
}

/** `#start=payload` in the address is a t.me link to the bot, opened by the customer in view. */
function followHash() {
  const payload = new URLSearchParams(location.hash.slice(1)).get("start");
  if (payload === null) return;
  history.replaceState(history.state, "", location.pathname);
  start(active?.chat.isPrivate ? world.viewer(active.chat) : world.customers()[0], payload);
}

async function begin() {
  if (world.customers().length === 0) world.addPerson(await api.addPerson(SAMPLE_CUSTOMER));
  const stored = JSON.parse(localStorage.getItem(OPEN_CHATS) ?? "[]").map((key) => world.find(key)).filter(Boolean);
  const [first = world.chat(world.customers()[0].id), second] = stored;
  open(first);
  if (second) open(second, { beside: true });
  followHash();
}

world.addEventListener("link", ({ detail }) => { document.getElementById("offline").hidden = detail.up; });
world.addEventListener("ready", () => (panes.length === 0 ? begin() : sidebar.render()));
addEventListener("hashchange", followHash);
addEventListener("popstate", () => history.state !== IN_CHAT && showList());
document.addEventListener("visibilitychange", () => panes.forEach((pane) => pane.markRead()));
sidebar.showLinks();
world.connect();
