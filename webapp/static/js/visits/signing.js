// A field to sign in with a finger: [data-sign="inspector"] around a canvas and a button to clear.
export class Signing {
  constructor(root) {
    this.name = `signature-${root.dataset.sign}`;
    this.canvas = root.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.signed = false;
    this.erase();
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    root.querySelector("button").addEventListener("click", () => {
      this.erase();
      this.changed();
    });
    this.canvas.addEventListener("pointerup", () => this.changed());
  }

  point(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.canvas.width, ((event.clientY - top) / height) * this.canvas.height];
  }

  begin(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pen.beginPath();
    this.pen.moveTo(...this.point(event));
  }

  draw(event) {
    if (!this.canvas.hasPointerCapture(event.pointerId)) return;
    this.pen.lineTo(...this.point(event));
    this.pen.stroke();
    this.signed = true;
  }

  erase() {
    this.pen.fillStyle = "white";
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    Object.assign(this.pen, { lineWidth: 3, lineCap: "round", strokeStyle: "black" });
    this.signed = false;
  }

  changed() {
    this.canvas.dispatchEvent(new Event("change", { bubbles: true }));
  }

  image() {
    return new Promise((resolve) => { this.canvas.toBlob(resolve, "image/png"); });
  }

  async restore(blob) {
    this.pen.drawImage(await createImageBitmap(blob), 0, 0);
    this.signed = true;
  }
}
