// Where the device says it is, with how exact that is and, where the browser tells, whether it was
// made up. A finding is never held up for it.
let latest = null;

const first = (...values) => values.find((value) => typeof value === "boolean");

export function follow(line) {
  if (!navigator.geolocation) return;
  navigator.geolocation.watchPosition((position) => {
    latest = position;
    if (line) line.textContent = line.dataset.place.replace("{metres}", Math.round(position.coords.accuracy));
  }, () => {
    if (line && !latest) line.textContent = line.dataset.none;
  }, { enableHighAccuracy: true, maximumAge: 0 });
}

export function write(form) {
  if (!latest) return;
  const { latitude, longitude, accuracy } = latest.coords;
  Object.entries({ latitude, longitude, accuracy }).forEach(([name, value]) => form.set(name, value));
  form.set("placed_at", new Date(latest.timestamp).toISOString());
  const mocked = first(latest.mocked, latest.coords.mocked, latest.coords.isFromMockProvider);
  if (mocked !== undefined) form.set("mocked", mocked ? "1" : "0");
}
