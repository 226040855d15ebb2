// [data-key="F2"]: the key clicks the button. Keys are dead while an input method composes, on
// auto-repeat, with Ctrl, Alt or Meta, in text fields (F keys and Esc excepted) and under a dialog.
// [data-zone]: inside it only F keys work until it carries the class "is-live".
const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";
const isFunctionKey = (key) => /^F\d{1,2}$/.test(key);

// The key that ends a composition comes in some browsers without isComposing, as key 229.
export const composing = (event) => event.isComposing || event.keyCode === 229;

export function isDead(event) {
  if (event.defaultPrevented || composing(event) || event.repeat) return true;
  if (event.ctrlKey || event.altKey || event.metaKey) return true;
  if (isFunctionKey(event.key) || event.key === "Escape") return false;
  return event.target.matches?.(TYPING) ?? false;
}

function mayFire(button, key) {
  if (button.disabled || button.getClientRects().length === 0) return false;
  const zone = button.closest("[data-zone]");
  return !zone || isFunctionKey(key) || zone.classList.contains("is-live");
}

function nameOf(event) {
  if (event.key === "？") return "?"; // as Chinese keyboards write it
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

document.addEventListener("keydown", (event) => {
  if (isDead(event) || document.querySelector(".modal.show")) return;
  const key = nameOf(event);
  if (key === "Enter" && event.target.matches?.("button, a[href], summary")) return;
  const found = document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`);
  const button = [...found].find((candidate) => mayFire(candidate, key));
  if (!button) return;
  event.preventDefault();
  button.click();
});
