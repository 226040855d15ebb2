// [data-dialog]: a button whose next sibling is a <template>; its content opens in the one dialog.
const dialog = document.getElementById("dialog");
const body = dialog?.querySelector("[data-dialog-body]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog]");
  if (!button || !dialog) return;
  body.replaceChildren(button.nextElementSibling.content.cloneNode(true));
  window.htmx?.process(body);
  dialog.returnTo = button.id || button.closest("[id]")?.id;
  window.bootstrap.Modal.getOrCreateInstance(dialog).show(button);
});

dialog?.addEventListener("shown.bs.modal", () => {
  const field = body.querySelector("input:not([type=hidden]), textarea, select");
  // Without a field the focus rests on Cancel, so that Enter alone removes nothing.
  (field ?? body.querySelector(".btn-plain"))?.focus();
});

// After an answer that replaced the opener, the focus goes to what now stands in its place.
dialog?.addEventListener("hidden.bs.modal", () => {
  body.replaceChildren();
  if (document.activeElement !== document.body) return;
  document.getElementById(dialog.returnTo)?.querySelector("button, a")?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!dialog?.contains(event.target)) return;
  if (event.detail.successful) {
    window.bootstrap.Modal.getOrCreateInstance(dialog).hide();
    return;
  }
  const away = event.detail.xhr.status === 0; // nobody refused anything: no answer came
  dialog.querySelectorAll("[data-refused], [data-away]").forEach((words) => {
    words.hidden = away !== ("away" in words.dataset);
  });
});
