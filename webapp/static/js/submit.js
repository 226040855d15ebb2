// A form that posts is sent once: a second press within five seconds does nothing. A download leaves
// the page where it is, so the buttons come back by themselves.
const REST = 5000;
const guarded = (form) => form.method === "post" && !form.hasAttribute("hx-post");

function rest(form) {
  form.dataset.sent = "";
  form.setAttribute("aria-busy", "true");
  const buttons = [...form.querySelectorAll("button[type=submit]:not(:disabled)")];
  // The pressed button must still be enabled while the browser collects the values.
  setTimeout(() => buttons.forEach((button) => { button.disabled = true; }));
  setTimeout(() => wake(form, buttons), REST);
}

function wake(form, buttons) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  buttons.forEach((button) => { button.disabled = false; });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !guarded(form)) return;
  if ("sent" in form.dataset) event.preventDefault();
  else rest(form);
});

// Coming back with the browser's button finds the form ready again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    wake(form, [...form.querySelectorAll("button[type=submit]")]);
  });
});
