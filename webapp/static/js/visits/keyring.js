// The key of the vault while it is open: in this page, and in the service worker for the next one.
let held = null;
let answer;
// Settled once it is known whether the key is here: whoever saves a report waits for that.
export const known = new Promise((resolve) => { answer = resolve; });
export const without = () => answer();

const worker = async () => (await navigator.serviceWorker.ready).active;

async function askWorker() {
  const { port1, port2 } = new MessageChannel();
  const told = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(() => resolve(null), 5000); // a slow phone starts its worker anew
  });
  (await worker()).postMessage({ verb: "ask" }, [port2]);
  return told;
}

// A worker that was ended in between asks the page for what it has forgotten.
export async function start() {
  await navigator.serviceWorker.register("/visits/device/worker.js", { type: "module", scope: "/visits/" });
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data.verb === "ask") event.ports[0].postMessage(held);
  });
  held = await askWorker();
  answer();
  return held;
}

export const key = () => held;

export async function hold(opened) {
  held = opened;
  (await worker()).postMessage({ verb: "hold", key: opened });
}

export async function forget() {
  held = null;
  (await worker()).postMessage({ verb: "forget" });
}
