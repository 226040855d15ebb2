// A region that scrolls and holds nothing to focus can be scrolled with the keyboard too.
const FOCUSABLE = "a[href], button, input, select, textarea";

function mark(region) {
  const scrolls = region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight;
  if (scrolls && !region.querySelector(FOCUSABLE)) region.tabIndex = 0;
  else region.removeAttribute("tabindex");
}

const markAll = () => document.querySelectorAll(".hy-scroll").forEach(mark);

markAll();
window.addEventListener("resize", markAll);
document.addEventListener("htmx:afterSettle", markAll);
