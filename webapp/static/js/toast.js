// Toasts say that something is done; they stay ten seconds, longer under the pointer or the focus.
const show = (root) => root.querySelectorAll(".toast:not(.show)").forEach((toast) => {
  window.bootstrap.Toast.getOrCreateInstance(toast).show();
});

show(document);
document.addEventListener("hidden.bs.toast", (event) => event.target.remove()); // said once
document.addEventListener("htmx:afterSettle", () => show(document));
