// The session is over while words stand on the page: log in again in the dialog, then send the same
// request again. Nothing is loaded anew, so nothing that was typed is lost.
const dialog = document.getElementById("dialog");
const template = document.getElementById("log-in-again");
let again = null;

export function askToLogIn(retry) {
  if (!dialog || !template || dialog.classList.contains("show")) return;
  again = retry;
  dialog.querySelector("[data-dialog-body]").replaceChildren(template.content.cloneNode(true));
  window.bootstrap.Modal.getOrCreateInstance(dialog).show();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401 || !template) return;
  event.detail.shouldSwap = event.detail.isError = false; // it is handled here
  const { elt, triggeringEvent } = requestConfig;
  const button = triggeringEvent?.submitter; // pressed anew, or htmx would not send its value
  askToLogIn(() => { if (button?.isConnected) button.click(); else elt.requestSubmit?.(); });
});

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

// The log-in page gives the token of its form; the page after it gives the one of the new session.
export async function logIn(form) {
  const asked = parsed(await (await fetch(form.action)).text());
  const body = new URLSearchParams(new FormData(form));
  body.set("csrf_token", asked.querySelector("main [name=csrf_token]").value);
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok || !answer.redirected) return false;
  renewTokens(parsed(await answer.text()).querySelector("meta[name=csrf-token]").content);
  return true;
}

function renewTokens(token) {
  document.querySelector("meta[name=csrf-token]").content = token;
  const roots = [document, ...[...document.querySelectorAll("template")].map((one) => one.content)];
  roots.forEach((root) => root.querySelectorAll("[name=csrf_token]").forEach((field) => {
    field.value = token;
  }));
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-log-in-again]");
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  const refused = form.querySelector("[data-refused]");
  try {
    if (!(await logIn(form))) { refused.hidden = false; return; }
  } catch {
    refused.hidden = false;
    return;
  }
  dialog.addEventListener("hidden.bs.modal", () => { again?.(); again = null; }, { once: true });
  window.bootstrap.Modal.getInstance(dialog).hide();
}, true);
