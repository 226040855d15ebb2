// A refusal is said beside the field, and what was typed stays: a form of the dialog that must be
// filled in, and form[data-stays], is sent from here. The server names the page to go on to in a
// header, since whoever followed a redirect unseen would use up the messages of that page.
import { reasonIn } from "./refusals.js";

const GO_ON = "X-Go-On";
const dialog = document.getElementById("dialog");
const stays = (form) => form.method === "post" && !form.hasAttribute("hx-post")
  && ("stays" in form.dataset || Boolean(form.closest("#dialog") && form.querySelector("[required]")));

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !stays(form) || "asIs" in form.dataset) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form, submitter);
});

async function send(form, submitter) {
  const content = new FormData(form, submitter);
  const body = form.enctype === "multipart/form-data" ? content : new URLSearchParams(content);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Stays": "1" } });
    if (answer.headers.has(GO_ON)) return goOn(answer.headers.get(GO_ON));
    const words = reasonIn(await answer.text());
    form.removeAttribute("aria-busy");
    if (words) refuse(form, words, answer.status);
    else asItIs(form, submitter);
  } catch {
    form.removeAttribute("aria-busy");
    refuse(form, dialog.dataset.away);
  }
  return undefined;
}

function goOn(address) {
  const next = new URL(address, location.href);
  if (next.pathname + next.search !== location.pathname + location.search) return location.assign(next);
  history.replaceState(null, "", next); // an address that differs after the # alone would load nothing
  return location.reload();
}

// A page with the form on it says what is wrong by itself: the browser sends the form and shows it.
function asItIs(form, submitter) {
  form.dataset.asIs = "";
  form.requestSubmit(submitter);
}

function refuse(form, words, status) {
  const field = status === 422 ? form.querySelector("textarea, input[type=text]") : null;
  const place = form.querySelector("[data-refusal]") ?? Object.assign(document.createElement("p"), { className: "hy-err mb-0" });
  Object.assign(place, { id: "refusal-of-form", textContent: words });
  place.dataset.refusal = "";
  place.setAttribute("role", "alert");
  if (field) field.after(place);
  else form.querySelector("[type=submit]").parentElement.before(place);
  field?.setAttribute("aria-invalid", "true");
  field?.setAttribute("aria-describedby", place.id);
  field?.addEventListener("input", () => { place.remove(); field.removeAttribute("aria-invalid"); }, { once: true });
  (field ?? form.querySelector("[type=submit]")).focus();
}
