// The checklist of a visit: what is missing stands above the button and, once it was pressed, beside
// each item; reasons are asked where an item does not conform, conclusions that an answer rules out
// are left out.
import { between } from "../between.js";

const form = document.getElementById("finding");
const all = (selector, root = form) => [...root.querySelectorAll(selector)];
const chosen = (item) => item.querySelector("input:checked");
let pressed = false;

function ruledOut() {
  const codes = new Map();
  for (const item of all("[data-item]")) {
    for (const code of (chosen(item)?.dataset.rulesOut ?? "").split(" ").filter(Boolean)) {
      codes.set(code, item.dataset.item);
    }
  }
  return codes;
}

function byItem(codes) {
  const items = {};
  for (const [code, item] of codes) (items[item] ??= []).push(code);
  return items;
}

const answer = (item) => chosen(document.getElementById(`row-${item}`)).labels[0].textContent;

function showReasons() {
  for (const item of all("[data-item]")) {
    const reason = item.querySelector("[data-reason]");
    if (reason) reason.hidden = chosen(item)?.dataset.needsReason === undefined;
  }
}

function showOutcomes() {
  const out = ruledOut();
  const line = form.querySelector("[data-ruled-out]");
  for (const choice of all("[data-outcome]")) {
    const closed = out.has(choice.dataset.outcome);
    choice.hidden = closed;
    choice.classList.toggle("d-grid", !closed);
    if (closed) choice.querySelector("input").checked = false;
  }
  const words = Object.entries(byItem(out)).map(([item, codes]) => `${codes.join(" ")} (${item} ${answer(item)})`).join(between);
  line.textContent = words ? `${line.dataset.ruledOut} ${words}` : "";
}

export function missing() {
  const box = form.querySelector("[data-missing]").dataset;
  const outcome = form.querySelector("[name=outcome]:checked");
  const gaps = [];
  for (const item of all("[data-item]")) {
    const needed = item.dataset.needed !== undefined && outcome?.dataset.verdict !== "unresolved";
    const reason = item.querySelector("[data-reason]");
    if (needed && !chosen(item)) gaps.push([`row-${item.dataset.item}`, `${item.dataset.item} ${box.noAnswer}`]);
    if (reason && !reason.hidden && !reason.querySelector("textarea").value.trim()) {
      gaps.push([`reason-${item.dataset.item}`, `${item.dataset.item} ${box.noReason}`]);
    }
  }
  if (!outcome) gaps.push(["verdicts", box.noOutcome]);
  return gaps;
}

function showMissing(gaps) {
  const box = form.querySelector("[data-missing]");
  const title = Object.assign(document.createElement("b"), { className: "not", textContent: box.dataset.missing });
  const list = document.createElement("ul");
  list.className = "mb-0";
  for (const [id, words] of gaps) {
    const link = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: words });
    list.append(Object.assign(document.createElement("li"), { className: "mb-1" }));
    list.lastChild.append(link);
  }
  box.replaceChildren(title, list);
  box.hidden = gaps.length === 0;
}

const spot = (id) => document.getElementById(id)?.closest("[data-item], [data-verdicts]");

// Each gap says at its place what is missing, until it is filled.
function markGaps(gaps) {
  all("[data-said]").forEach((line) => line.remove());
  all(".hy-bad").forEach((place) => place.classList.remove("hy-bad"));
  for (const [id, words] of pressed ? gaps : []) {
    spot(id).classList.add("hy-bad");
    const line = Object.assign(document.createElement("p"), { className: "hy-err mb-0 mt-1", textContent: words });
    line.dataset.said = "";
    spot(id).append(line);
  }
}

// Called when the button was pressed too early: goes to the first gap.
export function showGaps(gaps) {
  pressed = true;
  markGaps(gaps);
  const [first] = gaps[0];
  spot(first).scrollIntoView({ block: "center" });
  const field = document.getElementById(first);
  (field.matches("textarea") ? field : field.querySelector("input"))?.focus({ preventScroll: true });
}

function showProgress() {
  const needed = all("[data-needed]");
  form.querySelector("[data-progress]").textContent = `${needed.filter(chosen).length} / ${needed.length}`;
}

export function refresh() {
  showReasons();
  showOutcomes();
  showProgress();
  const gaps = missing();
  showMissing(gaps);
  markGaps(gaps);
}

// A usual reason is given by one press; it goes to what was typed already.
form.addEventListener("click", (event) => {
  const phrase = event.target.closest("[data-phrase]");
  if (!phrase) return;
  const field = phrase.closest("[data-reason]").querySelector("textarea");
  field.value = [field.value.trim(), phrase.textContent.trim()].filter(Boolean).join(between);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
form.addEventListener("change", refresh);
form.addEventListener("input", refresh);
refresh();
