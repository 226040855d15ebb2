// The hold is renewed each minute, the clock of the call runs each second.
import { clock, tell } from "./held.js";

async function renew() {
  const lease = document.getElementById("lease");
  const answer = await tell(lease.dataset.renew, {}, renew);
  if (answer) lease.querySelector("[data-until]").textContent = clock(answer.until);
}
setInterval(renew, 60_000);
setInterval(() => {
  const running = document.querySelector("[data-elapsed]");
  if (!running) return;
  // The browser's clock may be wrong, or be set while people talk: only what passes is taken from it.
  running.begun ??= performance.now() - running.dataset.elapsed * 1000;
  const seconds = Math.floor((performance.now() - running.begun) / 1000);
  const rest = String(seconds % 60).padStart(2, "0");
  running.textContent = `${Math.floor(seconds / 60)}:${rest}`;
}, 1000);
