// [data-cover-after="15"]: a revealed value counts down and is covered again by its <template>. One
// person at a time: a new value covers the one before, and leaving the page covers all.
function cover(value) {
  clearInterval(value.timer);
  const again = value.querySelector("template").content.cloneNode(true);
  value.replaceWith(again);
}

function coverAll(except) {
  document.querySelectorAll("[data-cover-after]").forEach((value) => {
    if (value !== except) cover(value);
  });
}

function start(value) {
  coverAll(value);
  const seconds = value.querySelector("[data-seconds]");
  const until = performance.now() + 1000 * Number(value.dataset.coverAfter);
  value.timer = setInterval(() => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left <= 0) cover(value);
    else seconds.textContent = left;
  }, 250);
}

document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll("[data-cover-after]").forEach((value) => {
    if (!value.timer) start(value);
  });
});
window.addEventListener("pagehide", () => coverAll(null));
