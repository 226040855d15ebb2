// What the page says to the server of the case that is held, beside its forms, and how a refusal shows.
import { reasonIn } from "./refusals.js";
import { askToLogIn } from "./relogin.js";

const byId = (id) => document.getElementById(id);
const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

// A refusal stays on the page, above the question, with everything that was typed.
export function refuse(text) {
  const place = byId("refusal");
  place.textContent = text;
  place.hidden = false;
}

export function refuseWith(page) {
  refuse(reasonIn(page) ?? parsed(page).querySelector("h1")?.textContent ?? byId("refusal").dataset.offline);
}

// Returns what the server answered, or null: then the page says why, or asks to log in and `again`.
export async function tell(address, fields, again) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const held = new FormData(byId("outcome"));
  const body = new URLSearchParams({ case: held.get("case"), fence: held.get("fence"), ...fields });
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" },
    });
  } catch {
    refuse(byId("refusal").dataset.offline);
    return null;
  }
  if (answer.status === 401) askToLogIn(again);
  else if (answer.status === 409) refuse(byId("refusal").dataset.lost);
  else if (!answer.ok) refuseWith(await answer.text());
  return answer.ok ? answer.json() : null;
}

// Whose case it is no more sees nothing of the person, and the way to what is at hand now. Returns
// whether that is so.
export async function goOnIfLost(renewal) {
  const said = byId("refusal").textContent;
  await tell(renewal, {}, null);
  if (byId("refusal").textContent !== byId("refusal").dataset.lost) return false;
  refuse(said);
  byId("go-on").hidden = false;
  document.querySelectorAll("[data-person]").forEach((part) => { part.hidden = true; });
  if (!document.activeElement?.matches("input")) byId("go-on").querySelector("a").focus();
  return true;
}

export const clock = (moment) => new Date(moment).toLocaleTimeString("zh-CN", {
  timeZone: "Asia/Shanghai", hour12: false,
});
