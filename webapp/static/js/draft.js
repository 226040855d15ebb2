// The call note is saved while it is typed: a moment after the last key, and when the field is left.
import { clock, tell } from "./held.js";

const MOMENT = 1500;
const note = document.getElementById("note");
const state = document.getElementById("note-saved");
let saved = note.value;
let timer = null;
let closing = false; // the report of the call is on its way and has the note with it

async function save() {
  clearTimeout(timer);
  if (closing || note.value === saved) return;
  const words = note.value;
  const answer = await tell(note.dataset.save, { note: words }, save);
  if (!answer) return;
  saved = words;
  document.getElementById("refusal").hidden = true; // what was refused of it is gone
  state.textContent = `${state.dataset.saved} ${clock(answer.at)}`;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, MOMENT);
}

note.addEventListener("input", (event) => { if (!event.isComposing) later(); });
note.addEventListener("compositionend", later);
note.addEventListener("change", save);
// F9 goes on where the note ends, also when it began in another tab or before a reload.
note.addEventListener("focus", () => note.setSelectionRange(note.value.length, note.value.length));
document.addEventListener("htmx:beforeRequest", (event) => { closing ||= event.target.id === "outcome"; });
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id === "outcome" && !event.detail.successful) closing = false;
});
