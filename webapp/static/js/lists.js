// A page with a list: j and k go down and up its rows, Enter opens the row (its link has the focus),
// / goes to the filter, s to the head that orders the list and then from one to the next. The list is
// the first table whose rows have links.
import { isDead } from "./keys.js";

const STEPS = { j: 1, k: -1 };

function links() {
  for (const body of document.querySelectorAll("main table tbody")) {
    const found = [...body.rows].map((row) => row.querySelector("a.unit, th a[href], td a[href]")).filter(Boolean);
    if (found.length > 1) return found;
  }
  return [];
}

document.addEventListener("keydown", (event) => {
  if (isDead(event) || document.querySelector(".modal.show")) return;
  if (event.key === "/") {
    const field = document.querySelector("main .hy-filter select, main .hy-filter input:not([type=hidden])");
    if (field) event.preventDefault();
    field?.focus();
  } else if (event.key === "s") {
    const heads = [...document.querySelectorAll("main a.sort")];
    const first = heads.findIndex((head) => head.closest("[aria-sort]"));
    const here = heads.indexOf(document.activeElement);
    heads[here < 0 ? Math.max(first, 0) : (here + 1) % heads.length]?.focus();
  } else if (event.key in STEPS) {
    const rows = links();
    const here = rows.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = rows[Math.min(Math.max(here + STEPS[event.key], 0), rows.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
});
