// [data-most-bytes]: a file that is too large is named at once. A server that refuses while the browser
// is still sending would only be seen as a lost connection.
const fields = document.querySelectorAll("input[type=file][data-most-bytes]");

function tooLarge(field) {
  return [...field.files].some((file) => file.size > Number(field.dataset.mostBytes));
}

function say(field) {
  document.getElementById(`${field.id}-too-large`)?.remove();
  field.parentElement.classList.remove("hy-bad");
  if (!tooLarge(field)) return;
  const sentence = document.createElement("div");
  sentence.className = "hy-err";
  sentence.id = `${field.id}-too-large`;
  sentence.setAttribute("role", "alert");
  sentence.textContent = field.dataset.tooLarge;
  field.before(sentence);
  field.parentElement.classList.add("hy-bad");
}

fields.forEach((field) => {
  field.addEventListener("change", () => say(field));
  field.form.addEventListener("submit", (event) => {
    if (!tooLarge(field)) return;
    event.preventDefault();
    say(field);
    field.focus();
  });
});
