// The inspector's form: what is missing stands above the button, conclusions that an answer rules
// out are left out, chosen photos are shown, answers (never words) outlive a reload of the page.
const notice = document.querySelector("[data-no-network]");
const showNetwork = () => { if (notice) notice.hidden = navigator.onLine; };
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
showNetwork();

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

function missing() {
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
function showGap(gap) {
  gap.classList.add("hy-bad");
  gap.scrollIntoView({ block: "center" });
  gap.querySelector("input, textarea")?.focus({ preventScroll: true });
}

function showProgress() {
  const needed = all("[data-needed]");
  form.querySelector("[data-progress]").textContent = `${needed.filter(chosen).length} / ${needed.length}`;
}

function showPhotos() {
  const previews = form.querySelector("[data-previews]");
  all("img", previews).forEach((image) => { URL.revokeObjectURL(image.src); image.parentElement.remove(); });
  for (const file of form.elements.photos.files) {
    const frame = Object.assign(document.createElement("div"), { className: "pic" });
    const image = Object.assign(document.createElement("img"), { src: URL.createObjectURL(file), alt: file.name, className: "w-100" });
    frame.append(image);
    previews.prepend(frame);
  }
}

const store = () => `visit-${form.dataset.visit}`;

function keep() {
  const answers = all("input[type=radio]:checked").map((input) => input.id);
  sessionStorage.setItem(store(), JSON.stringify(answers));
}

function recall() {
  if (all("input[type=radio]:checked").length) return;
  for (const id of JSON.parse(sessionStorage.getItem(store()) ?? "[]")) {
    const input = document.getElementById(id);
    if (input) input.checked = true;
  }
}

function refresh() {
  all(".hy-bad").forEach((gap) => gap.classList.remove("hy-bad"));
  showReasons();
  showOutcomes();
  showProgress();
  showMissing(missing());
}

if (form) {
  recall();
  refresh();
  form.addEventListener("change", (event) => {
    if (event.target.name === "photos") showPhotos();
    refresh();
    keep();
  });
  form.addEventListener("input", refresh);
  // Capture: the page's own handler of submits must not count a press that this one refuses.
  form.addEventListener("submit", (event) => {
    const gaps = missing();
    if (gaps.length || !navigator.onLine) {
      event.preventDefault();
      event.stopImmediatePropagation();
      showGap(document.getElementById(gaps[0]?.[0]) ?? form.querySelector("[data-missing]"));
      return;
    }
    form.elements.found_at.value = new Date().toISOString();
    sessionStorage.removeItem(store());
  }, { capture: true });
}
