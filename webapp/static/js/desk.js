import "./early.js"; // before anything else hears a key
import "./lease.js";
import { composing } from "./keys.js";
import { goOnIfLost, refuse, refuseWith } from "./held.js";

// The operator's call. One zone is live at a time; refusals show on the page, so typed words stay.
const zones = [...document.querySelectorAll("[data-zone]")].map((zone) => zone.dataset.zone);
const zone = (name) => document.querySelector(`[data-zone="${name}"]`);
const byId = (id) => document.getElementById(id);

function go(name) {
  zones.forEach((other) => {
    const live = other === name;
    zone(other).classList.toggle("is-live", live);
    zone(other).querySelectorAll(".k").forEach((key) => key.classList.toggle("k-live", live));
  });
  if (name === "appointment") (pressedSlot() ?? openSlots()[0])?.focus();
  else if (name === "question") byId("q")?.focus();
  else zone(name).querySelector("button")?.focus();
}

// F4, F6, F9 lead to a zone or a field; Esc leads back to the question.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go], [data-focus-on]");
  if (button?.dataset.go) go(button.dataset.go);
  if (button?.dataset.focusOn) byId(button.dataset.focusOn).focus();
});
document.addEventListener("keydown", (event) => {
  if (composing(event) || document.querySelector(".modal.show")) return;
  if (event.key === "Escape") {
    byId("by-hand").hidden = true;
    doubted = null;
    say();
    go("question");
  }
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && zone("dispositions").classList.contains("is-live")) {
    event.preventDefault();
    byId("rest").open = true;
    byId("find-disposition").focus();
  }
  if (event.key === "ArrowLeft" && !typing && !event.target.closest("[data-zone=appointment]")) {
    document.querySelector('[data-key="Backspace"]')?.click();
  }
});

// Before a call there are no answers. Whoever dialled on another telephone is asked about it once.
const onTheLine = () => document.querySelector("[data-dialled]") || byId("outcome").elements.by_hand;
document.addEventListener("click", (event) => {
  const button = event.target.closest(".ans button");
  if (!button || onTheLine()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  askByHand(button);
}, true);

// Several answers: a key ticks, Enter sends what is ticked.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (!button) return;
  event.preventDefault();
  byId("refusal").hidden = true;
  const ticked = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(ticked));
  const form = button.form;
  form.querySelectorAll("[name=chosen]").forEach((field) => field.remove());
  form.querySelectorAll("[aria-pressed=true]").forEach((pressed) => {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "chosen" });
    field.value = pressed.value;
    form.append(field);
  });
}, true);

// An answer with words to write down asks for them first; Enter there gives the answer.
let asked = null;
function givesWords(button) {
  if (button?.dataset.next !== undefined) return button.form.querySelector("[data-record][aria-pressed=true]");
  return button?.dataset.record !== undefined && button.dataset.toggle === undefined;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-record], [data-next]");
  const words = byId("words");
  const anew = asked && button?.matches("[data-anytime]"); // not the answer that stood before
  if (!words || (!anew && (words.value.trim() || !givesWords(button)))) return;
  event.preventDefault();
  event.stopPropagation();
  if (anew) return asked.click();
  asked = button;
  const keep = button.form.querySelector("[data-anew]");
  if (keep) {
    button.form.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    keep.firstElementChild.textContent = keep.dataset.anew;
  }
  say("words");
  words.focus();
}, true);

// What a disposition asks for is asked here before anything is sent; the server asks again.
let waiting = null;
// Dialling and hanging up draw the bar anew, so the button is looked up when it is pressed.
const pressWaiting = () => {
  const again = waiting.isConnected
    ? waiting
    : document.querySelector(`button[form=outcome][name="${waiting.name}"][value="${waiting.value}"]`);
  again?.click();
};
let doubted = null; // a disposition that is asked about before it is believed
let against = null; // what the answers say against it
// The page knows which dispositions do not go with the answers given so far, and why.
const spokenAgainst = (button) => (zone("question").dataset.doubts.split(" ")
  .find((one) => one.startsWith(`${button.value}:`)) ?? "").split(":")[1];
function missing(button) {
  const asks = (button.dataset.asks ?? "").split(" ");
  if (asks.includes("call") && !onTheLine()) return "by-hand";
  if (doubted !== button.value && spokenAgainst(button)) return "doubt";
  if (asks.includes("dead") && doubted !== button.value) return "dead";
  if (asks.includes("window") && !(timeSaid(button) && byId("day").value && byId("from").value)) return "appointment";
  if (asks.includes("number") && !byId("new-number").value) return "new-number";
  if (asks.includes("note") && !byId("note").value.trim()) return "note";
  return null;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[form=outcome]");
  const place = button && missing(button);
  if (button) byId("outcome").elements.confirmed.value = doubted === button.value && against ? "1" : "";
  if (!place) return;
  event.preventDefault();
  event.stopPropagation();
  if (place === "by-hand") return askByHand(button);
  waiting = button;
  byId("by-hand").hidden = true;
  if (place === "doubt" || place === "dead") {
    doubted = button.value;
    against = spokenAgainst(button);
    return say(against ?? place, button.title);
  }
  if (place === "appointment") return askForTime(button.title);
  say({ "new-number": "number", note: "note" }[place], button.title);
  if (place === "new-number") byId("rest").open = true;
  byId(place).focus();
  byId(place).classList.add("is-invalid");
}, true);
// A case that was dialled is handed back only when asked twice: the call is then one that broke off.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hand-back]");
  if (!button || doubted === "leave" || !document.querySelector("[data-dialled]")) return;
  event.preventDefault();
  event.stopPropagation();
  doubted = "leave";
  say("leave");
}, true);
function askByHand(button) {
  waiting = button;
  byId("by-hand").hidden = false;
  byId("by-hand").querySelector("button").focus();
}
// What is asked for is said in words, beside the field that is waited for; nothing else is said then.
function say(what, disposition) {
  byId("asks").textContent = [disposition, byId("asks").dataset[what]].filter(Boolean).join(" — ");
  byId("asks").dataset.asked = what ?? "";
  byId("asks").hidden = !what;
  byId("refusal").hidden = true;
  document.querySelectorAll(".is-invalid").forEach((field) => field.classList.remove("is-invalid"));
  if (!what) waiting = null;
}
// The server keeps that a call was dialled by hand, and since when; then what waited is pressed.
let afterDialling = null;
byId("by-hand").querySelector("button").addEventListener("click", () => {
  byId("by-hand").hidden = true;
  afterDialling = waiting;
  document.querySelector("[data-by-hand]").click();
});
// What waited when the hold was lost is sent all the same: the supervisor decides about it.
function reportLate() {
  if (!afterDialling) return;
  waiting = afterDialling;
  afterDialling = null;
  byId("outcome").append(Object.assign(document.createElement("input"), { type: "hidden", name: "by_hand", value: "1" }));
  pressWaiting();
}
document.addEventListener("htmx:afterSettle", () => {
  if (!afterDialling || !onTheLine()) return;
  waiting = afterDialling;
  afterDialling = null;
  pressWaiting();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || composing(event)) return;
  const field = event.target;
  if (field.matches("#words, #note, #new-number, #find-disposition, #day, #from, #to")) event.preventDefault();
  if (field.id === "words") {
    field.blur(); // or the next question's field would have the focus, and its keys be typed there
    (asked ?? document.querySelector("[data-next]"))?.click();
  }
  const askedFor = { note: "note", number: "new-number" }[byId("asks").dataset.asked];
  if (waiting && field.id === askedFor) pressWaiting();
  else if (field.id === "note") go("question");
  if (field.id === "day") byId("from").select();
  else if (field.matches("#from, #to")) {
    settled = true;
    agreeButton().click();
  }
  if (field.id === "find-disposition" && found().length === 1) found()[0].click();
});
document.addEventListener("input", (event) => event.target.classList.remove("is-invalid"));

// Every disposition by code or word; those with a key only when they are looked for. Enter takes
// the only one that is left; among several the arrow keys choose.
const found = () => [...document.querySelectorAll("#others li:not([hidden]) button")];
byId("find-disposition").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  document.querySelectorAll("#others li").forEach((line) => {
    line.hidden = wanted ? !line.textContent.toLowerCase().includes(wanted) : "keyed" in line.dataset;
  });
  byId("none-found").hidden = found().length > 0;
});
byId("rest").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || composing(event) || !event.target.matches("#find-disposition, #others button")) return;
  event.preventDefault();
  const place = found().indexOf(event.target) + step;
  (place < 0 ? byId("find-disposition") : found()[place])?.focus();
});

// The grid of times: up and down move along a day, left and right along a part of the day, both
// past what is closed. Enter chooses and leads to the time, which may be typed, as 1530; whatever is
// typed is a day that the grid does not have. Half an hour unless somebody says otherwise.
const openSlots = () => [...document.querySelectorAll(".slots button:not(:disabled)")];
const pressedSlot = () => document.querySelector(".slots button[aria-pressed=true]");
const later = (clock) => {
  const [hours, minutes] = clock.split(":").map(Number);
  const end = hours * 60 + minutes + 30;
  return [Math.floor(end / 60), end % 60].map((part) => String(part).padStart(2, "0")).join(":");
};
// Who named the time is known if a disposition waits for it; else it is the person, as is usual.
const agreeButton = () => (waiting?.isConnected && waiting.dataset.asks?.includes("window")
  ? waiting : document.querySelector("[data-agree]"));
document.addEventListener("click", (event) => {
  const slot = event.target.closest(".slots button");
  if (!slot) return;
  pressedSlot()?.setAttribute("aria-pressed", "false");
  slot.setAttribute("aria-pressed", "true");
  byId("day").value = slot.dataset.day;
  byId("from").value = slot.dataset.from;
  byId("to").value = later(slot.dataset.from);
  settled = true;
  byId("from").select();
});
// Who types another time means half an hour again. A day that is typed is of no slot.
byId("from").addEventListener("input", () => { byId("to").value = ""; });
byId("day").addEventListener("input", () => pressedSlot()?.setAttribute("aria-pressed", "false"));
// A time chosen before the questions went on stays shown, and is asked for once more.
let settled = false;
const timeSaid = (button) => settled || Boolean(button.closest("[data-zone=appointment]"));
function askForTime(disposition) {
  const chosen = byId("day").value && byId("from").value;
  say(chosen ? "again" : "window", disposition);
  go("appointment");
  if (chosen) byId("from").select();
}
document.querySelector(".slots")?.addEventListener("keydown", (event) => {
  const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey;
  if (typed) byId("day").select(); // where the sign is then typed
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const cell = event.target.closest("td");
  const along = event.key === "ArrowUp" || event.key === "ArrowDown"
    ? [...document.querySelectorAll(".slots tbody tr")].map((row) => row.cells[cell.cellIndex])
    : [...cell.parentElement.querySelectorAll("td")];
  const open = along.map((other) => other.firstElementChild).filter((button) => button?.matches("button:not(:disabled)"));
  open[open.indexOf(event.target) + step]?.focus();
});

// What goes on with the telephone leaves standing what is asked for.
document.addEventListener("htmx:beforeRequest", (event) => {
  byId("refusal").hidden = true;
  if (!event.target.closest(".desk-bar")) say();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || xhr.status === 401) return;
  event.detail.isError = false; // it is handled here
  event.detail.shouldSwap = false;
  refuseWith(xhr.responseText);
  // What another tab answered speaks against it: the same key once more confirms.
  if (xhr.responseText.includes('data-rule="AgainstAnswers"')) doubted = against = event.detail.requestConfig.parameters.disposition;
  if (xhr.status === 409) goOnIfLost(byId("lease").dataset.renew).then((lost) => lost && reportLate());
  if (event.detail.target.id === "question") byId("words")?.focus();
  if (/\d{15}/.test(byId("note").value.replace(/[ -]/g, ""))) byId("note").focus(); // what is refused
});
document.addEventListener("htmx:sendError", () => refuse(byId("refusal").dataset.offline));
// Where the operator's own machine dials, the link opens once, when the row of the call is stored.
document.addEventListener("htmx:afterSettle", () => document.querySelector("[data-open-link]")?.click());
// A new question comes live; if a key has led elsewhere meanwhile, that zone stays live.
document.addEventListener("htmx:afterSwap", (event) => {
  asked = null;
  if (event.target.id === "question") doubted = settled = null;
  const live = [...document.querySelectorAll(".desk-r .is-live")].map((other) => other.dataset.zone);
  if (live.length) zone("question").classList.remove("is-live");
  else if (!document.activeElement?.matches("input, button")) go("question");
});

go("question");
