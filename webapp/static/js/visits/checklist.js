// The checklist of a visit: what is missing stands above the button, reasons are asked where an
// item does not conform, conclusions that an answer rules out are left out.
const form = document.getElementById("finding");
const all = (selector, root = form) => [...root.querySelectorAll(selector)];
const chosen = (item) => item.querySelector("input:checked");

function ruledOut() {
  const codes = new Map();
  for (const item of all("[data-item]")) {
    for (const code of (chosen(item)?.dataset.rulesOut ?? "").split(" ").filter(Boolean)) {
      codes.set(code, item.dataset.item);
    }
  }
  return codes;
}

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
  const words = [...out].map(([code, item]) => `${code} (${item})`).join(" ");
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
  if (!outcome) gaps.push(["outcome", box.noOutcome]);
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

// The first gap may be on the screen already: it is marked too, or the press would change nothing.
export function showGap([id]) {
  const gap = document.getElementById(id) ?? form.querySelector("[data-missing]");
  gap.classList.add("hy-bad");
  gap.scrollIntoView({ block: "center" });
  gap.querySelector("input, textarea")?.focus({ preventScroll: true });
}

function showProgress() {
  const needed = all("[data-needed]");
  form.querySelector("[data-progress]").textContent = `${needed.filter(chosen).length} / ${needed.length}`;
}

export function refresh() {
  all(".hy-bad").forEach((gap) => gap.classList.remove("hy-bad"));
  showReasons();
  showOutcomes();
  showProgress();
  showMissing(missing());
}

// A usual reason is given by one press; it goes to what was typed already.
form.addEventListener("click", (event) => {
  const phrase = event.target.closest("[data-phrase]");
  if (!phrase) return;
  const field = phrase.closest("[data-reason]").querySelector("textarea");
  field.value = [field.value.trim(), phrase.textContent.trim()].filter(Boolean).join("；");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
form.addEventListener("change", refresh);
form.addEventListener("input", refresh);
refresh();
