// Keeps today's pages on the phone, and the scripts and styles that they need.
import { all, change, seal } from "./vault.js";

const SHELL = "heyan-shell";
const LOCKED = "/visits/device/locked";

const IN_PAGE = /(?:src|href)="(\/(?:static|vendor)\/[^"]+)"/g;
const IN_SCRIPT = /(?:import|from)\s*"([^"]+\.js)"/g;

async function keepAssets(html) {
  const cache = await caches.open(SHELL);
  const wanted = [...html.matchAll(IN_PAGE)].map(([, path]) => new URL(path, location.origin).href);
  for (let place = 0; place < wanted.length; place += 1) {
    const answer = (await cache.match(wanted[place])) ?? await fetch(wanted[place]);
    if (!answer.ok) throw new Error(answer.status);
    await cache.put(wanted[place], answer.clone());
    if (!wanted[place].endsWith(".js")) continue;
    for (const [, path] of (await answer.text()).matchAll(IN_SCRIPT)) {
      const address = new URL(path, wanted[place]).href;
      if (!wanted.includes(address)) wanted.push(address);
    }
  }
  return wanted;
}

// "/static/<release>/…": scripts of a release that no kept page names any more.
const release = (address) => new URL(address).pathname.match(/^\/static\/[^/]+/)?.[0];

async function forgetOtherReleases(wanted) {
  const cache = await caches.open(SHELL);
  const ours = new Set(wanted.map(release));
  for (const { url } of await cache.keys()) {
    if (release(url) && !ours.has(release(url))) await cache.delete(url);
  }
}

async function sealed(key, owner, path, state) {
  const answer = await fetch(path);
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const page = await answer.text();
  const form = new FormData();
  form.set("page", page);
  form.set("policy", answer.headers.get("Content-Security-Policy"));
  return [page, { path, owner, state, ...await seal(key, form) }];
}

// Today's pages and no others: what was kept before and is not among them goes, what did not change
// since is not fetched again. Scripts come first, so that no page is kept that would not work.
export async function keepDay(key, owner, states) {
  const kept = await all("pages");
  const known = new Map(kept.filter((page) => page.owner === owner).map(({ path, state }) => [path, state]));
  const fresh = Object.entries(states).filter(([path, state]) => known.get(path) !== state);
  const old = kept.filter(({ path }) => !(path in states));
  if (!fresh.length && !old.length) return;
  const cache = await caches.open(SHELL);
  await cache.add(LOCKED);
  const pages = [];
  for (const [path, state] of fresh) pages.push(await sealed(key, owner, path, state));
  const locked = await (await cache.match(LOCKED)).text();
  const assets = await keepAssets([locked, ...pages.map(([page]) => page)].join("\n"));
  await change(
    ...pages.map(([, record]) => ["put", "pages", record]),
    ...old.map(({ path }) => ["delete", "pages", path]),
  );
  await forgetOtherReleases(assets);
}

export async function forgetDay() {
  const kept = await all("pages");
  const receipts = await all("receipts");
  const steps = [
    ...kept.map(({ path }) => ["delete", "pages", path]),
    ...receipts.map(({ key }) => ["delete", "receipts", key]),
  ];
  if (steps.length) await change(...steps);
}
