// The key of the vault while it is open: in this page, and in the service worker for the next one.
let held = null;

const worker = async () => (await navigator.serviceWorker.ready).active;

async function askWorker() {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(() => resolve(null), 1000);
  });
  (await worker()).postMessage({ verb: "ask" }, [port2]);
  return answer;
}

// A worker that was ended in between asks the page for what it has forgotten.
export async function start() {
  await navigator.serviceWorker.register("/visits/device/worker.js", { type: "module", scope: "/visits/" });
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data.verb === "ask") event.ports[0].postMessage(held);
  });
  held = await askWorker();
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
