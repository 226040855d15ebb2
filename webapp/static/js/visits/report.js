// A form that an inspector fills in on site, form[data-report]: drafted on the phone while it is
// filled in, saved there by one press, and sent from there. data-report is where it is sent to.
import { key, known } from "./keyring.js";
import { REFUSED, post, save, sentTo, unsent } from "./outbox.js";
import { Photos } from "./photos.js";
import { owner } from "./phone.js";
import { follow, write } from "./place.js";
import { Signing } from "./signing.js";
import { change, one, seal, unseal, usable } from "./vault.js";

const LISTED = "/visits/today";
const DRAFT_AFTER = 300; // milliseconds
const path = location.pathname;
const NOT_KEPT = new Set(["csrf_token", "idempotency_key", "found_at"]);
const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Report {
  // gaps() names what is missing as [id, words]; shown() is called when a draft was put back.
  constructor(form, { gaps = () => [], showGaps = () => {}, shown = () => {} }) {
    Object.assign(this, { form, gaps, showGaps, shown, typed: false, timer: 0, writing: null, saving: false, mark: null });
    const field = form.querySelector("[type=file]");
    this.photos = field && new Photos(field, form.querySelector("[data-previews]"), form.querySelector("[data-photo-note]"));
    this.told = form.querySelector("[data-drafted]");
    this.signing = [...form.querySelectorAll("[data-sign]")].map((root) => new Signing(root));
    this.seen = usable() ? sentTo(form.dataset.report, owner) : []; // before another page saves its own
    follow(form.querySelector("[data-place]"));
    ["input", "change"].forEach((name) => form.addEventListener(name, () => this.later()));
    form.addEventListener("submit", (event) => this.submit(event), { capture: true });
    document.addEventListener("unlocked", () => this.restore());
    addEventListener("pageshow", ({ persisted }) => { if (persisted) this.rest(false); });
  }

  async content() {
    const form = new FormData(this.form);
    form.delete("photos");
    this.photos?.blobs.forEach((blob, place) => form.append("photos", blob, `${place + 1}.jpg`));
    for (const field of this.signing) {
      if (field.signed) form.append(field.name, await field.image(), `${field.name}.png`);
    }
    return form;
  }

  // A draft is written when nothing was typed for a moment; never two at once, or they would pile up.
  later() {
    this.typed = true;
    this.mark = null;
    this.told.classList.add("invisible"); // its line stays, so that nothing moves under a thumb
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.writing ? this.later() : this.draft()), DRAFT_AFTER);
  }

  draft() {
    this.writing = this.write().finally(() => { this.writing = null; });
  }

  async write() {
    if (!key()) return;
    await change(["put", "drafts", { path, ...await seal(key(), await this.content()) }]);
    this.told.classList.remove("invisible");
  }

  // The draft comes back after a reload; so does a report that the server could not take.
  async restore() {
    const refused = (await unsent(owner)).find((record) => record.path === path && record.state === REFUSED);
    const sealed = (await one("drafts", path)) ?? refused;
    if (!sealed || this.typed) return;
    const content = await unseal(key(), sealed);
    for (const field of this.form.elements) this.fill(field, content);
    this.photos?.restore(content.getAll("photos"));
    for (const field of this.signing) {
      if (content.has(field.name)) await field.restore(content.get(field.name));
    }
    this.shown();
  }

  fill(field, content) {
    if (NOT_KEPT.has(field.name) || field.type === "file" || field.type === "hidden") return;
    if (field.type === "radio") field.checked = content.get(field.name) === field.value;
    else if (content.has(field.name)) field.value = content.get(field.name);
  }

  // One press makes one report: a second one meanwhile does nothing.
  async submit(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const gaps = this.gaps();
    if (gaps.length) return this.showGaps(gaps);
    if (this.saving) return;
    this.rest(true);
    try {
      await this.report();
    } catch (error) {
      this.rest(false);
      throw error;
    }
  }

  rest(saving) {
    this.saving = saving;
    document.querySelectorAll(`button[form="${this.form.id}"]`).forEach((button) => { button.disabled = saving; });
  }

  async report() {
    await known;
    await this.photos?.reading; // a slow phone may still be at the photo that was just taken
    clearTimeout(this.timer);
    await this.writing;
    const form = await this.content();
    form.delete("csrf_token");
    this.mark ??= fresh();
    form.set("idempotency_key", this.mark); // the same words sent again are the same report
    form.set("found_at", new Date().toISOString());
    const seen = await this.seen;
    seen.forEach((mark) => form.append("seen", mark));
    write(form);
    this.seen = [...seen, this.mark]; // a page that comes back by the back button corrects itself
    if (key()) {
      await save(key(), { owner, url: this.form.dataset.report, path, photos: this.photos?.blobs.length ?? 0, form });
      location.assign(LISTED);
    } else await this.sendAtOnce(form);
  }

  // Without a vault nothing can be kept, so it is sent now or stays in the form.
  async sendAtOnce(form) {
    try {
      const answer = await post(this.form.dataset.report, form, document.querySelector("meta[name=csrf-token]").content);
      const receipt = await answer.json();
      if (receipt.state === "received") location.assign(LISTED);
      else this.refuse(receipt.words);
    } catch {
      this.refuse(this.form.dataset.notSent);
    }
  }

  refuse(words) {
    this.rest(false);
    const place = this.form.querySelector("[data-refusal]");
    place.textContent = words;
    place.hidden = false;
    place.scrollIntoView({ block: "center" });
  }
}
