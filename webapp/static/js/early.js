// Whoever presses a key before a question can have been seen answers nothing: keys count a moment
// after the question stands there. A key that came too early is said so, and neither kept nor sent.
const MOMENT = 400; // milliseconds: longer than a key bounces or two fingers follow each other
const question = () => document.getElementById("question");
let stands = null; // the question that is on the page
let sent = null; // the request that draws the question anew
let early = false; // a key came while it was under way
let timer = null;

function appear() {
  if (question() === stands) return; // something else was drawn anew
  stands = question();
  sent = null;
  clearTimeout(timer);
  timer = setTimeout(() => { question().dataset.counts = ""; }, MOMENT);
  question().querySelector("[data-early]").hidden = !early;
  early = false;
}

// [data-anytime]: going back, and keeping an answer that was given already.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#question button:not([data-anytime])");
  if (!button) return;
  if (!sent && "counts" in question().dataset) {
    question().querySelector("[data-early]").hidden = true;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (sent) early = true;
  else question().querySelector("[data-early]").hidden = false;
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("#question")) sent = event.detail.xhr;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr === sent) sent = null;
});
document.addEventListener("htmx:afterSwap", appear);

appear();
