// On every page of an inspector: opens the vault, keeps the day, sends what waits, and says plainly
// what is on this phone only.
import { askToLogIn, logIn } from "../relogin.js";
import { forgetDay, keepDay } from "./day.js";
import { forget, hold, key, start, without } from "./keyring.js";
import { REFUSED, WAITING, send, unsent } from "./outbox.js";
import { all, makeKey, one, openKey, usable } from "./vault.js";

const EVERY = 20_000; // milliseconds between two tries to send
const IDLE = 30 * 60_000; // an untouched phone locks itself, as the session ends

const box = document.getElementById("phone");
const owner = box.dataset.owner;
const part = (name) => box.querySelector(`[data-${name}]`);
let sending = false;
let again = false;
let touched = Date.now();

export { owner };

async function state() {
  const answer = await fetch("/visits/device/day", { headers: { "HX-Request": "true" } });
  if (answer.status === 401) {
    askToLogIn(sync);
    return null;
  }
  if (!answer.ok) throw new Error(answer.status);
  const day = await answer.json();
  document.querySelector("meta[name=csrf-token]").content = day.token;
  return day;
}

// Sends what waits, then keeps the pages as they are now. Without a network nothing happens.
async function sync() {
  if (!key()) return show();
  again ||= sending; // the network may have come back while a try without it was under way
  if (sending) return;
  sending = true;
  let received = 0;
  try {
    const day = await state();
    if (day) {
      received = await send(key(), owner, day.token);
      if (document.querySelector("[data-day]")) await keepDay(key(), owner, day.pages);
    }
  } catch { /* no network, or the server is away: the next try comes by itself */ }
  sending = false;
  await show();
  if (received && document.querySelector("[data-day]")) location.reload();
  else if (again) {
    again = false;
    await sync();
  }
}

const filled = (words, numbers) => Object.entries(numbers)
  .reduce((text, [name, number]) => text.replace(`{${name}}`, number), words);

function lines(name, records, words) {
  part(name).hidden = records.length === 0;
  part(name).querySelector("ul").replaceChildren(...records.map((record) => {
    const line = document.createElement("li");
    const link = record.path ? Object.assign(document.createElement("a"), { href: record.path }) : line;
    link.textContent = words(record);
    if (link !== line) line.append(link);
    return line;
  }));
}

// A task that is saved here is not to be done any more: it stands apart until it was received.
const homes = new Map();
function mark(waiting) {
  const saved = document.querySelector("[data-saved]");
  if (!saved) return;
  document.querySelectorAll("[data-undone]").forEach((task) => {
    const waits = waiting.some(({ path }) => path === task.getAttribute("href"));
    task.querySelector("[data-on-phone]").hidden = !waits;
    if (waits && !homes.has(task)) {
      homes.set(task, document.createComment(""));
      task.replaceWith(homes.get(task));
      saved.append(task);
    } else if (!waits && homes.has(task)) {
      homes.get(task).replaceWith(task);
      homes.delete(task);
    }
  });
  saved.hidden = homes.size === 0;
  count(homes.size);
  lead(document.querySelector("[data-next]"), document.querySelector("[data-todo] [data-undone]"));
}

// What the server counted is right until something is saved here.
function count(saved) {
  const more = document.querySelector("[data-unreceived]");
  more.hidden = saved === 0;
  more.textContent = filled(more.dataset.words, { number: saved });
  document.querySelectorAll("[data-left]").forEach((line) => {
    line.dataset.counted ??= line.textContent;
    const left = document.querySelectorAll(`[data-todo] [data-undone][data-place="${line.dataset.place}"]`).length;
    line.textContent = saved ? filled(line.dataset.words, { number: left }) : line.dataset.counted;
  });
}

function lead(next, task) {
  if (!next) return;
  next.hidden = !task;
  if (task) Object.assign(next, { href: task.href, textContent: next.dataset.words.replace("{place}", task.dataset.place) });
}

async function show() {
  const records = usable() ? await unsent(owner) : [];
  const waiting = records.filter((record) => record.state === WAITING);
  const photos = waiting.reduce((sum, record) => sum + record.photos, 0);
  part("offline").hidden = navigator.onLine;
  document.querySelectorAll("form[action^='/language/'] button").forEach((button) => { button.disabled = !navigator.onLine; });
  part("waiting").hidden = waiting.length === 0;
  const line = part("words");
  line.textContent = filled(line.dataset.words, { findings: waiting.length, photos });
  lines("refused", records.filter((record) => record.state === REFUSED), ({ words }) => words);
  const receipts = usable() ? await all("receipts") : [];
  lines("receipts", receipts.filter((receipt) => receipt.owner === owner && receipt.state === "kept"), ({ words }) => words);
  mark(waiting);
  await showKept();
}

async function showKept() {
  const line = document.querySelector("[data-kept]");
  if (!line || !usable()) return;
  const tasks = (await all("pages")).filter((page) => page.owner === owner && page.path !== "/visits/today");
  line.hidden = tasks.length === 0;
  line.textContent = filled(line.dataset.kept, { tasks: tasks.length });
}

// The panel that asks for the password: to open the vault, or, with a network, to make it.
async function ask() {
  const known = await one("keys", owner);
  const panel = part("vault");
  panel.hidden = false;
  panel.querySelector("[data-make]").hidden = Boolean(known);
  panel.querySelector("[data-open]").hidden = !known;
  panel.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    unlock(event.target, Boolean(known));
  }, { capture: true });
}

async function unlock(form, known) {
  const password = form.elements.password.value;
  const refused = form.querySelector("[data-wrong]");
  const button = form.querySelector("button");
  button.disabled = true;
  // A new vault is wrapped only by a password that the server took, or a slip would lock it for good.
  const taken = known || await logIn(form).catch(() => false);
  const opened = taken && (known ? await openKey(owner, password) : await makeKey(owner, password));
  button.disabled = false;
  refused.hidden = Boolean(opened);
  if (!opened) return;
  await hold(opened);
  form.reset();
  part("vault").hidden = true;
  if (document.querySelector("[data-locked]")) location.replace(location.pathname === "/visits/device/locked" ? "/visits/today" : location.href);
  document.dispatchEvent(new Event("unlocked"));
  await sync();
}

// Leaving warns while something is on this phone only; what waits stays, sealed, for the same person.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-log-out]");
  if (!form || form.dataset.sure !== undefined) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  leave(form);
}, { capture: true });

async function leave(form) {
  const number = usable() ? (await unsent(owner)).length : 0;
  if (number && form.dataset.warned === undefined) {
    form.dataset.warned = "";
    const dialog = document.getElementById("dialog");
    dialog.querySelector("[data-dialog-body]").replaceChildren(document.getElementById("leaving").content.cloneNode(true));
    dialog.querySelector("[data-number]").textContent = filled(dialog.querySelector("[data-number]").textContent, { findings: number });
    dialog.querySelector("[data-leave]").addEventListener("click", () => leave(form));
    dialog.addEventListener("hidden.bs.modal", () => { delete form.dataset.warned; }, { once: true });
    window.bootstrap.Modal.getOrCreateInstance(dialog).show();
    return;
  }
  if (usable()) await Promise.allSettled([forgetDay(), forget()]);
  form.dataset.sure = "";
  form.requestSubmit();
}

async function lockIfIdle() {
  if (!key() || Date.now() - touched < IDLE) return;
  await forget();
  location.reload();
}

async function begin() {
  addEventListener("offline", show);
  await show();
  if (!usable()) {
    part("insecure").hidden = false;
    without();
    return;
  }
  await start().finally(without);
  if (key()) document.dispatchEvent(new Event("unlocked"));
  else await ask();
  await show();
  addEventListener("online", sync);
  ["pointerdown", "keydown"].forEach((name) => addEventListener(name, () => { touched = Date.now(); }));
  setInterval(lockIfIdle, 60_000);
  setInterval(sync, EVERY);
  await sync();
}

begin();
