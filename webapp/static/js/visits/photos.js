// Photos taken in the page: read, turned upright and made smaller on the phone, shown, taken away.
const EDGE = 2048; // pixels of the longer edge: a page of a ledger stays legible
const QUALITY = 0.85;
const MOST = 20;

export class Photos {
  constructor(field, previews, note) {
    Object.assign(this, { field, previews, note, blobs: [], reading: Promise.resolve() });
    field.addEventListener("change", () => {
      const files = [...field.files];
      this.reading = this.reading.then(() => this.take(files));
    });
  }

  async take(files) {
    this.field.value = "";
    this.say("");
    for (const file of files) {
      if (this.blobs.length >= MOST) this.say(this.note.dataset.many);
      else await this.add(file);
    }
    this.changed();
  }

  async add(file) {
    try {
      this.blobs.push(await smaller(file));
    } catch {
      this.say(this.note.dataset.unreadable.replace("{name}", file.name));
    }
  }

  restore(blobs) {
    this.blobs = blobs;
    this.show();
  }

  say(words) {
    this.note.textContent = words || this.note.dataset.usual;
    this.note.classList.toggle("not", Boolean(words));
  }

  changed() {
    this.show();
    this.field.form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    this.previews.querySelectorAll("img").forEach((image) => {
      URL.revokeObjectURL(image.src);
      image.closest(".pic").remove();
    });
    [...this.blobs].reverse().forEach((blob) => this.previews.prepend(this.frame(blob)));
  }

  frame(blob) {
    const frame = Object.assign(document.createElement("button"), { className: "pic", type: "button", title: this.previews.dataset.remove });
    const image = Object.assign(document.createElement("img"), { src: URL.createObjectURL(blob), alt: this.previews.dataset.remove, className: "w-100" });
    frame.append(image);
    frame.addEventListener("click", () => {
      this.blobs = this.blobs.filter((other) => other !== blob);
      this.changed();
    });
    return frame;
  }
}

async function smaller(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, EDGE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no image"))), "image/jpeg", QUALITY);
  });
}
