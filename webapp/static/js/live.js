// [data-live]: a region that asks for itself anew every few seconds and changes in place. Only what
// differs is touched, so the focus, an open dialog and the place on the page stay where they are.
// Its data-state names the element that says of what time the figures are, or that the line is lost.
const PATIENCE = 15000;

const busy = (node) => node === document.activeElement && node.matches("input, textarea, select");

function become(have, want) {
  if (have.nodeName !== want.nodeName || have.nodeName === "TEMPLATE") {
    have.replaceWith(want); // what a template holds is no child of it
  } else if (have.nodeType === Node.TEXT_NODE) {
    if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
  } else if (have.nodeType === Node.ELEMENT_NODE && !busy(have)) {
    attributes(have, want);
    children(have, want);
  }
}

function attributes(have, want) {
  for (const { name } of [...have.attributes]) if (!want.hasAttribute(name) && name !== "open") have.removeAttribute(name);
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
}

// Rows with an id keep their element when others come or go before them.
function children(have, want) {
  const coming = [...want.childNodes];
  coming.forEach((child, place) => {
    const known = child.id && [...have.children].find((one) => one.id === child.id);
    const here = have.childNodes[place];
    if (known && known !== here) have.insertBefore(known, here ?? null);
    if (!have.childNodes[place]) have.append(child);
    else if (!known && have.childNodes[place].id) have.insertBefore(child, have.childNodes[place]);
    else become(have.childNodes[place], child);
  });
  while (have.childNodes.length > coming.length) have.lastChild.remove();
}

function tell(region, lost) {
  const state = document.getElementById(region.dataset.state);
  if (!state) return;
  const clock = region.dataset.asOf ?? "";
  state.textContent = lost ? `${clock} ${state.dataset.lost}` : clock;
  state.classList.toggle("not", lost);
  state.classList.toggle("fw-semibold", lost);
}

async function ask(region) {
  const answer = await fetch(region.dataset.live, {
    headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = region.cloneNode(false);
  fresh.append(...page.body.childNodes);
  const now = fresh.querySelector("[data-clock]");
  if (now) fresh.dataset.asOf = now.dataset.clock;
  become(region, fresh);
}

document.querySelectorAll("[data-live]").forEach((region) => {
  const first = region.querySelector("[data-clock]");
  if (first) region.dataset.asOf = first.dataset.clock;
  tell(region, false);
  const again = async () => {
    try {
      if (!document.hidden) await ask(region);
      tell(region, false);
    } catch {
      tell(region, true);
    }
    setTimeout(again, region.dataset.every * 1000);
  };
  setTimeout(again, region.dataset.every * 1000);
});
