// What is saved on this phone and not yet received. It is sent in the order in which it was saved,
// by itself, whenever there is a network, and leaves the phone only against the server's receipt.
import { all, change, seal, unseal } from "./vault.js";

export const WAITING = "waiting";
export const REFUSED = "refused"; // the server says what must be mended; it stays until it is

export async function unsent(owner) {
  return (await all("outbox")).filter((record) => record.owner === owner);
}

// The reports of one form that this phone sent or is to send: whoever opens the form knows of them.
export async function sentTo(url, owner) {
  const records = [...await all("outbox"), ...await all("receipts")];
  return records.filter((record) => record.url === url && record.owner === owner).map(({ key }) => key);
}

// Saves a report. The draft it came from and a refused report that it replaces go in the same step.
export async function save(key, { owner, url, path, photos, form }) {
  const record = { owner, url, path, photos, key: form.get("idempotency_key"), state: WAITING, words: "" };
  const replaced = (await unsent(owner)).filter((old) => old.url === url && old.state === REFUSED);
  await change(
    ["add", "outbox", { ...record, ...await seal(key, form) }],
    ["delete", "drafts", path],
    ...replaced.map(({ id }) => ["delete", "outbox", id]),
  );
}

export async function post(url, form, token) {
  form.set("sent_at", new Date().toISOString());
  return fetch(url, { method: "POST", body: form, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
}

const words = async (answer) => {
  try {
    return await answer.json();
  } catch {
    return { state: REFUSED, words: `${answer.status}` };
  }
};
const LATER = (status) => status === 400 || status === 408 || status === 429 || status >= 500;

// Sends what waits; returns how many were received. Throws the answer's status if the rest must wait.
async function sendAll(key, owner, token) {
  let number = 0;
  for (const record of await unsent(owner)) {
    if (record.state !== WAITING) continue;
    const answer = await post(record.url, await unseal(key, record), token);
    if (answer.status === 401 || LATER(answer.status)) throw new Error(answer.status);
    const receipt = await words(answer);
    if (receipt.state === REFUSED || receipt.key !== record.key) {
      await change(["put", "outbox", { ...record, state: REFUSED, words: receipt.words ?? "" }]);
    } else {
      await change(["put", "receipts", { ...receipt, owner, url: record.url }], ["delete", "outbox", record.id]);
      number += 1;
    }
  }
  return number;
}

// One page at a time sends, however many are open.
export function send(key, owner, token) {
  return navigator.locks.request("heyan-outbox", () => sendAll(key, owner, token));
}
