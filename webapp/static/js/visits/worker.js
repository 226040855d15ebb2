// The inspector's pages without a network: the network goes first; without it a page that was kept
// for today is unsealed, or, while the key is not there, the page that asks for the password stands
// in for it. Scripts and styles come from the cache; they hold nothing personal.
import { one, unseal } from "./vault.js";

const SHELL = "heyan-shell";
const LOCKED = "/visits/device/locked";
const PATIENCE = 6000; // milliseconds that the network may take before the kept page is shown
const AWAY = new Set([502, 503, 504]);
let key = null;

self.addEventListener("install", () => self.skipWaiting());
// The network is asked while the worker itself still starts.
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([
  self.clients.claim(),
  self.registration.navigationPreload?.enable(),
])));

self.addEventListener("message", (event) => {
  const { verb } = event.data;
  if (verb === "hold") key = event.data.key;
  if (verb === "forget") key = null;
  if (verb === "ask") event.ports[0].postMessage(key);
});

// A browser ends a worker that rests; the pages that are open still have the key.
async function heldKey() {
  if (key) return key;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  key = await Promise.any(pages.map((page) => new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (data ? resolve(data) : reject());
    page.postMessage({ verb: "ask" }, [port2]);
    setTimeout(reject, 500);
  }))).catch(() => null);
  return key;
}

async function kept(path) {
  const sealed = await one("pages", path);
  if (!sealed) return undefined;
  const opened = (await heldKey()) && await unseal(key, sealed).catch(() => null);
  if (!opened) return caches.match(LOCKED);
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": opened.get("policy") };
  return new Response(opened.get("page"), { headers });
}

async function page(request, preloaded) {
  const answer = Promise.resolve(preloaded).then((early) => early ?? fetch(request)).then((response) => {
    if (AWAY.has(response.status)) throw new Error(response.status);
    return response;
  });
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  try {
    const first = await Promise.race([answer, late]);
    if (first) return first;
  } catch { /* no network: the kept page */ }
  const path = new URL(request.url).pathname;
  return (await kept(path)) ?? answer.catch(async () => (await caches.match(LOCKED)) ?? Response.error());
}

// The addresses of scripts and styles change with what they say, so a kept one is never stale.
const asset = async (request) => (await caches.match(request)) ?? fetch(request);

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate") event.respondWith(page(event.request, event.preloadResponse));
  else if (/^\/(static|vendor)\//.test(pathname)) event.respondWith(asset(event.request));
});
