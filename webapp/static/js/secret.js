// [data-secret]: makes the secret and the salt of a party in the browser and fills in their commitment.
const place = document.querySelector("[data-secret]");

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function make() {
  if (!crypto.subtle) {
    place.querySelector("[data-unable]").hidden = false;
    return;
  }
  const both = crypto.getRandomValues(new Uint8Array(64));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", both));
  place.querySelector("[data-value=secret]").textContent = hex(both.subarray(0, 32));
  place.querySelector("[data-value=salt]").textContent = hex(both.subarray(32));
  place.querySelector("[data-made]").hidden = false;
  document.getElementById("digest").value = hex(digest);
}

place?.querySelector("[data-make]").addEventListener("click", make);
