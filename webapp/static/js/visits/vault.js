// What an inspector's phone keeps until the server has it, sealed: the day's pages, drafts, and the
// outbox. The key is wrapped by the log-in password and lies unwrapped in memory alone, so a phone
// that was locked, switched off or stolen shows nothing without the password. Used by pages and by
// the service worker.
const NAME = "heyan-visits";
const ROUNDS = 600_000; // of PBKDF2-SHA-256, as OWASP's password storage cheat sheet asks
const STORES = {
  keys: { keyPath: "owner" },
  pages: { keyPath: "path" },
  drafts: { keyPath: "path" },
  outbox: { keyPath: "id", autoIncrement: true },
  receipts: { keyPath: "key" },
};

export const usable = () => Boolean(self.isSecureContext && self.crypto?.subtle && self.indexedDB);

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened = null;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => {
      request.result.onclose = request.result.onversionchange = () => { request.result.close(); opened = null; };
      resolve(request.result);
    };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

export const all = async (store) => settled((await database()).transaction(store).objectStore(store).getAll());
export const one = async (store, key) => settled((await database()).transaction(store).objectStore(store).get(key));

// Several changes, all of them or none. A report is on the disk when this returns; pages and drafts
// need not be so quick to survive a battery that runs out.
export async function change(...steps) {
  const names = [...new Set(steps.map(([, store]) => store))];
  const durability = names.includes("outbox") || names.includes("keys") ? "strict" : "relaxed";
  const unit = (await database()).transaction(names, "readwrite", { durability });
  const done = new Promise((resolve, reject) => {
    unit.oncomplete = resolve;
    unit.onabort = unit.onerror = () => reject(unit.error);
  });
  for (const [verb, store, content] of steps) unit.objectStore(store)[verb](content);
  await done;
}

const GCM = { name: "AES-GCM", length: 256 };
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

async function wrapper(password, salt) {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, typed, GCM, false, ["wrapKey", "unwrapKey"]);
}

export async function makeKey(owner, password) {
  const [salt, iv] = [random(16), random(12)];
  const key = await crypto.subtle.generateKey(GCM, true, ["encrypt", "decrypt"]);
  const wrapping = await wrapper(password, salt);
  const wrapped = await crypto.subtle.wrapKey("raw", key, wrapping, { name: "AES-GCM", iv });
  await change(["put", "keys", { owner, salt, iv, wrapped }]);
  return unwrap({ iv, wrapped }, wrapping);
}

const unwrap = ({ iv, wrapped }, wrapping) => crypto.subtle
  .unwrapKey("raw", wrapped, wrapping, { name: "AES-GCM", iv }, GCM, false, ["encrypt", "decrypt"]);

// The key, which no script can read out, or null if the password is not the one it was wrapped by.
export async function openKey(owner, password) {
  const { salt, iv, wrapped } = await one("keys", owner);
  try {
    return await unwrap({ iv, wrapped }, await wrapper(password, salt));
  } catch {
    return null;
  }
}

// Whatever can stand in a form, files among it, is sealed as the body that the form would send.
export async function seal(key, form) {
  const body = new Response(form);
  const type = body.headers.get("Content-Type");
  const iv = random(12);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, await body.arrayBuffer());
  return { iv, box, type };
}

export async function unseal(key, { iv, box, type }) {
  const body = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, box);
  return new Response(body, { headers: { "Content-Type": type } }).formData();
}
