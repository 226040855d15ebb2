// [data-focus]: the summary of a rejected form takes the focus, on loading and after an htmx swap.
const focusFirst = (root) => root.querySelector?.("[data-focus]")?.focus();

focusFirst(document);
document.addEventListener("htmx:afterSettle", (event) => focusFirst(event.target));

// A link of the summary moves the focus into the field, not only the page.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".hy-errsum a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus();
});
