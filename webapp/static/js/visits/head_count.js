// The head-count of an enterprise: the parts are added up while they are typed.
import { Report } from "./report.js";

const form = document.getElementById("head-count");
const number = (field) => Number.parseInt(field.value || "0", 10);
const rest = form.querySelector("[data-rest]");

function left() {
  const parts = [...form.querySelectorAll("[data-part]")].reduce((sum, field) => sum + number(field), 0);
  return number(form.elements.total) - parts;
}

function refresh() {
  const difference = left();
  const begun = [...form.querySelectorAll("[type=number]")].some((field) => field.value);
  rest.textContent = !begun ? "" : (difference ? rest.dataset.off : rest.dataset.even).replace("{number}", difference);
  rest.classList.toggle("not", difference !== 0);
}

function gaps() {
  if (form.reportValidity() && left() === 0 && number(form.elements.total) > 0) return [];
  return [["total", ""]];
}

function showGaps([[id]]) {
  const field = form.querySelector(":invalid") ?? document.getElementById(id);
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
}

form.addEventListener("input", refresh);
refresh();
new Report(form, { gaps, showGaps, shown: refresh });
