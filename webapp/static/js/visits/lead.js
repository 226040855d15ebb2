// The page of a lead that travels along: a result and words; usual words are given by one press.
import { between } from "../between.js";
import { Report } from "./report.js";

const form = document.getElementById("lead");
const empty = { result: () => !form.elements.result.value, found: () => !form.elements.words.value.trim() };

// What is missing, as [id, words]: the words stand at their place already.
const gaps = () => Object.keys(empty).filter((id) => empty[id]()).map((id) => [id, ""]);

function mark(missing) {
  form.querySelectorAll("[data-part]").forEach((part) => {
    part.querySelector("[data-gap]").hidden = !missing.some(([id]) => id === part.id);
  });
}

function showGaps(missing) {
  mark(missing);
  const [[first]] = missing;
  const part = document.getElementById(first);
  part.scrollIntoView({ block: "center" });
  part.querySelector("input, textarea").focus({ preventScroll: true });
}

if (form) {
  form.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-phrase]");
    if (!phrase) return;
    const field = form.elements.words;
    field.value = [field.value.trim(), phrase.textContent.trim()].filter(Boolean).join(between);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("input", () => mark(gaps().filter(([id]) => !document.getElementById(id).querySelector("[data-gap]").hidden)));
  new Report(form, { gaps, showGaps });
}
